"""Tests that documents can be found by genre, submitter, words and date, and that their pages show versions."""

import datetime
from typing import Any

import pytest
from django.test import Client

from issues.models import Document
from tests.factories import (
    MemberFactory,
    NegotiationFactory,
    ParticipationFactory,
    ProposalFactory,
    provision_with,
)
from tests.pages.test_reading import text_of

pytestmark = pytest.mark.django_db


def paper(symbol: str, **values: Any) -> Document:
    made: Document = Document.objects.create(
        **{
            "negotiation": NegotiationFactory(),
            "slug": symbol.lower().replace("/", "-").replace(".", ""),
            "symbol": symbol,
            "title": f"Paper {symbol}",
            "genre": "proposal",
            "verification": "seen",
            "source": "test",
        }
        | values
    )
    return made


def titles(client: Client, query: str = "") -> list[str]:
    return [one.symbol for one in client.get(f"/documents/?{query}").context["page"]]


def test_documents_can_be_filtered_by_type_submitter_words_and_date_and_are_sorted_newest_first(client: Client) -> None:
    canada = MemberFactory(code="CAN")
    ParticipationFactory(member=canada)
    old = paper("INF/1", dated=datetime.date(2019, 5, 1), title="On spam")
    old.submitted_by.add(canada)
    paper("INF/2", dated=datetime.date(2020, 5, 1), genre="consolidated")
    paper("INF/3")
    assert titles(client) == ["INF/2", "INF/1", "INF/3"]
    assert titles(client, "genre=consolidated") == ["INF/2"]
    assert titles(client, "member=CAN") == ["INF/1"]
    assert titles(client, "q=SPAM+inf") == ["INF/1"]
    assert titles(client, "as_of=2019-12-31") == ["INF/1", "INF/3"], "an undated document may be of any day"


def test_an_invalid_value_is_refused_at_its_field(client: Client) -> None:
    NegotiationFactory()
    answer = client.get("/documents/?genre=novel&as_of=soon&member=XXX")
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {"genre", "as_of", "member"}


def test_a_document_lists_only_its_own_versions_in_order(client: Client) -> None:
    for symbol in ("INF/62/Rev.10", "INF/62", "INF/62/Rev.2", "INF/621", "INF/62/Add.1"):
        paper(symbol)
    assert [one.symbol for one in client.get("/documents/inf-62-rev2/").context["versions"]] == [
        "INF/62",
        "INF/62/Rev.2",
        "INF/62/Rev.10",
    ]


def test_a_document_shows_the_texts_and_proposals_from_it_that_the_reader_can_see(client: Client) -> None:
    found = paper("INF/7")
    ProposalFactory(document=found, title="Open proposal")
    ProposalFactory(document=found, title="Hidden proposal", visibility="participants")
    page = text_of(client.get("/documents/inf-7/"))
    assert "Open proposal" in page
    assert "Hidden proposal" not in page
    assert client.get("/documents/none/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_documents(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        paper(f"INF/{number}").submitted_by.add(MemberFactory())
    provision_with("It [a].")
    with django_assert_max_num_queries(15):
        client.get("/documents/")
    with django_assert_max_num_queries(19):
        client.get("/documents/inf-3/")
