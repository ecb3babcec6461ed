"""Tests of tabling a proposal, of refused texts and values, and of its document."""

from typing import Any

import pytest

from issues.access.permissions import Refused
from issues.access.roles import ANYBODY, reader_of
from issues.access.visibility import visible_documents
from issues.actions import proposals
from issues.actions.errors import (
    InvalidValue,
    TextRefused,
)
from issues.models import Document, Proposal, SubIssue
from tests.factories import NegotiationFactory, ProposalFactory, SmallGroupFactory, SubIssueFactory
from tests.issues.proposals.tabling import DAY, WORDS, acts, by, codes, draft, tabled
from tests.people import delegate, member

pytestmark = pytest.mark.django_db


def test_a_delegate_tables_a_proposal_in_its_members_name(place: SubIssue) -> None:
    proposal = tabled(place, symbol="INF/ECOM/99", summary="No duties.", visibility="public")
    step = proposal.steps.get()
    assert (proposal.state, proposal.text, proposal.tabled, proposal.visibility) == ("tabled", WORDS, DAY, "public")
    assert (codes(proposal), list(proposal.sub_issues.all())) == ({"CAN"}, [place])
    assert (step.number, step.act, step.text, step.made_on) == (1, "tabled", WORDS, DAY)
    assert (step.recorded_by, step.on_behalf_of, step.note) == (delegate("CAN"), member("CAN"), "INF/ECOM/99.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The text is empty"),
        (" \n", "The text is empty"),
        ("\u200e\u3164", "The text is empty"),
        (WORDS + "\nSave [CAN: fees", r"Line 2, column 6: This “\[” is never closed"),
        ("[XQZ propose: fees]", "Unknown member or grouping “XQZ”"),
        ("a\x00b", "control character"),
        ("word " * 400_000, "longer than"),
    ],
)
def test_a_text_that_cannot_stand_is_refused_at_its_place(place: SubIssue, text: str, said: str) -> None:
    with pytest.raises(TextRefused, match=said):
        tabled(place, text=text)
    proposal = tabled(place)
    with pytest.raises(TextRefused, match=said):
        proposals.revise(proposal, text, by("CAN"), base=1)
    assert acts(proposal) == ["tabled"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "\u200e"}, "title"),
        ({"title": "x" * 251}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"symbol": "x" * 61}, "symbol"),
        ({"sub_issues": []}, "sub_issues"),
        ({"visibility": "nobody"}, "visibility"),
    ],
)
def test_a_value_that_cannot_stand_is_refused_by_name(place: SubIssue, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        tabled(place, **values)
    assert refused.value.field == field
    assert not Proposal.objects.exists()


def test_a_sub_issue_of_another_negotiation_is_refused(place: SubIssue) -> None:
    other = SubIssueFactory(negotiation=NegotiationFactory(slug="fish", name="Fisheries"))
    with pytest.raises(InvalidValue, match="another negotiation"):
        tabled(place, sub_issues=[other])


def test_who_takes_no_part_neither_tables_nor_is_invited(place: SubIssue) -> None:
    with pytest.raises(Refused, match="India does not participate"):
        tabled(place, by("IND"))
    with pytest.raises(InvalidValue, match="India does not participate"):
        tabled(place, co_sponsors=[member("IND")])
    with pytest.raises(InvalidValue, match="India does not participate"):
        proposals.invite(tabled(place), member("IND"), by("CAN"))


def test_a_symbol_on_record_links_the_document_however_it_is_typed(place: SubIssue) -> None:
    known = Document.objects.create(
        negotiation=NegotiationFactory(), slug="d", symbol="INF/ECOM/62/Rev.1", title="Text", genre="consolidated"
    )
    assert tabled(place, symbol=" inf/ecom/62/REV.1 ").document == known
    assert Document.objects.count() == 1


def test_a_symbol_that_is_not_on_record_becomes_a_document_that_tells_nothing_of_the_proposal(place: SubIssue) -> None:
    document = tabled(place, symbol="JOB(21)/7 Rév. 1", title="Hidden plan").document
    assert document is not None
    assert (document.symbol, document.symbol_verified, document.genre) == ("JOB(21)/7 Rév. 1", False, "proposal")
    assert "Hidden" not in document.title + document.slug + document.verification
    assert not document.submitted_by.exists()


def test_the_same_title_within_a_day_is_asked_about_and_tabled_where_it_is_meant(place: SubIssue) -> None:
    first = tabled(place)
    with pytest.raises(InvalidValue, match="in the last 24 hours") as refused:
        tabled(place, title="customs  DUTIES", text="Other words.")
    assert refused.value.field == "although_tabled"
    again = proposals.table(NegotiationFactory(), draft(place), by("CAN"), although_tabled=True)
    assert [first.slug, again.slug] == ["customs-duties-can", "customs-duties-can-2"]


def test_another_members_proposal_of_the_same_title_shows_in_nothing(place: SubIssue) -> None:
    tabled(place, visibility="group")
    assert tabled(place, by("JPN")).slug == "customs-duties-jpn"


def test_a_new_proposal_can_replace_an_older_one_of_its_proponents(place: SubIssue) -> None:
    older = tabled(place)
    newer = tabled(place, title="Duties, anew", supersedes=older)
    assert list(older.superseded_by.all()) == [newer]
    with pytest.raises(InvalidValue, match="Japan is not a proponent of the proposal to be replaced"):
        tabled(place, by("JPN"), supersedes=older)
    hidden = ProposalFactory(visibility="group")
    with pytest.raises(Proposal.DoesNotExist):
        tabled(place, by("JPN"), supersedes=hidden)


def test_naming_the_symbol_of_a_hidden_document_shows_nothing_of_it_and_does_not_open_it(
    place: SubIssue,
) -> None:
    group = SmallGroupFactory()
    group.sub_issues.add(place)
    group.members.add(member("CAN"))
    readers = {code: reader_of(delegate(code)) for code in ("CAN", "JPN", "IND")} | {"anybody": ANYBODY}

    def those_who_see_it() -> set[str]:
        return {who for who, one in readers.items() if visible_documents(one).filter(symbol="INF/77").exists()}

    first = tabled(place, title="First", symbol="INF/77", visibility="group")
    assert those_who_see_it() == {"CAN"}
    second = draft(place, title="Second", symbol="INF/77", visibility="participants")
    foretold = proposals.preview_tabling(NegotiationFactory(), second, by("JPN"))
    assert any("No public document has the symbol INF/77" in sentence for sentence in foretold)
    own = proposals.table(NegotiationFactory(), second, by("JPN")).document
    assert own != first.document
    assert "can" not in own.slug
    assert those_who_see_it() == {"CAN", "JPN"}
    assert [who for who, reader in readers.items() if first.document in visible_documents(reader)] == ["CAN"]
