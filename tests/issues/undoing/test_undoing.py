"""Tests that undoing a mistake changes no dates and resumes brackets and positions that the mistake had ended."""

import datetime
from typing import Any

import pytest

from issues.access.permissions import Refused
from issues.access.roles import reader_of
from issues.actions import proposals, requests
from issues.actions.errors import CannotUndo
from issues.actions.undo import may_undo, undo_revision
from issues.models import ChangeRequest, Facilitator, Position, Proposal, Provision, Revision, Variant
from issues.models.choices import Act, ProposalState
from issues.text import index
from issues.text.operations import Operation
from members.models import Delegation
from tests import people
from tests.factories import FIRST_DAY, ProposalFactory, provision_with
from tests.guards import guards_lifted
from tests.issues.undoing.acts import LATER, LIFTED, TEXT, log, press, standing, whole

pytestmark = pytest.mark.django_db


def test_undoing_a_mistaken_opposition_restores_the_support_with_its_date(provision: Provision, canada: Any) -> None:
    before = standing(provision)
    slip = press(provision, canada, Act.TAKE, "promptly", "CAN", stance="oppose", made_on=LATER)
    undone = undo_revision(revision=slip, actor=canada, reason="Pressed the wrong button")
    assert (undone.number, undone.text, undone.undoes, undone.made_on) == (3, TEXT, slip, LATER)
    assert (undone.on_behalf_of.code, undone.recorded_by, undone.reason) == ("CAN", canada, "Pressed the wrong button")
    assert standing(provision) == before
    rows = Position.objects.filter(member__code="CAN").order_by("since_revision__number")
    assert [
        (row.stance, row.begun_on, row.resumes, row.until_revision and row.until_revision.number) for row in rows
    ] == [
        ("support", FIRST_DAY, False, 2),
        ("oppose", LATER, False, 3),
        ("support", FIRST_DAY, True, None),
    ]
    whole(provision)


def test_undoing_a_mistaken_lift_restores_the_bracket_with_its_date_and_positions(
    provision: Provision, facilitator: Any
) -> None:
    before = standing(provision)
    slip = press(provision, facilitator, Act.LIFT, "promptly", made_on=LATER)
    assert slip.text == LIFTED
    undo_revision(revision=slip, actor=facilitator)
    assert standing(provision) == before
    whole(provision)


def test_an_undone_entry_does_not_apply_on_any_date(provision: Provision, facilitator: Any) -> None:
    slip = press(provision, facilitator, Act.LIFT, "promptly", made_on=LATER)
    undo_revision(revision=slip, actor=facilitator)
    for day in (FIRST_DAY, LATER - datetime.timedelta(1), LATER, LATER + datetime.timedelta(1)):
        assert Revision.objects.current(day).get(provision=provision).text == TEXT
        assert Variant.objects.open_on(day).filter(provision=provision).count() == 2
        assert Position.objects.held_on(day).filter(variant__provision=provision).count() == 3


def test_an_undo_can_be_undone_repeatedly(provision: Provision, facilitator: Any) -> None:
    sound = standing(provision)
    slip = press(provision, facilitator, Act.LIFT, "promptly", made_on=LATER)
    lifted, last = standing(provision), slip
    for expected in (sound, lifted, sound, lifted, sound):
        last = undo_revision(revision=last, actor=facilitator)
        assert standing(provision) == expected
    assert provision.revisions.count() == 7
    whole(provision)


def test_a_double_click_undoes_once(provision: Provision, facilitator: Any) -> None:
    slip = press(provision, facilitator, Act.LIFT, "promptly")
    assert undo_revision(revision=slip, actor=facilitator) == undo_revision(revision=slip, actor=facilitator)
    assert provision.revisions.count() == 3


def test_users_can_undo_only_their_own_last_entry_if_no_entry_builds_on_it(
    provision: Provision, facilitator: Any, canada: Any, secretariat: Any
) -> None:
    slip = press(provision, facilitator, Act.LIFT, "promptly")
    for somebody in (canada, secretariat):
        assert not may_undo(reader_of(somebody), slip)
        with pytest.raises(Refused, match="recorded by another person"):
            undo_revision(revision=slip, actor=somebody)
    assert may_undo(reader_of(facilitator), slip)
    press(provision, canada, Act.TAKE, "internet", "CAN", stance="support")
    assert not may_undo(reader_of(facilitator), slip)
    with pytest.raises(CannotUndo, match=r"Revision 3 has been logged since, .* as a correction of revision 2"):
        undo_revision(revision=slip, actor=facilitator)
    assert provision.revisions.count() == 3


