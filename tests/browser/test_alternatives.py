"""Tests in a browser of positions on one alternative, on a desktop, on a phone and without JavaScript."""

import os
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from issues.models import Revision
from tests.factories import provision_with
from tests.people import client_of, delegate, take_part

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = "Each Member protects [suppliers/persons who trade] and [JPN: all of the users of its services] / [so be it]."
OPTIONS = "Option 1: it acts [BRA: at once] there.\nOption 2: [JPN: it waits.]"
WAYS = {
    "at a desk": {"viewport": {"width": 1280, "height": 900}},
    "on a phone": {"viewport": {"width": 390, "height": 800}},
    "without JavaScript": {"viewport": {"width": 390, "height": 800}, "java_script_enabled": False},
}


@pytest.fixture
def page(browser: Any, live_server: Any, request: Any) -> Any:
    """Yield a page with the provision, opened by a delegate of Canada."""
    take_part("BRA", "CAN", "JPN")
    provision_with(TEXT, slug="article", heading="Persons")
    provision_with(OPTIONS, slug="options", heading="Options")
    client = client_of(delegate("CAN"))
    context = browser.new_context(**request.param)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    opened: Page = context.new_page()
    opened.goto(f"{live_server.url}/provisions/article/")
    yield opened
    context.close()


def photographed(page: Page, name: str) -> None:
    """Save a screenshot if PICTURES names a directory."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.parametrize("page", WAYS.values(), ids=WAYS, indirect=True)
def test_a_delegate_supports_one_alternative_and_one_option(page: Page, request: Any) -> None:
    page.locator(".treaty .bracket", has_text="suppliers").locator("a.touch").first.click()
    panel = page.locator("section#panel")
    rows = panel.locator(".alternative")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("“persons who trade”")
    photographed(page, request.node.callspec.id.replace(" ", "-"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    rows.nth(1).get_by_role("button", name="Oppose").click()
    expect(page.locator("section#panel")).to_contain_text("Canada opposes “persons who trade”.")
    expect(page.locator("section#panel .alternative.touched")).to_contain_text("persons who trade")
    expect(page.locator("section#panel")).to_contain_text("opposes Canada")
    assert "[suppliers] / [CAN oppose: persons who trade]" in Revision.objects.latest("number").text

    page.goto(page.url.split("/provisions/")[0] + "/provisions/options/")
    page.locator(".treaty a.touch", has_text="Option 1").click()
    expect(panel).to_contain_text("In this option")
    expect(panel).to_contain_text("“at once” Brazil: proposes")
    photographed(page, "option-" + request.node.callspec.id.replace(" ", "-"))
    panel.locator(".alternative").nth(0).get_by_role("button", name="Support").click()
    expect(page.locator("section#panel")).to_contain_text("supports Canada")
    stands = Revision.objects.filter(provision__slug="options").latest("number").text
    assert stands == OPTIONS.replace("it acts [BRA: at once] there.", "[CAN support: it acts [BRA: at once] there.]")
