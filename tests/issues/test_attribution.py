"""Tests that corrections and operations do not attribute to a member a statement that it did not make."""

import datetime
from typing import Any

import pytest

from bracketed_text import parse
from issues.access.permissions import Refused, Tabled
from issues.actions import changes, proposals
from issues.actions.edits import TextChange
from issues.actions.errors import OperationRefused
from issues.models import Provision, Revision, SmallGroup
from issues.text.member_names import load_register
from issues.text.operations import Operation
from members.models import Member
from tests.factories import (
    FacilitatorFactory,
    MemberFactory,
    ProposalFactory,
    SmallGroupFactory,
    log_change,
    provision_with,
)
from tests.people import member, secretariat

pytestmark = pytest.mark.django_db

TEXT = "Each Party shall [CAN support; BRA oppose: promptly] act on [CAN: a] / [BRA: b]."


@pytest.fixture
def provision() -> Provision:
    """Return a provision with brackets of three members."""
    for code in ("CAN", "BRA", "JPN"):
        MemberFactory(code=code)
    return provision_with(TEXT)


def log(provision: Provision, actor: Any, text: str, **values: Any) -> Revision:
    """Log a text based on the current revision."""
    base = provision.revisions.latest("number").number
    return log_change(provision=provision, base_revision=base, edit=text, actor=actor, **values)


def operate(provision: Provision, actor: Any, act: str, words: str, member: Member | None = None) -> Revision:
    """Perform an operation with `words` on the first alternative."""
    current = provision.revisions.latest("number")
    operation = Operation(act, current.text.index("[CAN: a]"), words=words)
    return changes.log(
        TextChange(provision, base_revision=current.number, edit=operation, on_behalf_of=member), actor=actor
    )


def test_a_correction_does_not_restore_a_position_that_its_member_withdrew(
    provision: Provision, facilitator: Any, canada: Any
) -> None:
    slip = log(provision, facilitator, TEXT.replace("Each Party", "The Parties"))
    withdrawn = slip.text.replace("CAN support; ", "")
    log(provision, canada, withdrawn, on_behalf_of=member("CAN"))
    with pytest.raises(Refused):
        log(provision, facilitator, TEXT, corrects=slip)


def test_a_correction_restores_only_once_what_the_mistake_ended(provision: Provision, facilitator: Any) -> None:
    slip = log(provision, facilitator, TEXT.replace("[CAN support; BRA oppose: promptly]", "promptly"))
    with pytest.raises(Refused):
        log(provision, facilitator, f"{TEXT} [CAN support: Promptly]", corrects=slip)
    assert log(provision, facilitator, TEXT, corrects=slip).text == TEXT


def test_a_correction_does_not_override_a_position_taken_since_the_mistake(
    provision: Provision, facilitator: Any, canada: Any
) -> None:
    slip = log(provision, facilitator, TEXT.replace("[CAN support; BRA oppose: promptly]", "promptly"))
    opposed = slip.text.replace("promptly", "[CAN oppose: promptly]")
    log(provision, canada, opposed, on_behalf_of=member("CAN"))
    with pytest.raises(Refused):
        log(provision, facilitator, TEXT, corrects=slip)


def test_a_correction_does_not_restore_a_position_that_was_restored_and_withdrawn_since(
    provision: Provision, facilitator: Any, canada: Any
) -> None:
    slip = log(provision, facilitator, TEXT.replace("CAN support; ", ""))
    log(provision, canada, TEXT, on_behalf_of=member("CAN"))
    log(provision, canada, slip.text, on_behalf_of=member("CAN"))
    with pytest.raises(Refused):
        log(provision, facilitator, TEXT, corrects=slip)


