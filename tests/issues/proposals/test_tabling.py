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


def test_a_delegate_tables_a_proposal_on_behalf_of_their_member(place: SubIssue) -> None:
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
def test_an_invalid_text_is_refused_with_the_place_of_the_error(place: SubIssue, text: str, said: str) -> None:
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
def test_an_invalid_value_is_refused_and_its_field_named(place: SubIssue, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        tabled(place, **values)
    assert refused.value.field == field
    assert not Proposal.objects.exists()


def test_a_sub_issue_of_another_negotiation_is_refused(place: SubIssue) -> None:
    other = SubIssueFactory(negotiation=NegotiationFactory(slug="fish", name="Fisheries"))
    with pytest.raises(InvalidValue, match="another negotiation"):
        tabled(place, sub_issues=[other])


def test_a_member_that_does_not_participate_can_neither_table_nor_be_invited(place: SubIssue) -> None:
    with pytest.raises(Refused, match="India does not participate"):
        tabled(place, by("IND"))
    with pytest.raises(InvalidValue, match="India does not participate"):
        tabled(place, co_sponsors=[member("IND")])
    with pytest.raises(InvalidValue, match="India does not participate"):
        proposals.invite(tabled(place), member("IND"), by("CAN"))


def test_a_recorded_symbol_is_linked_to_its_document_in_any_spelling(place: SubIssue) -> None:
    known = Document.objects.create(
        negotiation=NegotiationFactory(), slug="d", symbol="INF/ECOM/62/Rev.1", title="Text", genre="consolidated"
    )
    assert tabled(place, symbol=" inf/ecom/62/REV.1 ").document == known
    assert Document.objects.count() == 1


def test_an_unknown_symbol_becomes_a_document_that_does_not_reveal_the_proposal(place: SubIssue) -> None:
    document = tabled(place, symbol="JOB(21)/7 Rév. 1", title="Hidden plan").document
    assert document is not None
    assert (document.symbol, document.symbol_verified, document.genre) == ("JOB(21)/7 Rév. 1", False, "proposal")
    assert "Hidden" not in document.title + document.slug + document.verification
    assert not document.submitted_by.exists()


def test_a_title_repeated_within_a_day_requires_confirmation(place: SubIssue) -> None:
    first = tabled(place)
    with pytest.raises(InvalidValue, match="in the last 24 hours") as refused:
        tabled(place, title="customs  DUTIES", text="Other words.")
    assert refused.value.field == "although_tabled"
    again = proposals.table(NegotiationFactory(), draft(place), by("CAN"), although_tabled=True)
    assert [first.slug, again.slug] == ["customs-duties-can", "customs-duties-can-2"]


def test_a_proposal_of_another_member_with_the_same_title_is_not_disclosed(place: SubIssue) -> None:
    tabled(place, visibility="group")
    assert tabled(place, by("JPN")).slug == "customs-duties-jpn"


def test_a_new_proposal_can_replace_an_earlier_one_of_its_proponents(place: SubIssue) -> None:
    older = tabled(place)
    newer = tabled(place, title="Duties, anew", supersedes=older)
    assert list(older.superseded_by.all()) == [newer]
    with pytest.raises(InvalidValue, match="Japan is not a proponent of the proposal to be replaced"):
        tabled(place, by("JPN"), supersedes=older)
    hidden = ProposalFactory(visibility="group")
    with pytest.raises(Proposal.DoesNotExist):
        tabled(place, by("JPN"), supersedes=hidden)


def test_naming_the_symbol_of_a_hidden_document_neither_reveals_nor_opens_it(
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
