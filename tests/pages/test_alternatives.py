"""Tests that the panel shows a row for each alternative, with its text, its supporters and the available actions."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from issues.models import Position, Provision, Revision, Variant
from tests.factories import (
    provision_with,
)
from tests.people import take_part

pytestmark = pytest.mark.django_db

LONG = "the Parties shall endeavour to publish each of these measures promptly on the internet where that is feasible"
TEXT = f"Each Member protects [suppliers/persons who trade] and [JPN: {LONG}] / [so be it]."
OPTIONS = "Option 1: it acts [BRA: at once] there.\nOption 2: [JPN: it waits.]"
AT = TEXT.index("[suppliers")


@pytest.fixture(autouse=True)
def provision() -> Provision:
    take_part("BRA", "CAN", "JPN")
    return provision_with(TEXT, slug="article")


def rows_of(client: Client, at: int, slug: str = "article", **asked: Any) -> list[str]:
    """Return the rows of the panel as HTML."""
    page = client.get(f"/provisions/{slug}/", {"revision": 1, "at": at, **asked}).content.decode()
    return re.findall(r'<li class="alternative.*?(?=<li class="alternative|</ol>)', page, re.DOTALL)


def said(html: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", html).split()))


def pressed(client: Client, row: str, label: str, slug: str = "article") -> Any:
    """Send the form in the row whose button begins with `label`, as a browser without JavaScript would."""
    form = next(form for form in re.findall(r"<form.*?</form>", row, re.DOTALL) if said(form).startswith(label))
    sent = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    return client.post(f"/provisions/{slug}/operations/", sent)


def test_each_alternative_inside_a_bracket_has_a_row_with_its_words_and_three_buttons(canada: Client) -> None:
    rows = [said(row) for row in rows_of(canada, AT)]
    assert [row.split("”")[0] for row in rows] == ["“suppliers", "“persons who trade"]
    for label, verb in (("Support", "supports"), ("Oppose", "opposes"), ("Reserve", "reserves its position on")):
        assert all(label in row for row in rows)
        assert f"Canada {verb} “persons who trade”." in rows[1]
    assert "are now in separate brackets" in rows[0]


@pytest.mark.parametrize(
    ("number", "becomes"),
    [
        (0, "[CAN support: suppliers] / [persons who trade]"),
        (1, "[suppliers] / [CAN support: persons who trade]"),
    ],
)
def test_one_click_supports_an_alternative(canada: Client, number: int, becomes: str) -> None:
    words = ("suppliers", "persons who trade")[number]
    answer = pressed(canada, rows_of(canada, AT)[number], "Support")
    assert answer.status_code == 302
    assert Revision.objects.latest("number").text == TEXT.replace("[suppliers/persons who trade]", becomes)
    assert [(one.variant.text, one.stance) for one in Position.objects.filter(member__code="CAN")] == [
        (words, "support")
    ]
    # The panel stays at the alternative that was pressed, and the other alternative is unchanged.
    page = said(re.sub(r"(?s)^.*?(<section id=.panel)", r"\1", canada.get(answer.url).content.decode()))
    assert f"Canada supports “{words}”" in page
    assert Variant.objects.filter(closed_in=None, opened_in__number=1).count() == 4


def test_the_row_of_an_alternative_shows_its_positions_with_their_dates(client: Client, canada: Client) -> None:
    pressed(canada, rows_of(canada, AT)[1], "Oppose")
    text = Revision.objects.latest("number").text
    rows = [said(row) for row in rows_of(client, text.index("[suppliers"), revision=2)]
    assert re.search(r"opposes Canada since \d", rows[1])
    assert not any("Support" in row for row in rows)
    rows = [said(row) for row in rows_of(client, text.index("[CAN"), revision=2)]
    assert "Nobody is named at this bracket" in rows[0]


def test_alternatives_in_separate_brackets_have_rows_too(canada: Client) -> None:
    at = TEXT.index("[so be it]")
    rows = rows_of(canada, at)
    assert "proposes Japan since" in said(rows[0])
    assert "touched" in rows[1].split(">")[0]
    assert "touched" not in rows[0].split(">")[0]
    assert pressed(canada, rows[0], "Oppose").status_code == 302
    assert f"[JPN propose; CAN oppose: {LONG}]" in Revision.objects.latest("number").text


def test_a_facilitators_buttons_show_the_words_that_they_would_choose(facilitator: Client) -> None:
    inside = rows_of(facilitator, AT)
    assert [re.findall("Choose “[^”]*”", said(row)) for row in inside] == [
        ["Choose “suppliers”"],
        ["Choose “persons who trade”"],
    ]
    assert 'title="' not in inside[0]
    beside = rows_of(facilitator, TEXT.index("[JPN"))
    assert "Choose “the Parties shall endeavour" in said(beside[0])
    assert f'title="{LONG}"' in beside[0]  # the part that the label omits
    assert "Support" not in said(beside[0])
    pressed(facilitator, inside[1], "Choose")
    assert "protects persons who trade and" in Revision.objects.latest("number").text


def test_a_delegate_can_ask_for_an_alternative_to_be_chosen(canada: Client) -> None:
    page = said(canada.get("/provisions/article/", {"revision": 1, "at": AT}).content.decode())
    assert "Ask the facilitator to …" in page
    assert "Choose “suppliers” Chosen among the alternatives: “suppliers”." in page
    assert "Choose “persons who trade” Dropped: “suppliers”." in page


def test_selecting_the_label_of_an_option_shows_its_positions(client: Client, canada: Client) -> None:
    provision_with(OPTIONS, slug="options")
    page = said(client.get("/provisions/options/", {"revision": 1, "at": 0}).content.decode())
    assert "No position on this option as a whole." in page
    assert "In this option “at once” Brazil: proposes" in page
    second = client.get("/provisions/options/", {"revision": 1, "at": OPTIONS.index("Option 2")}).content.decode()
    assert "proposes Japan since 4 January 2021" in said(second)
    rows = rows_of(canada, 0, "options")
    assert len(rows) == 2
    assert "proposes Japan" in said(rows[1])


def test_a_position_on_an_option_can_be_taken_and_withdrawn_in_its_row(canada: Client) -> None:
    provision_with(OPTIONS, slug="options")
    of_options = Revision.objects.filter(provision__slug="options")
    assert pressed(canada, rows_of(canada, 0, "options")[0], "Support", "options").status_code == 302
    assert of_options.latest("number").text == OPTIONS.replace(
        "it acts [BRA: at once] there.", "[CAN support: it acts [BRA: at once] there.]"
    )
    page = canada.get("/provisions/options/", {"revision": 2, "at": 0}).content.decode()
    assert "supports Canada since" in said(page)
    rows = rows_of(canada, 0, "options", revision=2)
    assert pressed(canada, rows[0], "Withdraw the bracket", "options").status_code == 302
    assert of_options.latest("number").text == OPTIONS
    assert pressed(canada, rows_of(canada, 0, "options", revision=3)[1], "Oppose", "options").status_code == 302
    assert of_options.latest("number").text == OPTIONS.replace("[JPN: it", "[JPN propose; CAN oppose: it")


def test_alternatives_on_a_past_date_are_read_only(canada: Client) -> None:
    rows = rows_of(canada, AT, as_of="2021-02-01")
    assert [said(row).split("”")[0] for row in rows] == ["“suppliers", "“persons who trade"]
    assert "<form" not in "".join(rows)


def test_a_long_list_of_alternatives_shows_the_first_ones_and_the_selected_one(
    canada: Client, django_assert_max_num_queries: Any
) -> None:
    text = "[" + "/".join(f"words number {number}" for number in range(60)) + "]"
    provision_with(text, slug="many")
    at = text.index("words number 50")
    with django_assert_max_num_queries(60):
        rows = rows_of(canada, at, "many")
    assert len(rows) == 13
    assert "words number 50" in said(rows[-1])
    page = said(canada.get("/provisions/many/", {"revision": 1, "at": at}).content.decode())
    assert "… and 47 more. Select them in the text." in page
