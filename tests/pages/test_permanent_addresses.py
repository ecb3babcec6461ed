"""Tests that the permanent URL of a bracket leads to the bracket or states how it ended."""

import datetime
from typing import Any

import pytest
from django.test import Client

from issues.models import Provision
from issues.web import bracket_links
from tests.factories import provision_with
from tests.pages.test_bracket_actions import delegate, panel_of
from tests.pages.test_reading import text_of
from tests.people import take_part

pytestmark = pytest.mark.django_db

DAYS = [datetime.date(2020, month, 1) for month in (9, 10, 11, 12)]
FIRST = "Each Party shall [CAN: promptly] act [BRA: by registered post] in writing."
AT, POST = FIRST.index("[CAN"), FIRST.index("[BRA")


@pytest.fixture(autouse=True)
def _parties() -> None:
    take_part("BRA", "CAN", "JPN")


def text(*texts: str) -> Provision:
    return provision_with(*texts, days=DAYS[: len(texts)], slug="acts")


def touch(client: Client, **asked: Any) -> str:
    return panel_of(client.get("/provisions/acts/", asked))


def test_the_address_of_a_bracket_leads_to_its_current_place(client: Client) -> None:
    now = "In this article, each Party shall [CAN propose; JPN oppose: promptly] act in writing."
    text(FIRST, "In this article, " + FIRST.replace("Each", "each"), now)
    page = client.get("/provisions/acts/", {"revision": 1, "at": AT})
    shown = panel_of(page)
    assert "Selected in revision 1, shown as in revision 3." in shown
    assert "“promptly” proposes Canada since 1 September 2020 opposes Japan since 1 November 2020" in shown
    assert "Open since 1 September 2020, revision 1" in shown
    assert f'touched" id="at-{now.index("[CAN")}"' in page.content.decode()


def test_a_button_on_a_followed_bracket_applies_to_the_displayed_text() -> None:
    text(FIRST, "In this article, " + FIRST)
    page = delegate("JPN").get("/provisions/acts/", {"revision": 1, "at": AT}).content.decode()
    assert '<input type="hidden" name="revision" value="2">' in page
    assert f'<input type="hidden" name="at" value="{AT + len("In this article, ")}">' in page


@pytest.mark.parametrize(
    ("first", "later", "mark", "said"),
    [
        (FIRST, FIRST.replace("[CAN: promptly]", "promptly"), "[CAN", "This bracket was lifted in revision 2,"),
        (FIRST, FIRST.replace("[CAN: promptly] ", ""), "[CAN", "This bracket was dropped in revision 2,"),
        (
            "It acts [by post] / [by wire] now.",
            "It acts by post now.",
            "[by post",
            "were chosen among the alternatives",
        ),
        (
            "It acts [CAN: by registered post] / [BRA: by wire] now.",
            "It acts [CAN, BRA: by registered post or by wire] now.",
            "[BRA",
            "This bracket was merged into another bracket in revision 2,",
        ),
        (
            FIRST,
            FIRST.replace("registered post", "registered airmail post"),
            "[BRA",
            "This bracket was reworded in revision 2,",
        ),
    ],
)
def test_the_address_of_an_ended_bracket_states_how_when_and_in_which_revision_it_ended(
    client: Client, first: str, later: str, mark: str, said: str
) -> None:
    text(first, later, later + " And so on.")
    page = client.get("/provisions/acts/", {"revision": 1, "at": first.index(mark)})
    assert said in panel_of(page)
    assert "on 1 October 2020" in panel_of(page)
    assert 'href="/provisions/acts/history/?page=1#revision-2"' in page.content.decode()


def test_the_address_of_a_reworded_bracket_leads_to_its_successor(client: Client) -> None:
    second = FIRST.replace("registered post", "registered airmail post")
    text(FIRST, second, "In this article, " + second)
    page = client.get("/provisions/acts/", {"revision": 1, "at": POST}).content.decode()
    assert f'href="?revision=2&amp;at={POST}#panel"' in page
    assert "“by registered airmail post”" in touch(client, revision=2, at=POST)


def test_on_a_past_date_a_bracket_shows_its_positions_and_no_actions() -> None:
    text(
        FIRST,
        FIRST.replace("[CAN:", "[CAN propose; JPN oppose:"),
        "[Now] " + FIRST.replace("[CAN:", "[CAN propose; BRA oppose:"),
        "[Now] " + FIRST.replace("[CAN: promptly]", "promptly"),
    )
    canada = delegate("CAN")
    shown = touch(canada, revision=1, at=AT, as_of="2020-10-15")
    assert "proposes Canada since 1 September 2020" in shown
    assert "opposes Japan since 1 October 2020" in shown
    assert "Brazil" not in shown
    assert "Oppose" not in shown
    later = touch(canada, revision=1, at=AT, as_of="2020-11-15")
    assert "opposes Brazil since 1 November 2020" in later
    assert "Earlier positions Japan opposes, 1 October 2020 to 1 November 2020" in later
    assert "lifted in revision 4, on 1 December 2020" in touch(canada, revision=1, at=AT, as_of="2020-12-15")


def test_the_whole_text_of_a_past_date_links_to_the_brackets_of_that_date(client: Client) -> None:
    text(FIRST, FIRST.replace("[CAN: promptly]", "promptly"))
    address = f"/provisions/acts/?as_of=2020-09-15&revision=1&at={AT}"
    assert f'href="{address}#panel"'.replace("&", "&amp;") in client.get("/text/?as_of=2020-09-15").content.decode()
    assert "“promptly” proposes Canada since 1 September 2020" in panel_of(client.get(address))


@pytest.mark.parametrize("asked", [{"revision": 9, "at": AT}, {"revision": 0, "at": AT}, {"revision": "x", "at": AT}])
def test_the_address_of_an_unknown_revision_is_not_found(client: Client, asked: dict[str, Any]) -> None:
    text(FIRST, FIRST + " And so on.")
    assert "Select the passage again" in touch(client, **asked)
    assert "Select the passage again" in touch(client, revision=2, at=AT, as_of="2020-09-15")
    assert "No bracket under negotiation begins at this point" in touch(client, revision=1, at=3)


@pytest.mark.parametrize(("limit", "value"), [("REVISIONS_FOLLOWED", 1), ("CHARACTERS_FOLLOWED", 160)])
def test_a_bracket_is_followed_through_a_limited_number_of_revisions(
    client: Client, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    text(FIRST, FIRST + " A.", FIRST + " B.")
    monkeypatch.setattr(bracket_links, limit, value)
    assert "“promptly”" in touch(client, revision=2, at=AT)
    assert "Select the passage again" in touch(client, revision=1, at=AT)
    then = touch(client, revision=1, at=AT, as_of="2020-10-15")
    assert "“promptly” Canada: proposes" in then


def test_following_a_bracket_takes_one_query_regardless_of_the_number_of_revisions(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    days = [DAYS[0] + datetime.timedelta(days=number) for number in range(30)]
    provision_with(*(FIRST + f" {number}." for number in range(30)), days=days, slug="acts")
    client.get("/provisions/acts/", {"revision": 30, "at": AT})
    with django_assert_max_num_queries(26):
        assert "“promptly”" in text_of(client.get("/provisions/acts/", {"revision": 1, "at": AT}))
