"""Tests that a bracket's page shows where it stands or how it ended, and gives citations that name the record."""

import datetime
import json
import re
from html import escape
from typing import Any

import pytest
from django.test import Client

from issues.models import Provision, Variant
from issues.text import index
from tests.factories import provision_with
from tests.pages.test_reading import text_of
from tests.people import take_part

pytestmark = pytest.mark.django_db

DAYS = [datetime.date(2020, month, 1) for month in (9, 10, 11, 12)]
FIRST = "1. Each Party shall [CAN: promptly] act.\n\n2. It shall write [BRA: by registered post]."
NOW = FIRST.replace("1. ", "1. [Now,] ")
AT, POST = FIRST.index("[CAN"), FIRST.index("[BRA")


@pytest.fixture(autouse=True)
def _parties() -> None:
    take_part("BRA", "CAN", "JPN")


def text(*texts: str, **values: Any) -> Provision:
    return provision_with(*texts, days=DAYS[: len(texts)], slug="acts", **values)


def page(client: Client, key: str, status: int = 200, **query: str) -> str:
    response = client.get(f"/provisions/acts/brackets/{key}/", query)
    assert response.status_code == status
    return response.content.decode()


def shown(client: Client, key: str, **query: str) -> str:
    return text_of(client.get(f"/provisions/acts/brackets/{key}/", query))


def test_the_address_of_a_bracket_leads_to_its_place_in_the_current_text(client: Client) -> None:
    now = NOW.replace("[CAN: promptly]", "[CAN propose; JPN oppose: promptly]")
    provision = text(FIRST, FIRST + " And so on.", now)
    found = shown(client, f"1-{AT}")
    assert f"{provision.parent.code} ¶1 [2] in revision 3" in found
    assert "proposes Canada since 1 September 2020" in found
    assert "opposes Japan since 1 November 2020" in found
    html = page(client, f"1-{AT}")
    assert f'touched" id="at-{now.index("[CAN")}"' in html
    assert re.search(
        r'<a class="mark touch" href="/provisions/acts/\?revision=3&amp;at=\d+#panel"[^>]* autofocus>', html
    )
    assert html.count("autofocus") == 1


def test_an_address_survives_a_rebuild_of_the_index(client: Client) -> None:
    provision = text(FIRST, NOW)
    before = shown(client, f"1-{POST}")
    index.rebuild([provision])
    assert shown(client, f"1-{POST}") == before


@pytest.mark.parametrize(
    ("first", "later", "mark", "ended"),
    [
        (FIRST, FIRST.replace("[CAN: promptly]", "promptly"), "[CAN", "This bracket was lifted in revision 2,"),
        (FIRST, FIRST.replace("[CAN: promptly] ", ""), "[CAN", "This bracket was dropped in revision 2,"),
        ("It acts [by post] / [by wire].", "It acts by post.", "[by post", "were chosen among the alternatives in"),
    ],
)
def test_the_page_of_an_ended_bracket_states_when_and_how_it_ended_and_its_positions(
    client: Client, first: str, later: str, mark: str, ended: str
) -> None:
    text(first, later, later + " And so on.")
    html = page(client, f"1-{first.index(mark)}")
    assert ended in html
    assert "on 1 October 2020" in html
    assert "The text below is from revision 1, the last revision that contains the bracket." in html
    assert f'touched" id="at-{first.index(mark)}"' in html


def test_the_page_of_a_reworded_bracket_links_to_the_bracket_that_replaced_it(client: Client) -> None:
    text(FIRST, FIRST.replace("registered post", "registered airmail post"))
    html = page(client, f"1-{POST}")
    assert "This bracket was reworded in revision 2" in html
    assert f'href="/provisions/acts/brackets/2-{POST}/"' in html
    assert "“[BRA: by registered airmail post]”" in shown(client, f"2-{POST}")


def test_a_later_place_of_a_bracket_redirects_to_its_address(client: Client) -> None:
    text(FIRST, NOW)
    response = client.get(f"/provisions/acts/brackets/2-{NOW.index('[CAN')}/", {"as_of": "2020-10-15"})
    assert response.status_code == 302
    assert response.headers["Location"] == f"/provisions/acts/brackets/1-{AT}/?as_of=2020-10-15"


@pytest.mark.parametrize("key", ["1-3", "9-0", "0-0", "x", "1-", "1-99999999999", "99999999999-1"])
def test_an_address_without_a_bracket_is_not_found(client: Client, key: str) -> None:
    text(FIRST)
    page(client, key, status=404)
    assert client.get(f"/provisions/acts/brackets/{key}/citation.txt").status_code == 404


