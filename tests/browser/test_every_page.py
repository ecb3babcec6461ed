"""Every page in a real browser: nothing wider than the screen, nothing against the policy, nothing axe objects to."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from issues.interchange import staging
from issues.interchange.reading import read_pasted
from issues.models import Revision
from members.models import Member
from tests.factories import DelegationFactory, UserFactory
from tests.pages.test_reading import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
# Cumulative layout shift; 0.1 counts as good (web.dev/cls), and nothing here need jump at all.
MOST_SHIFT = 0.02
SHIFT = """new Promise((answer) => {
  let shift = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) shift += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => answer(shift), 20);
})"""


def test_every_page_fits_both_screens_and_has_no_fault(page: Page, live_server: Any, facts_on_disk: None) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for address in PAGES:
        complaints += _faults(page, live_server.url + address)
    assert complaints == []


def test_by_night_every_page_has_enough_contrast_too(page: Page, live_server: Any, facts_on_disk: None) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1280, "height": 900})
    complaints: list[str] = []
    for address in PAGES:
        page.goto(live_server.url + address)
        complaints += _faults_at(page, "desktop, dark")
    assert complaints == []
    page.goto(live_server.url)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 31)"


def test_what_one_sees_signed_in_fits_both_screens_and_has_no_fault(
    page: Page, live_server: Any, facts_on_disk: None, client: Any
) -> None:
    user = UserFactory(username="alice")
    DelegationFactory(user=user, role="delegate", member=Member.objects.get(code="CAN"))
    DelegationFactory(user=user, role="secretariat")
    client.force_login(user)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    revision = Revision.objects.current().get(provision__slug="customs-duties")
    came_in = staging.stage(
        read_pasted("Article 1: Spam\n\nEach Party [VZ/CAN: shall] act [now.\n\nArticle 2: Codes\n\nNobody asks.\n"),
        staging.Origin("Rev.9", revision.made_on, "test"),
        negotiation=revision.provision.negotiation,
        actor=user,
    )
    for address in (
        "/imports/",
        f"/imports/{came_in.key}/",
        f"/imports/{came_in.key}/?show=all",
        "/provisions/customs-duties/log/",
        f"/provisions/customs-duties/?revision={revision.number}&at={revision.text.index('[')}",
        "/requests/",
        "/digests/",
        "/webhooks/",
        "/imports/",
        "/accounts/tokens/",
        "/small-groups/spam/state/",
        "/proposals/new/",
        "/provisions/customs-duties/history/",
    ):
        complaints += _faults(page, live_server.url + address)
    assert complaints == []


def _faults(page: Page, address: str) -> list[str]:
    found: list[str] = []
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        found += [*_jumps(page, name), *_faults_at(page, name)]
    return found


def _faults_here(page: Page) -> list[str]:
    """Return the faults of the page that is open, such as what a form answered."""
    found: list[str] = []
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        found += _faults_at(page, name)
    return found


def _jumps(page: Page, name: str) -> list[str]:
    """Return whether what one reads jumped while the page loaded; nothing may have been resized since."""
    shift = page.evaluate(SHIFT)
    return [f"{page.url} ({name}): what one reads jumps by {shift:.3f}"] if shift > MOST_SHIFT else []


def _faults_at(page: Page, name: str) -> list[str]:
    found: list[str] = []
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if overflow > 0:
        found.append(f"{page.url} is {overflow} pixels wider than a {name} screen")
    results = Axe().run(page)
    found += [
        f"{page.url} ({name}): {violation['id']}: {violation['nodes'][0]['html'][:120]}"
        for violation in results.response["violations"]
    ]
    return found
