"""Tests in a browser that an accidental click can be undone in the same place without changing any dates."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page, expect

from issues.models import Provision, Revision
from tests.factories import (
    FacilitatorFactory,
    MemberFactory,
    SmallGroupFactory,
    UserFactory,
    provision_with,
)
from tests.people import delegate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SINCE = datetime.date(2020, 2, 12)
TEXT = "Each Party shall [CAN support; BRA oppose: promptly publish] its laws."
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture
def article() -> Provision:
    """Return a provision with positions of Canada and Brazil since 12 February 2020, followed by long base text."""
    for code, name in (("CAN", "Canada"), ("BRA", "Brazil")):
        MemberFactory(code=code, name=name)
    paragraphs = "".join(f"\n\n{number}. Each Party shall keep its word." for number in range(1, 40))
    return provision_with(TEXT + paragraphs, slug="article", heading="Publishing", days=[SINCE])


@pytest.fixture
def open_page(browser: Any, live_server: Any, article: Provision) -> Iterator[Callable[..., Page]]:
    """Return a function that opens the provision in a browser in which a user is logged in."""
    contexts = []

    def go(user: Any, **given: Any) -> Page:
        client = Client()
        client.force_login(user)
        context = browser.new_context(**given)
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page: Page = context.new_page()
        page.goto(f"{live_server.url}/provisions/article/")
        return page

    yield go
    for context in contexts:
        context.close()


def touch(page: Page) -> Any:
    page.locator(".treaty a.touch").first.click()
    return page.locator("section#panel")


def stands_as_before(page: Page) -> None:
    panel = page.locator("section#panel")
    expect(panel).to_contain_text("Canada since 12 February 2020")
    expect(panel).to_contain_text("Brazil since 12 February 2020")
    expect(panel).to_contain_text("Open since 12 February 2020")
    expect(page.locator("table.stands")).to_contain_text("12 Feb 2020")


@pytest.mark.parametrize("with_javascript", [True, False])
@pytest.mark.parametrize("viewport", [DESKTOP, pytest.param(PHONE, marks=pytest.mark.once)], ids=["desktop", "phone"])
def test_canada_undoes_a_mistaken_opposition_and_its_support_dates_from_12_february_2020(
    open_page: Callable[..., Page], viewport: dict[str, int], with_javascript: bool
) -> None:
    canada = delegate("CAN")
    page = open_page(canada, viewport=viewport, java_script_enabled=with_javascript)
    touch(page).get_by_role("button", name="Oppose Canada").click()
    said = page.locator("section#panel").get_by_role("status")
    expect(said).to_contain_text("Logged as revision 2")
    expect(said.get_by_role("button", name="Undo")).to_be_in_viewport()
    if viewport is PHONE and with_javascript:
        bracket, sheet = page.locator(".treaty .touched").bounding_box(), page.locator("section#panel").bounding_box()
        assert bracket is not None
        assert sheet is not None
        assert 0 <= bracket["y"] < sheet["y"]
    said.get_by_role("button", name="Undo").click()
    expect(page.locator("section#panel").get_by_role("status")).to_contain_text("Undone: revision 2.")
    stands_as_before(page)

    page.goto(page.url.partition("?")[0])
    touch(page)
    stands_as_before(page)
    page.get_by_role("link", name="History (").click()
    expect(page.locator("#revision-2")).to_contain_text("Canada")
    expect(page.locator("#revision-3")).to_contain_text("Undoes revision 2")
    assert Revision.objects.get(number=3).text == Revision.objects.get(number=1).text
    call_command("verify_record")


def test_a_bracket_restored_after_a_mistaken_lift_is_open_since_12_february_2020(
    open_page: Callable[..., Page], article: Provision
) -> None:
    group = SmallGroupFactory(negotiation=article.negotiation)
    group.sub_issues.add(article.sub_issue)
    page = open_page(FacilitatorFactory(small_group=group, user=UserFactory()).user, viewport=DESKTOP)
    touch(page).get_by_role("button", name="Lift the bracket").click()
    expect(page.locator("section#panel")).to_contain_text("These positions end: Canada and Brazil.")
    page.get_by_role("button", name="Lift it anyway").click()
    expect(page.get_by_role("status")).to_contain_text("Logged as revision 2")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Undone: revision 2.")
    stands_as_before(page)
    call_command("rebuild_index")
    page.reload()
    stands_as_before(page)