def test_a_correction_restores_nothing_on_dates_before_the_mistake(
    provision: Provision, facilitator: Any, canada: Any
) -> None:
    before = datetime.date(2021, 6, 1)
    log(provision, canada, f"{TEXT} [CAN: Soon.]", on_behalf_of=member("CAN"))
    slip = log(provision, facilitator, TEXT)
    with pytest.raises(Refused):
        log(provision, facilitator, f"{TEXT} [CAN: Soon.]", corrects=slip, made_on=before)
    assert log(provision, facilitator, f"{TEXT} [CAN: Soon.]", corrects=slip).number == slip.number + 1


@pytest.mark.parametrize("words", ["x [JPN oppose: y]", "[JPN oppose: y]", "x [BRA support: y] z"])
def test_the_words_of_a_merge_name_only_members_named_in_the_merged_alternatives(
    provision: Provision, facilitator: Any, words: str
) -> None:
    with pytest.raises(OperationRefused, match="has not taken"):
        operate(provision, facilitator, "merge", words)


def test_a_merge_keeps_positions_inside_the_merged_alternatives(provision: Provision, facilitator: Any) -> None:
    text = TEXT.replace("[CAN: a]", "[CAN: a [JPN oppose: y]]")
    provision = provision_with(text, sub_issue=provision.sub_issue)
    current = provision.revisions.latest("number")
    operation = Operation("merge", text.index("[CAN: a"), words="a [JPN oppose: y] b")
    merged = changes.log(TextChange(provision, base_revision=current.number, edit=operation), actor=facilitator)
    assert "[CAN, BRA: a [JPN oppose: y] b]" in merged.text


@pytest.mark.parametrize("words", ["x [JPN oppose: y]", "x [BRA: y] / [JPN: z]"])
def test_a_facilitator_who_acts_for_a_member_cannot_add_other_members_to_its_words(
    provision: Provision, canada: Any, words: str
) -> None:
    FacilitatorFactory(small_group=_group_of(provision), user=canada)
    with pytest.raises(OperationRefused, match="has not taken"):
        operate(provision, canada, "alternative", words, member("CAN"))


def test_a_proposal_with_positions_inside_is_merged_unchanged(provision: Provision) -> None:
    members = [member("CAN"), member("BRA")]
    proposal = ProposalFactory(text="fees [BRA: and charges]", proponents=members, sub_issues=[provision.sub_issue])
    user = secretariat()
    proposals.merge_into(proposal, provision, proposals.Placement(words=proposal.text), proposals.Entry(user), base=1)
    assert "fees [BRA: and charges]" in provision.revisions.latest("number").text


def _group_of(provision: Provision) -> SmallGroup:
    group: SmallGroup = SmallGroupFactory()
    group.sub_issues.add(provision.sub_issue)
    return group


@pytest.mark.parametrize(
    ("before", "after"),
    [("≥ 5", "≤ 5"), ("5 %", "5"), ("€ 5", "$ 5"), ("by -5", "by 5"), ("x / y", "x y"), ("x y", "x / y")],
)
def test_meaningful_symbols_belong_to_a_members_own_words(
    provision: Provision, facilitator: Any, before: str, after: str
) -> None:
    text = f"It is [CAN: {before}] here."
    provision = provision_with(text, sub_issue=provision.sub_issue)
    with pytest.raises(Refused):
        log(provision, facilitator, text.replace(before, after))


def test_punctuation_next_to_a_members_words_can_be_changed_as_spelling(provision: Provision, facilitator: Any) -> None:
    provision = provision_with("It is [CAN: so, and well-known] / [BRA: x [JPN: y] / [CAN: z]] here.")
    _group_of(provision).facilitators.create(user=facilitator)
    assert log(provision, facilitator, "It is [CAN: So; and “well-known”] / [BRA: x z] here.").number == 2


@pytest.mark.parametrize(("words", "covered"), [("shall act", True), ("hall act", False), ("", False)])
def test_a_proposal_supports_only_whole_words_of_its_text(provision: Provision, words: str, covered: bool) -> None:
    tree = parse(f"[CAN propose: {words}]", load_register())
    assert Tabled("Members shall  act.", frozenset({"CAN"})).covers(tree.brackets[0].head, words) is covered
