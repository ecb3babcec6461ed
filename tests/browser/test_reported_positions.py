"""Tests in a browser that a position heard of is traced to its source."""

from typing import Any

import pytest
from playwright.sync_api import Page

# Scripts and navigation are tested here. Other tests make the same queries on both databases.
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]

SOURCE = "IISD brief on the e-commerce JSI, February 2021, section 4.1, Table 2"


def test_the_source_of_indonesias_reported_opposition_is_three_clicks_away(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.goto(live_server.url)
    page.get_by_role("link", name="Positions that sources report").click()
    page.get_by_label("Words").fill("moratorium")
    page.get_by_label("Holder").select_option(label="Indonesia")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Against extending the moratorium.").click()
    page.get_by_role("heading", name="Indonesia: Customs duties on electronic transmissions").wait_for()
    assert SOURCE in page.locator("#source").inner_text()


def test_the_small_group_links_to_the_reported_positions_too(page: Page, live_server: Any, facts_on_disk: None) -> None:
    page.goto(live_server.url)
    page.get_by_role("link", name="Customs duties on electronic transmissions").first.click()
    page.get_by_role("link", name="Against extending the moratorium.").click()
    page.get_by_role("heading", name="Indonesia: Customs duties on electronic transmissions").wait_for()
    assert SOURCE in page.locator("#source").inner_text()


def test_the_list_works_without_javascript(browser: Any, live_server: Any, facts_on_disk: None) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server.url}/reported-positions/")
    page.get_by_label("Holder").select_option(label="some developed members")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("1 position, in the order of the issues.").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "Call for a permanent moratorium." in download.value.path().read_text(encoding="utf-8-sig")
    context.close()
