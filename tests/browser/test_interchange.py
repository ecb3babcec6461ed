"""Tests in a browser of importing and exporting a Word file with brackets, changes and a comment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from issues.interchange.readers import read_file
from issues.models import Provision
from members.models import Member
from tests.browser.test_logging_a_change import PASSWORD
from tests.factories import DelegationFactory, UserFactory
from tests.interchange.documents import revised

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def signed_in(page: Page, live_server: Any, facts_on_disk: None) -> Callable[[str], None]:
    """Log in as the secretariat, and return a function that opens a page."""
    DelegationFactory(user=UserFactory(username="sec", password=PASSWORD), role="secretariat", member=None)
    page.goto(f"{live_server.url}/login/")
    page.get_by_label("User name").fill("sec")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    return lambda address: page.goto(f"{live_server.url}{address}") and None


def test_a_word_file_is_imported_reviewed_logged_and_exported_with_tracked_changes(
    page: Page, signed_in: Callable[[str], None], tmp_path: Path
) -> None:
    provision = Provision.objects.get(heading="Domestic framework for electronic transactions")
    before = provision.revisions.latest("number")
    file = tmp_path / "rev1.docx"
    file.write_bytes(revised(provision.heading, before.text))

    signed_in("/imports/")
    page.locator("#id_file").set_input_files(file)
    page.get_by_label("Source").fill("INF/ECOM/62/Rev.9")
    page.get_by_role("button", name="Read the text").click()
    expect(page.get_by_role("group", name="Changes by Canada")).to_be_visible()
    page.get_by_role("button", name="Divide into provisions").click()

    card = page.locator("#row-1")
    expect(card).to_contain_text("Canada opposes “shall”")
    expect(card.get_by_text("Japan: delete")).to_be_visible()
    card.get_by_role("button", name="Add as a position: JPN oppose").click()
    expect(card).to_contain_text("Japan opposes “in force”")
    card.get_by_role("button", name="Accept").click()
    page.get_by_role("button", name="Log accepted provisions (1)").click()
    expect(page.get_by_role("status")).to_contain_text("1 revision was logged")

    now = provision.revisions.latest("number")
    assert now.number == before.number + 1
    assert "[CAN oppose: shall][CAN propose: should]" in now.text
    assert "[JPN oppose: in force]" in now.text

    signed_in("/export/")
    page.get_by_label("Show changes since (end of day)").fill(before.made_on.isoformat())
    page.get_by_label("Provision").select_option(provision.slug)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    waiting.value.save_as(tmp_path / "out.docx")
    draft = read_file("out.docx", (tmp_path / "out.docx").read_bytes())
    inserted_now = "".join(one.text for row in draft.paragraphs for one in row.runs if one.change == "inserted")
    assert "JPN oppose" in inserted_now
    assert Member.objects.filter(code="JPN").exists()
