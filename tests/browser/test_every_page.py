"""Tests that no page in a browser overflows the screen, violates the content security policy or fails axe checks."""

from typing import Any

import pytest
from playwright.sync_api import Page

from issues.interchange import staging
from issues.interchange.readers import read_pasted
from issues.models import Revision
from members.models import Member
from tests.browser.faults import complaints_of, faults, jumps
from tests.factories import DelegationFactory, UserFactory
from tests.pages.test_reading import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]

# The number of parts into which the pages are divided, so that parallel workers can share them.
PARTS = 6


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_fits_both_screen_sizes_and_is_accessible_in_light_and_dark_mode(
    page: Page, live_server: Any, facts_on_disk: None, part: int
) -> None:
    complaints = complaints_of(page)
    for address in PAGES[part::PARTS]:
        complaints += faults(page, live_server.url + address)
    assert complaints == []


def test_a_long_page_does_not_jump_on_a_slow_machine(page: Page, live_server: Any, facts_on_disk: None) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
    found: list[str] = []
    for address in ("/variants/?state=any&proponent=EU&section=B&order=oldest", "/members/?as_of=2020-06-30"):
        page.goto(live_server.url + address)
        found += jumps(page, "desktop, slow", most=0.001)
    assert found == []


@pytest.mark.parametrize("part", range(2))
def test_pages_of_logged_in_users_fit_both_screen_sizes_and_are_accessible(
    page: Page, live_server: Any, facts_on_disk: None, client: Any, part: int
) -> None:
    user = UserFactory(username="alice")
    DelegationFactory(user=user, role="delegate", member=Member.objects.get(code="CAN"))
    DelegationFactory(user=user, role="secretariat")
    client.force_login(user)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    revision = Revision.objects.current().get(provision__slug="customs-duties")
    came_in = staging.stage(
        read_pasted("Article 1: Spam\n\nEach Party [VZ/CAN: shall] act [now.\n\nArticle 2: Codes\n\nNobody asks.\n"),
        staging.Origin("Rev.9", revision.made_on, "test"),
        negotiation=revision.provision.negotiation,
        actor=user,
    )
    complaints = complaints_of(page)
    for address in (
        "/imports/",
        f"/imports/{came_in.key}/",
        f"/imports/{came_in.key}/?show=all",
        "/provisions/customs-duties/log/",
        f"/provisions/customs-duties/?revision={revision.number}&at={revision.text.index('[')}",
        "/requests/",
        "/digests/",
        "/webhooks/",
        "/accounts/tokens/",
        "/small-groups/spam/state/",
        "/proposals/new/",
        "/provisions/customs-duties/history/",
    )[part::2]:
        complaints += faults(page, live_server.url + address)
    assert complaints == []