def test_a_first_text_cannot_be_undone(secretariat: Any, provision: Provision) -> None:
    with guards_lifted():
        Revision.objects.filter(provision=provision).update(recorded_by=secretariat)
    with pytest.raises(CannotUndo, match="first text on record"):
        undo_revision(revision=provision.revisions.get(), actor=secretariat)


def test_a_user_who_no_longer_acts_for_the_member_cannot_undo(provision: Provision, canada: Any) -> None:
    slip = press(provision, canada, Act.TAKE, "promptly", "CAN", stance="oppose")
    Delegation.objects.filter(user=canada).update(until=datetime.date(2021, 1, 1))
    assert not may_undo(reader_of(canada), slip)
    with pytest.raises(Refused):
        undo_revision(revision=slip, actor=canada)
    assert provision.revisions.count() == 2


def test_a_former_facilitator_cannot_undo(provision: Provision, facilitator: Any) -> None:
    slip = press(provision, facilitator, Act.LIFT, "promptly")
    Facilitator.objects.filter(user=facilitator).delete()
    with pytest.raises(Refused):
        undo_revision(revision=slip, actor=facilitator)


def test_undoing_an_acceptance_reopens_the_request_and_redoing_accepts_it(
    provision: Provision, canada: Any, facilitator: Any
) -> None:
    operation = Operation(Act.LIFT, TEXT.index("["))
    asked = requests.ask(
        provision=provision,
        base_revision=1,
        operation=operation,
        actor=canada,
        on_behalf_of=people.member("CAN"),
    )
    became = requests.accept(request=asked, actor=facilitator, answer="As agreed")
    undone = undo_revision(revision=became, actor=facilitator)
    asked.refresh_from_db()
    assert (asked.state, asked.revision, asked.undone, asked.decided_by, asked.answer) == (
        "open",
        None,
        became,
        None,
        "",
    )
    again = undo_revision(revision=undone, actor=facilitator)
    asked.refresh_from_db()
    assert (asked.state, asked.revision, asked.decided_by) == ("accepted", again, facilitator)
    undo_revision(revision=again, actor=facilitator)
    assert ChangeRequest.objects.get().state == "open"


def test_undoing_a_merge_returns_the_proposal_to_the_table(provision: Provision, canada: Any) -> None:
    member = people.member("CAN")
    proposal = ProposalFactory(proponents=[member], sub_issues=[provision.sub_issue], text="within a year")
    entry = proposals.Entry(canada, member)
    proposals.revise(proposal, "within two years", entry, base=0)
    merged = proposals.merge_into(proposal, provision, proposals.Placement("within two years"), entry, base=1)
    undone = undo_revision(revision=merged.revision, actor=canada)
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.REVISED
    assert Proposal.objects.tabled_by(merged.made_on).get().state_shown == ProposalState.REVISED
    last = proposal.steps.latest("number")
    assert (last.act, last.revision, last.made_on, last.on_behalf_of) == ("unmerged", undone, merged.made_on, member)
    undo_revision(revision=undone, actor=canada)
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.MERGED
    assert Proposal.objects.tabled_by(merged.made_on).get().state_shown == ProposalState.MERGED


def test_undoing_one_of_two_merges_leaves_the_proposal_merged(provision: Provision, canada: Any) -> None:
    member = people.member("CAN")
    second = provision_with("Another text.", sub_issue=provision.sub_issue)
    proposal = ProposalFactory(proponents=[member], sub_issues=[provision.sub_issue], text="within a year")
    entry = proposals.Entry(canada, member)
    proposals.merge_into(proposal, provision, proposals.Placement("within a year"), entry, base=1)
    merged = proposals.merge_into(proposal, second, proposals.Placement("within a year"), entry, base=1)
    undo_revision(revision=merged.revision, actor=canada)
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.MERGED


def test_a_members_own_bracket_remains_its_own_after_a_facilitators_mistake_and_undo(
    provision: Provision, canada: Any, facilitator: Any
) -> None:
    text = f"{TEXT} [CAN: In writing.]"
    log(provision, canada, text, on_behalf_of=people.member("CAN"))
    undo_revision(revision=log(provision, facilitator, f"{TEXT} In writing."), actor=facilitator)
    assert index.opened_by(provision, people.member("CAN")) == {3}
    assert press(provision, canada, Act.DROP, "In writing", "CAN").text == TEXT


def test_a_user_who_undid_an_undo_is_not_told_that_the_first_entry_is_undone(provision: Provision, canada: Any) -> None:
    slip = press(provision, canada, Act.TAKE, "promptly", "CAN", stance="oppose")
    undone = undo_revision(revision=slip, actor=canada)
    assert undo_revision(revision=slip, actor=canada) == undone
    again = undo_revision(revision=undone, actor=canada)
    with pytest.raises(CannotUndo):
        undo_revision(revision=slip, actor=canada)
    assert provision.revisions.latest("number") == again
