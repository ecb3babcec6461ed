"""Tests that a search reveals nothing that the reader may not read, for each kind of result."""

import datetime
from typing import Any

import pytest
from django.test import Client

from issues.models import Document, Proposal, ProposalStep, ReportedPosition, SubIssue
from issues.models.choices import ReportedStance
from tests import people
from tests.confidentiality.world import BLIND, MARKER, SEEING, client, hide, make
from tests.factories import MemberFactory, NegotiationFactory, ProposalFactory

pytestmark = pytest.mark.django_db

# The kinds of which `hide` creates rows with the marker, and with the words in its brackets.
HIDDEN_KINDS, BRACKETED = {"provision", "proposal", "document"}, {"provision", "variant"}
# Words of hidden rows and misspelled words, which are found only through the search for similar words.
QUERIES = {MARKER: HIDDEN_KINDS, "zebrra": HIDDEN_KINDS, "always": BRACKETED, "allways": BRACKETED}


def found(browser: Client, query: str, negotiation: str = "", **more: Any) -> dict[str, int]:
    """Return the number of results of each kind, through the API."""
    answer = browser.get(f"{negotiation}/api/v1/search/", {"q": query, **more}).json()
    assert answer["count"] == sum(row["count"] for row in answer["kinds"])
    assert (MARKER in str(answer["results"])) is bool(answer["count"])
    return {row["kind"]: row["count"] for row in answer["kinds"]}


@pytest.mark.parametrize("visibility", BLIND)
def test_a_hidden_row_of_any_kind_is_found_only_by_its_readers(visibility: str) -> None:
    make()
    hide(visibility)
    for query, kinds in QUERIES.items():
        for role in BLIND[visibility]:
            assert found(client(role), query) == {}, (role, query)
        for role in SEEING[visibility]:
            assert found(client(role), query).keys() == kinds, (role, query)


@pytest.mark.parametrize("visibility", BLIND)
def test_a_hidden_row_is_not_found_by_its_exact_code_or_the_name_of_its_proponent(visibility: str) -> None:
    make()
    anonymous = client(BLIND[visibility][0])
    before = found_by_names(anonymous)
    hide(visibility)
    assert found_by_names(anonymous) == before
    member = client(SEEING[visibility][-1])
    for query, kind in ((f"{MARKER}/1", "document"), (f"{MARKER}-proposal", "proposal"), ("CAN", "proposal")):
        assert kind in {row["kind"] for row in member.get("/api/v1/search/", {"q": query}).json()["kinds"]}, query


def found_by_names(browser: Client) -> list[Any]:
    queries = (f"{MARKER}/1", f"{MARKER}-proposal", f"On the {MARKER}", "CAN", "Canada", "promptly", "soon")
    return [browser.get("/api/v1/search/", {"q": query}).json()["kinds"] for query in queries]


def test_a_search_in_another_negotiation_finds_only_shared_data() -> None:
    make()
    hide("participants")
    place = SubIssue.objects.get(code="A.1.a")
    ReportedPosition.objects.create(
        negotiation=place.negotiation,
        described_as="some members",
        topic=MARKER,
        stance=ReportedStance.PROPOSE,
        statement=MARKER,
        source="test",
    )
    SubIssue.objects.filter(pk=place.pk).update(title=f"The {MARKER}")
    MemberFactory(name=f"Republic of {MARKER}")
    NegotiationFactory(slug="fish")
    browser = client("secretariat")
    own = browser.get("/api/v1/search/", {"q": MARKER}).json()["kinds"]
    assert {row["kind"] for row in own} == HIDDEN_KINDS | {"reported-position", "sub-issue", "member"}
    assert found(browser, MARKER, "/negotiations/fish") == {"member": 1}


def test_a_document_of_a_hidden_proposal_is_found_once_a_meeting_refers_to_it() -> None:
    make()
    hide("group")
    document = Document.objects.get(slug=f"{MARKER}-1")
    document.negotiation.meetings.get(slug="gathering").documents.add(document)
    assert found(client("anonymous"), MARKER) == {"document": 1}


def test_on_a_past_date_a_proposal_is_found_by_its_words_on_that_date() -> None:
    place = make().sub_issue
    proposal = ProposalFactory(
        slug="dated", tabled=datetime.date(2021, 1, 4), sub_issues=[place], text="The okapi now."
    )
    for number, (day, text) in enumerate([("2021-01-04", f"The {MARKER} then."), ("2021-03-01", "The okapi now.")], 1):
        ProposalStep.objects.create(
            proposal=proposal,
            number=number,
            act="tabled" if number == 1 else "revised",
            text=text,
            made_on=datetime.date.fromisoformat(day),
            recorded_by=people.secretariat(),
        )
    assert Proposal.objects.filter(text__contains="okapi").count() == 1
    anonymous = client("anonymous")
    for query in (MARKER, "zebrra"):
        assert found(anonymous, query, as_of="2021-01-10") == {"proposal": 1}
        assert found(anonymous, query) == {}
    for query in ("okapi", "okappi"):
        assert anonymous.get("/api/v1/search/", {"q": query}).json()["count"] == 1
        assert anonymous.get("/api/v1/search/", {"q": query, "as_of": "2021-01-10"}).json()["count"] == 0
    body = anonymous.get("/api/v1/search/", {"q": "dated", "as_of": "2021-01-10"}).content.decode()
    assert "okapi" not in body
    assert f"The {MARKER} then." in body
