"""Tests in a browser of an analyst's work with dates, downloaded charts, filters and the French pages."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.pages.test_reading import PAGES

# Scripts and navigation are tested here. Other tests make the same queries on both databases.
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]


def test_the_selected_date_is_kept_from_page_to_page(page: Page, live_server: Any, facts_on_disk: None) -> None:
    page.goto(live_server.url)
    page.get_by_label("As of").fill("2020-12-07")
    page.get_by_role("button", name="Show").click()
    banner = page.get_by_text("You are viewing the record as of the end of 7 December 2020.")
    banner.wait_for()
    page.get_by_role("link", name="Consumer protection", exact=True).first.click()
    banner.wait_for()
    page.get_by_role("link", name="Members", exact=True).click()
    banner.wait_for()
    page.get_by_role("link", name="Indonesia").click()
    banner.wait_for()
    assert "as_of=2020-12-07" in page.url
    page.get_by_role("link", name="Back to 28 February 2021").click()
    page.get_by_role("heading", name="Indonesia").wait_for()
    assert "as_of" not in page.url
    assert banner.count() == 0


def test_a_chart_can_be_downloaded_as_svg_and_png(
    page: Page, live_server: Any, facts_on_disk: None, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{live_server.url}/convergence/")
    for kind, starts in (("SVG", b"<svg "), ("PNG", b"\x89PNG\r\n")):
        with page.expect_download() as taken:
            page.get_by_label(f"Open brackets, {kind}").click()
        assert taken.value.suggested_filename == f"open-brackets.{kind.lower()}"
        file = tmp_path / taken.value.suggested_filename
        taken.value.save_as(file)
        assert file.read_bytes().startswith(starts)
    width = int.from_bytes((tmp_path / "open-brackets.png").read_bytes()[16:20])
    assert width > 1000
    assert complaints == []


def test_variants_can_be_filtered_by_facets_whose_counts_match_the_list(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.goto(f"{live_server.url}/variants/")
    facet = page.locator("#facets a", has_text="C Trust and e-commerce")
    count = facet.locator(".count").inner_text()
    facet.click()
    page.get_by_text(f"{count} variants", exact=True).wait_for()
    further = page.locator("#facets a", has_text="United States").first
    count = further.locator(".count").inner_text()
    further.click()
    page.get_by_text(f"{count} variants", exact=True).wait_for()
    assert "section=C" in page.url
    assert "USA" in page.url


def test_the_title_of_the_list_of_variants_remains_when_the_facets_are_loaded(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.goto(f"{live_server.url}/variants/")
    page.locator("#facets a .count").first.wait_for()
    assert page.title() == "Variants · JSI tracker"


def test_labels_of_brackets_in_the_whole_text_are_visible_but_not_copied(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.goto(f"{live_server.url}/text/")
    copied, written, shown = page.evaluate("""() => {
      const text = [...document.querySelectorAll(".treaty")].find((part) => part.querySelector("[data-bracket]"));
      getSelection().selectAllChildren(text);
      const label = getComputedStyle(text.querySelector("[data-bracket]"), "::before").content;
      return [getSelection().toString(), text.textContent, label];
    }""")
    assert copied.strip() == written.strip()
    assert "¶" not in copied
    assert "¶2 [1]" in shown


def test_the_language_chosen_in_the_footer_is_kept(page: Page, live_server: Any, facts_on_disk: None) -> None:
    page.goto(f"{live_server.url}/convergence/")
    page.get_by_role("button", name="Français").click()
    page.get_by_text("Crochets ouverts").first.wait_for()
    assert page.url.endswith("/convergence/")
    assert page.locator("html").get_attribute("lang") == "fr"
    page.goto(f"{live_server.url}/members/")
    page.get_by_role("link", name="États-Unis").wait_for()
    page.get_by_role("button", name="English").click()
    page.get_by_role("link", name="United States").wait_for()


@pytest.mark.parametrize("language", ["fr", "es"])
def test_longer_words_fit_on_a_phone(page: Page, live_server: Any, facts_on_disk: None, language: str) -> None:
    page.set_extra_http_headers({"accept-language": language})
    page.set_viewport_size({"width": 390, "height": 844})
    wide = []
    for address in (address for address in PAGES if "?" not in address):
        page.goto(live_server.url + address, wait_until="domcontentloaded")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wide += [(address, over)] if over > 0 else []
    assert wide == []
