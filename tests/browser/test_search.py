"""Tests of the search in a browser, by keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]


def test_a_misspelled_query_leads_to_the_page_by_keyboard_alone(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.goto(f"{live_server.url}/")
    page.keyboard.press("/")
    expect(page.locator("#search-box")).to_be_focused()
    page.keyboard.type("moratorum")
    page.keyboard.press("Enter")
    expect(page.locator("mark", has_text="moratorium").first).to_be_visible()
    assert page.locator("#search-box").input_value() == "moratorum"
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowDown")
    first = page.locator("[data-result]").first
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    path = str(first.get_attribute("href"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")


def test_the_shortcut_keys_are_ignored_while_the_reader_types_in_a_field(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.goto(f"{live_server.url}/documents/")
    field = page.locator("#id_q")
    field.focus()
    page.keyboard.type("INF/ECOM")
    assert field.input_value() == "INF/ECOM"
    page.keyboard.press("Control+K")
    expect(page.locator("#search-box")).to_be_focused()


def test_the_search_box_works_without_scripts_and_with_the_tab_key(
    browser: Any, live_server: Any, facts_on_disk: None
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/?as_of=2020-12-07")
    page.locator("#search-box").fill("C.1.a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=C.1.a&as_of=2020-12-07")
    page.locator("[data-result]").first.press("Enter")
    page.wait_for_url("**/sub-issues/C.1.a/**")
    context.close()
