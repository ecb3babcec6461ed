"""Tests that pages can be read on paper: on A4, without colour and backgrounds, each sheet on its own."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.printed import printed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]

# The most sheets that a page may take: what it took when this was written, and about a fifth more for other fonts.
MOST_SHEETS = {
    "/": 4,
    "/?as_of=2020-12-07": 4,
    "/text/": 20,
    "/text/?mode=members&member=CAN&silence=drop": 15,
    "/provisions/customs-duties/": 3,
    "/provisions/customs-duties/history/": 3,
    "/small-groups/customs-duties/": 5,
    "/issues/": 3,
    "/issues/B.3/": 4,
    "/sub-issues/B.2.a/": 3,
    "/standing/": 3,
    "/standing/?member=USA&with=CHN": 5,
    "/convergence/": 2,
    "/members/IDN/": 4,
    "/members/": 5,
    "/compare/?start=2020-10-31&small_group=consumer-protection": 3,
    "/compare/?provision=customs-duties&old=2&new=5": 2,
    "/variants/?section=B&state=any": 7,
    "/landing/": 8,
    "/activity/": 6,
    "/proposals/": 3,
    "/proposals/e-commerce-programme-for-development/": 1,
    "/calendar/": 3,
    "/meetings/2021-02-05-first-plenary-of-2021/": 4,
    "/documents/": 3,
    "/documents/inf-ecom-62-rev-1/": 1,
    "/lenses/msme/": 3,
    "/definitions/": 3,
}
# The width between the margins of an A4 sheet, in pixels: 180 mm at 96 pixels an inch.
PRINTED_WIDTH = 680
# The number of parts into which the pages are divided, so that parallel workers can share them.
PARTS = 4

# Boxes beyond the margin. A blank at the end of a line may hang over by its own width.
TOO_WIDE = """(width) => [...document.body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width && box.height && (box.right > width + 8 || box.left < -1);
  }).map((element) => element.outerHTML.slice(0, 90))"""
ONLY_ON_SCREEN = """() => [...document.querySelectorAll(
    "header.top, nav.contents, .facets, form.filters, form.day, button, input, select, a[href*='login']")]
  .filter((element) => element.getClientRects().length)
  .map((element) => element.outerHTML.slice(0, 90))"""
# The style of the line under the first bracket of each kind in the legend.
LINES = """() => Object.fromEntries(["proposed", "opposed", "disputed", "reserved", "bare"].map((kind) => {
    const { borderBottomStyle, borderBottomColor, backgroundColor } =
      getComputedStyle(document.querySelector(`.legend .bracket.${kind}`));
    return [kind, [borderBottomStyle, borderBottomColor, backgroundColor]];
  }))"""
STANCES = """() => Object.fromEntries([...document.querySelectorAll(".stance")].map((stance) => {
    const { color, fontWeight, fontStyle, textDecorationLine } = getComputedStyle(stance);
    return [stance.textContent.trim(), [color, fontWeight, fontStyle, textDecorationLine].join(" ")];
  }))"""


@pytest.mark.parametrize("part", range(PARTS))
def test_each_page_fills_the_width_of_a_few_sheets(
    page: Page, live_server: Any, facts_on_disk: None, part: int
) -> None:
    complaints: list[str] = []
    for address, most in list(MOST_SHEETS.items())[part::PARTS]:
        page.goto(live_server.url + address)
        sheets = printed(page)
        first = sheets[0].body
        if len(sheets) > most:
            complaints.append(f"{address} takes {len(sheets)} sheets")
        if first.share_of_width < 0.8:
            complaints.append(f"{address} uses {first.share_of_width:.0%} of the width")
        if len(sheets) > 1 and first.share_of_height < 0.7:
            complaints.append(f"{address} uses {first.share_of_height:.0%} of the height of the first sheet")
        if not all(sheet.body.characters for sheet in sheets):
            complaints.append(f"{address} has a blank sheet")
    assert complaints == []


def test_each_sheet_has_its_number_url_and_dates_in_the_footer(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.clock.set_fixed_time("2021-03-09T12:00:00Z")
    page.goto(f"{live_server.url}/members/?as_of=2020-12-07#main")
    sheets = printed(page)
    assert len(sheets) > 1
    for number, sheet in enumerate(sheets, 1):
        assert f"{live_server.url}/members/?as_of=2020-12-07" in sheet.foot
        assert f"{number} / {len(sheets)}" in sheet.foot
        assert "as of 7 December 2020 · printed on 9 March 2021" in sheet.foot
        assert "not an official WTO record" in sheet.foot
        assert "#main" not in sheet.foot


def test_the_footer_states_the_date_of_the_facts_and_what_is_invented(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.goto(f"{live_server.url}/provisions/customs-duties/")
    for sheet in printed(page):
        assert "facts collected up to 28 February 2021" in sheet.foot
        assert "Demonstration: the text and the positions are invented" in sheet.foot
    page.goto(f"{live_server.url}/definitions/")
    assert "Demonstration" not in printed(page)[0].foot


def test_the_footer_is_in_the_language_of_the_page(browser: Any, live_server: Any, facts_on_disk: None) -> None:
    context = browser.new_context(locale="fr")
    page = context.new_page()
    page.clock.set_fixed_time("2021-03-09T12:00:00Z")
    page.goto(f"{live_server.url}/provisions/customs-duties/?as_of=2020-12-07")
    foot = printed(page)[0].foot
    context.close()
    assert "7 décembre 2020" in foot
    assert "imprimé le 9 mars 2021" in foot


def test_without_scripts_the_notes_of_the_footer_are_at_the_end_of_the_last_sheet(
    browser: Any, live_server: Any, facts_on_disk: None
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/text/")
    sheets = printed(page)
    context.close()
    assert f"1 / {len(sheets)}" in sheets[0].foot
    assert "facts collected up to 28 February 2021" in sheets[-1].body.text
    assert "The absence of brackets does not mean agreement" in sheets[-1].body.text


def test_table_headers_are_repeated_on_each_sheet(page: Page, live_server: Any, facts_on_disk: None) -> None:
    page.goto(f"{live_server.url}/members/")
    for sheet in printed(page):
        assert re.search(r"Member\W*Code\W*Region", sheet.body.text)


def test_printed_charts_include_the_note_about_invented_data(page: Page, live_server: Any, facts_on_disk: None) -> None:
    for address in ("/standing/", "/small-groups/customs-duties/", "/convergence/"):
        page.goto(live_server.url + address)
        drawings = page.locator("svg.plot, svg.matrix, svg.plane").count()
        text = " ".join(sheet.body.text for sheet in printed(page))
        assert drawings > 1
        assert text.count("the text and the positions are invented") == drawings


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_extends_beyond_the_sheet_and_controls_are_not_printed(
    page: Page, live_server: Any, facts_on_disk: None, part: int
) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PRINTED_WIDTH, "height": 973})
    complaints: list[str] = []
    for address in list(MOST_SHEETS)[part::PARTS]:
        page.goto(live_server.url + address)
        complaints += [f"{address} prints too wide: {html}" for html in page.evaluate(TOO_WIDE, PRINTED_WIDTH)]
        complaints += [f"{address} prints {html}" for html in page.evaluate(ONLY_ON_SCREEN)]
    assert complaints == []


def test_the_banners_about_invented_data_and_the_selected_date_are_printed(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.goto(f"{live_server.url}/provisions/customs-duties/?as_of=2020-12-07")
    text = printed(page)[0].body.text
    assert "You are viewing the record as of the end of 7 December 2020." in text
    assert "Back to today" not in text
    assert "The real text is restricted." in text


def test_kinds_of_brackets_can_be_distinguished_without_colour_and_background(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.emulate_media(media="print")
    page.goto(f"{live_server.url}/text/")
    lines = page.evaluate(LINES)
    assert {background for *_, background in lines.values()} == {"rgba(0, 0, 0, 0)"}
    assert len({(style, colour) for style, colour, _ in lines.values()}) == len(lines)
    assert {lines[kind][0] for kind in ("proposed", "opposed", "disputed", "reserved")} == {
        "solid",
        "dashed",
        "double",
        "dotted",
    }


def test_stances_are_printed_as_words_that_can_be_distinguished_without_colour(
    page: Page, live_server: Any, facts_on_disk: None
) -> None:
    page.emulate_media(media="print")
    page.goto(f"{live_server.url}/variants/?section=B&state=any")
    stances = page.evaluate(STANCES)
    kinds = ("proposes", "supports", "opposes", "reserves")
    assert {kind: stances[kind] for kind in kinds if kind not in stances} == {}
    assert len({stances[kind] for kind in kinds}) == len(kinds)
    assert all(style.startswith("rgb(0, 0, 0)") for style in stances.values())
