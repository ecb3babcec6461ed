"""A reader follows a line of an exported table to the bracket, and copies its citation."""

import csv
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

# Scripts and navigation are tested here. Other tests make the same queries on both databases.
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]

PERMANENT = "The undertaking in paragraph 1 is permanent."


def test_a_row_of_the_variants_table_links_to_the_bracket_which_is_highlighted_and_focused(
    page: Page, live_server: Any, facts_on_disk: None, tmp_path: Path
) -> None:
    page.goto(f"{live_server.url}/variants/?q=permanent")
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="CSV").first.click()
    file = tmp_path / "variants.csv"
    downloaded.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        row = next(
            row for row in csv.DictReader(lines) if row["text"] == "The undertaking in paragraph 1 is permanent."
        )
    assert row["label"] == "B.3 ¶3 [1]"
    page.goto(row["permalink"])
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{row['label']} in revision {row['label_revision']}")
    bracket = page.locator(".bracket.touched")
    expect(bracket).to_have_count(1)
    expect(bracket).to_contain_text(row["text"])
    expect(bracket).to_be_in_viewport()
    expect(bracket.locator("> a.mark")).to_be_focused()


def test_a_button_copies_the_citation_of_a_bracket(page: Page, live_server: Any, facts_on_disk: None) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/provisions/customs-duties/brackets/1-128/")
    page.get_by_role("button", name="Copy citation").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("“[")
    assert f"{live_server.url}/provisions/customs-duties/brackets/1-128/" in copied
    assert "SHA-256 " in copied