@pytest.mark.parametrize("visibility", ["participants", "group"])
def test_a_bracket_of_a_restricted_provision_is_not_found_either(client: Client, visibility: str) -> None:
    text(FIRST, visibility=visibility)
    there, nowhere = (client.get(f"/provisions/acts/brackets/{key}/") for key in (f"1-{AT}", "9-9"))
    assert there.status_code == nowhere.status_code == 404
    none = client.get("/provisions/none/brackets/1-0/")
    assert none.status_code == 404
    assert client.get(f"/provisions/acts/brackets/1-{AT}/citation.json").status_code == 404


def test_as_of_a_past_date_the_page_shows_the_text_and_the_positions_of_that_date(client: Client) -> None:
    second = NOW.replace("[CAN:", "[CAN propose; JPN oppose:")
    text(FIRST, second, NOW.replace("[CAN: promptly]", "promptly"))
    then = shown(client, f"1-{AT}", as_of="2020-10-15")
    assert "¶1 [2] in revision 2" in then
    assert "opposes Japan since 1 October 2020" in then
    assert "lifted" not in then
    assert "¶1 [1] in revision 1" in shown(client, f"1-{AT}", as_of="2020-09-15")
    assert "lifted in revision 3" in shown(client, f"1-{AT}", as_of="2020-11-15")
    page(client, f"2-{second.index('[Now,')}", status=404, as_of="2020-09-15")


def test_a_bracket_that_was_added_again_and_the_earlier_bracket_refer_to_each_other(client: Client) -> None:
    words = "Each Party shall [CAN: act in good faith] always."
    text(words, words.replace("[CAN: act in good faith]", "act in good faith"), "Now " + words)
    first, second = Variant.objects.order_by("opened_in__number")
    assert f'href="/provisions/acts/brackets/{second.key}/"' in page(client, first.key)
    assert f'href="/provisions/acts/brackets/{first.key}/"' in page(client, second.key)


def test_alternatives_inside_a_bracket_and_options_have_pages(client: Client) -> None:
    words = "Each Party [shall/should] act.\nOption 1: at once\nOption 2: in time"
    text(words)
    assert Variant.objects.count() == 4
    for variant in Variant.objects.all():
        html = page(client, variant.key)
        assert "touched" in html
        assert html.count("autofocus") == 1


def test_the_citation_contains_the_text_address_revision_date_and_hash(client: Client) -> None:
    provision = text(FIRST, FIRST + " And so on.", heading="Acts & {others}", demonstration=True)
    last = provision.revisions.latest("number")
    url = f"http://testserver/provisions/acts/brackets/1-{AT}/"
    plain = client.get(f"/provisions/acts/brackets/1-{AT}/citation.txt")
    assert plain.headers["Content-Type"] == "text/plain; charset=utf-8"
    for part in ("“[CAN: promptly]”", "¶1 [1] in revision 2", url, "1 October 2020", last.digest, "Demonstration"):
        assert part in plain.content.decode()
    assert escape(plain.content.decode().strip()) in text_of(client.get(f"/provisions/acts/brackets/1-{AT}/"))
    bibtex = client.get(f"/provisions/acts/brackets/1-{AT}/citation.bib").content.decode()
    assert bibtex.startswith(f"@misc{{jsi-acts-1-{AT}-r2,")
    assert r"Acts \& \{others\}" in bibtex
    assert f"url = {{{url}}}" in bibtex
    assert bibtex.count("{") - bibtex.count(r"\{") == bibtex.count("}") - bibtex.count(r"\}")
    response = client.get(f"/provisions/acts/brackets/1-{AT}/citation.json")
    assert "attachment" in response.headers["Content-Disposition"]
    (item,) = json.loads(response.content)
    assert (item["URL"], item["version"], item["abstract"]) == (url, "2", "[CAN: promptly]")
    assert item["issued"] == {"date-parts": [[2020, 10, 1]]}
    assert last.digest in item["note"]
    assert client.get(f"/provisions/acts/brackets/1-{AT}/citation.doc").status_code == 404


def test_the_citation_of_a_past_state_names_the_date(client: Client) -> None:
    text(FIRST, FIRST + " And so on.")
    plain = client.get(f"/provisions/acts/brackets/1-{AT}/citation.txt", {"as_of": "2020-09-15"}).content.decode()
    assert "in revision 1" in plain
    assert f"/provisions/acts/brackets/1-{AT}/?as_of=2020-09-15" in plain


def test_the_number_of_queries_does_not_grow_with_revisions_and_brackets(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    days = [DAYS[0] + datetime.timedelta(days=number) for number in range(30)]
    many = " [may]" * 40
    provision_with(*(f"{FIRST}{many} {number}." for number in range(30)), days=days, slug="acts")
    page(client, f"1-{AT}")
    for query in ({}, {"as_of": "2020-09-20"}):
        with django_assert_max_num_queries(22):
            page(client, f"1-{AT}", **query)
