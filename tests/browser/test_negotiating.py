"""Tests that two delegates and a facilitator, each in a separate browser, bring an article to clean text."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page, expect

from issues.models import Provision, Revision
from tests.factories import (
    MemberFactory,
    provision_with,
)
from tests.people import client_of, delegate, facilitator_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = "Each Member shall [BRA: promptly] act [JPN: by post] / [BRA: by wire]."
Open = Callable[[Any], Page]


@pytest.fixture
def article() -> Provision:
    """Return an article with three brackets, two of which are alternatives."""
    for code, name in (("BRA", "Brazil"), ("CAN", "Canada"), ("JPN", "Japan")):
        MemberFactory(code=code, name=name)
    return provision_with(TEXT, slug="article", heading="Communication")


@pytest.fixture
def browser_of(browser: Any, live_server: Any, article: Provision) -> Iterator[Open]:
    """Return a function that opens the article in a separate browser in which a user is logged in."""
    contexts = []
    complaints: list[str] = []

    def open_page(user: Any) -> Page:
        client = Client()
        client.force_login(user)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        contexts.append(context)
        page: Page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/provisions/article/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def facilitator_of(provision: Provision) -> Any:
    return facilitator_at(provision.sub_issue)


def touch(page: Page, words: str) -> Any:
    """Press the opening mark of the innermost bracket with these words, and return its panel."""
    page.reload()
    page.locator(".treaty .bracket", has_text=words).last.locator("a.touch").first.click()
    panel = page.locator("section#panel")
    expect(panel).to_contain_text(words)
    return panel


def text() -> str:
    return Revision.objects.latest("number").text


def test_two_delegates_and_a_facilitator_turn_a_bracketed_article_into_clean_text(
    browser_of: Open, article: Provision
) -> None:
    canada, brazil = browser_of(delegate("CAN")), browser_of(delegate("BRA"))
    facilitator = browser_of(facilitator_of(article))

    panel = touch(canada, "promptly")
    expect(panel).to_contain_text("proposes Brazil")
    panel.get_by_role("button", name="Oppose Canada opposes “promptly”.").click()
    expect(canada.get_by_role("status")).to_contain_text("Logged as revision 2: Canada opposes “promptly”.")

    canada.get_by_label("Words to put in brackets").fill("act")
    canada.get_by_role("button", name="Choose").click()
    panel = canada.locator("section#panel")
    panel.get_by_text("Propose different wording").click()
    panel.get_by_label("Canada opposes these words and proposes instead").fill("act at once")
    panel.get_by_role("button", name="Propose").first.click()
    expect(canada.get_by_role("status")).to_contain_text("Canada")
    assert "[CAN oppose: act] [CAN: act at once]" in text()

    touch(brazil, "act at once").get_by_role("button", name="Support Brazil supports “act at once”").click()
    expect(brazil.get_by_role("status")).to_contain_text("Brazil supports “act at once”")
    panel = touch(canada, "promptly")
    panel.get_by_text("Ask the facilitator to …").click()
    panel.get_by_label("Drop the bracketed words").fill("We can live without it")
    panel.locator("form", has_text="Drop the bracketed words").get_by_role("button", name="Ask").click()
    asked = "Request sent to the facilitator on behalf of Canada: Dropped: “promptly”."
    expect(canada.get_by_role("status")).to_contain_text(asked)

    facilitator.get_by_role("link", name="Requests").click()
    expect(facilitator.get_by_role("article")).to_contain_text("We can live without it")
    facilitator.get_by_role("button", name="Accept").click()
    expect(facilitator.get_by_role("alert")).to_contain_text("These positions end: Brazil and Canada.")
    assert "promptly" in text()
    facilitator.get_by_role("button", name="Accept anyway").click()
    expect(facilitator.get_by_role("status")).to_contain_text("Accepted and logged as revision")
    facilitator.go_back()
    facilitator.goto(facilitator.url.split("/requests")[0] + "/provisions/article/")
    touch(facilitator, "act at once").get_by_role("button", name="Choose “act at once”").click()
    facilitator.get_by_role("button", name="Choose it anyway").click()
    expect(facilitator.get_by_role("status")).to_contain_text("Chosen among the alternatives")
    touch(facilitator, "by post").get_by_role("button", name="Choose “by post”").click()
    facilitator.get_by_role("button", name="Choose it anyway").click()

    assert text() == "Each Member shall act at once by post."
    expect(facilitator.get_by_text("No bracket is open.")).to_be_visible()
    canada.reload()
    expect(canada.locator(".treaty")).to_have_text("Each Member shall act at once by post.")
    canada.get_by_role("link", name="History (").click()
    expect(canada.locator("#revision-5")).to_contain_text("At the request of Canada: We can live without it")
    call_command("verify_record")


def test_selected_words_can_be_put_in_brackets(browser_of: Open) -> None:
    canada = browser_of(delegate("CAN"))
    box = canada.locator(".treaty").bounding_box()
    assert box is not None
    canada.mouse.dblclick(box["x"] + 8, box["y"] + 14)
    panel = canada.locator("section#panel")
    expect(panel).to_contain_text("“Each”")
    panel.get_by_role("button", name="Oppose Canada opposes “Each”.").click()
    expect(canada.get_by_role("status")).to_contain_text("Canada opposes “Each”")
    assert text().startswith("[CAN oppose: Each] Member")


def test_a_bracket_can_be_selected_and_answered_by_keyboard_alone(browser_of: Open) -> None:
    canada = browser_of(delegate("CAN"))
    canada.locator(".treaty a.touch").first.focus()
    canada.keyboard.press("Enter")
    panel = canada.locator("section#panel")
    expect(panel).to_be_focused()
    canada.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(canada.locator(".treaty a.touch").first).to_be_focused()
    canada.keyboard.press("Enter")
    expect(panel).to_be_focused()
    for _ in range(20):
        canada.keyboard.press("Tab")
        if "Oppose" in canada.evaluate("document.activeElement.innerText"):
            break
    canada.keyboard.press("Enter")
    expect(canada.get_by_role("status")).to_contain_text("Canada opposes “promptly”")


def test_the_bracket_panel_and_its_forms_work_without_javascript(
    browser: Any, live_server: Any, article: Provision
) -> None:
    client = client_of(delegate("CAN"))
    context = browser.new_context(java_script_enabled=False)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/provisions/article/")
    page.locator(".treaty a.touch").nth(1).click()
    panel = page.locator("section#panel")
    expect(panel).to_contain_text("by post")
    panel.get_by_role("button", name="Reserve Canada reserves its position on “by post”").click()
    expect(page.get_by_role("status")).to_contain_text("Canada reserves its position on “by post”")
    context.close()
