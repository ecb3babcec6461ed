"""Tests that proposals can be revised, co-sponsored and withdrawn only by those entitled to do so."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from issues.access.permissions import Refused
from issues.access.roles import reader_of
from issues.access.visibility import visible_proposals, visible_steps
from issues.actions import proposals
from issues.actions.errors import (
    InvalidValue,
    NothingChanged,
    ProposalRevised,
)
from issues.actions.proposals import Entry
from issues.models import Proposal, ProposalStep, SubIssue
from tests.factories import (
    SOURCE,
    DelegationFactory,
    FacilitatorFactory,
    GroupingFactory,
    NegotiationFactory,
    ProposalFactory,
    UserFactory,
    provision_with,
)
from tests.issues.proposals.tabling import BASE, DAY, WORDS, acts, by, codes, draft, joint, merge, tabled
from tests.people import delegate, member

pytestmark = pytest.mark.django_db


def test_a_named_co_sponsor_is_invited_and_becomes_a_proponent_on_confirmation(place: SubIssue) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN"), member("CAN"), member("BRA")])
    assert (codes(proposal), proposals.invitations(proposal)) == ({"CAN"}, [member("BRA"), member("JPN")])
    proposals.respond(proposal, by("JPN"), confirm=True)
    proposals.respond(proposal, by("BRA"), confirm=False)
    assert (codes(proposal), proposals.invitations(proposal)) == ({"CAN", "JPN"}, [])
    assert acts(proposal) == ["tabled", "invited", "invited", "confirmed", "declined"]


def test_the_state_text_and_proponents_are_derived_from_the_steps(place: SubIssue) -> None:
    proposal = joint(place)
    proposals.revise(proposal, WORDS + " None.", by("JPN"), base=1)
    proposals.invite(proposal, member("BRA"), by("JPN"))
    proposals.respond(proposal, by("BRA"), confirm=True)
    proposals.leave(proposal, by("CAN"))
    proposal.refresh_from_db()
    state, text, proponents = "", "", set[str]()
    for step in proposal.steps.all():
        state = step.act if step.act in ("tabled", "revised", "withdrawn", "merged") else state
        text = step.text or text
        if step.act == "tabled":
            proponents = {step.on_behalf_of.code}
        elif step.act == "confirmed":
            proponents.add(step.member.code)
        elif step.act == "left":
            proponents.remove(step.member.code)
    assert (proposal.state, proposal.text, codes(proposal)) == (state, text, proponents)
    assert list(proposal.steps.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6, 7]


def test_a_step_cannot_be_changed_or_deleted(place: SubIssue) -> None:
    step = tabled(place).steps.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposalStep.objects.filter(pk=step.pk).update(text="Other words")
    with pytest.raises(IntegrityError), transaction.atomic():
        step.delete()


def test_a_step_cannot_be_dated_in_the_future_or_before_the_previous_step(place: SubIssue) -> None:
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    with pytest.raises(InvalidValue, match="is in the future"):
        tabled(place, by("CAN", made_on=tomorrow))
    proposal = tabled(place)
    with pytest.raises(InvalidValue, match="Enter that date or a later date"):
        proposals.invite(proposal, member("JPN"), by("CAN", made_on=DAY - datetime.timedelta(days=1)))
    old = ProposalFactory(proponents=[member("CAN")], tabled=DAY, text=WORDS)
    with pytest.raises(InvalidValue, match="Enter that date or a later date"):
        proposals.withdraw(old, by("CAN", made_on=DAY - datetime.timedelta(days=1)))


def test_a_revision_keeps_every_earlier_text(place: SubIssue) -> None:
    proposal = tabled(place)
    step = proposals.revise(proposal, WORDS + " None.", by("CAN", note="After the round"), base=1, symbol="X/1/Rev.1")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.text, proposal.document.symbol) == ("revised", WORDS + " None.", "X/1/Rev.1")
    assert (step.number, step.note) == (2, "X/1/Rev.1. After the round")
    assert list(proposal.steps.values_list("text", flat=True)) == [WORDS, WORDS + " None."]
    with pytest.raises(NothingChanged):
        proposals.revise(proposal, WORDS + " None.", by("CAN"), base=2)


def test_the_second_of_two_revisions_of_the_same_text_is_refused_with_a_reference_to_the_first(place: SubIssue) -> None:
    proposal = joint(place)
    proposals.revise(proposal, "One.", by("CAN"), base=1)
    with pytest.raises(ProposalRevised) as overtaken:
        proposals.revise(proposal, "Two.", by("JPN"), base=1)
    assert overtaken.value.base == 4
    proposals.revise(proposal, "Two.", by("JPN"), base=4)
    assert Proposal.objects.get().text == "Two."


def test_only_confirmed_proponents_can_revise_invite_and_withdraw(place: SubIssue) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN")], visibility="public")
    for code in ("JPN", "BRA"):  # an invited member and a member that was not invited
        for act in (
            lambda entry: proposals.revise(proposal, "Other.", entry, base=1),
            lambda entry: proposals.invite(proposal, member("BRA"), entry),
            lambda entry: proposals.withdraw(proposal, entry),
            lambda entry: proposals.leave(proposal, entry),
        ):
            with pytest.raises(Refused, match="is not a proponent of this proposal"):
                act(by(code))
    assert acts(proposal) == ["tabled", "invited"]


def test_a_delegate_can_act_only_for_their_own_member(place: SubIssue) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN")], visibility="public")
    brazil = delegate("BRA")
    with pytest.raises(Refused, match="You do not act for Canada"):
        tabled(place, by("CAN", brazil))
    with pytest.raises(Refused, match="You do not act for Canada"):
        proposals.withdraw(proposal, by("CAN", brazil))
    with pytest.raises(Refused, match="You do not act for Japan"):
        proposals.respond(proposal, by("JPN", brazil), confirm=True)


@pytest.mark.parametrize("role", ["nobody", "analyst", "facilitator", "anonymous"])
def test_a_user_who_acts_for_no_member_cannot_record_anything(place: SubIssue, role: str) -> None:
    users = {
        "nobody": lambda: UserFactory(),
        "analyst": lambda: DelegationFactory(role="analyst", member=None).user,
        "facilitator": lambda: FacilitatorFactory(user=UserFactory()).user,
        "anonymous": AnonymousUser,
    }
    user, proposal = users[role](), tabled(place, co_sponsors=[member("JPN")], visibility="public")
    for act in (
        lambda: tabled(place, by("CAN", user)),
        lambda: proposals.revise(proposal, "Other.", by("CAN", user), base=1),
        lambda: proposals.revise(proposal, "Other.", Entry(user), base=1),
        lambda: proposals.invite(proposal, member("BRA"), by("CAN", user)),
        lambda: proposals.respond(proposal, by("JPN", user), confirm=True),
        lambda: proposals.leave(proposal, by("CAN", user)),
        lambda: proposals.withdraw(proposal, by("CAN", user)),
        lambda: merge(proposal, provision_with(BASE, sub_issue=place), Entry(user)),
    ):
        with pytest.raises(Refused):
            act()
    assert acts(proposal) == ["tabled", "invited"]


def test_every_step_states_on_whose_behalf_it_was_taken(place: SubIssue, secretariat: Any) -> None:
    proposal, nobody = joint(place), Entry(secretariat)
    for act in (
        lambda: proposals.table(NegotiationFactory(), draft(place), nobody),
        lambda: proposals.revise(proposal, "Other.", nobody, base=1),
        lambda: proposals.invite(proposal, member("BRA"), nobody),
        lambda: proposals.respond(proposal, nobody, confirm=True),
        lambda: proposals.leave(proposal, nobody),
        lambda: proposals.withdraw(proposal, nobody),
    ):
        with pytest.raises((Refused, InvalidValue), match="on whose behalf you act"):
            act()


def test_an_invitation_is_answered_once_and_can_be_repeated(place: SubIssue) -> None:
    proposal = tabled(place)
    with pytest.raises(InvalidValue, match="Canada is already a proponent"):
        proposals.invite(proposal, member("CAN"), by("CAN"))
    proposals.invite(proposal, member("JPN"), by("CAN"))
    with pytest.raises(InvalidValue, match="Japan has already been invited"):
        proposals.invite(proposal, member("JPN"), by("CAN"))
    proposals.respond(proposal, by("JPN"), confirm=False)
    with pytest.raises(InvalidValue, match="Japan has no open invitation"):
        proposals.respond(proposal, by("JPN"), confirm=True)
    proposals.invite(proposal, member("JPN"), by("CAN"))
    proposals.respond(proposal, by("JPN"), confirm=True)
    with pytest.raises(InvalidValue, match="Japan has already confirmed the current text"):
        proposals.respond(proposal, by("JPN"), confirm=True)
    assert codes(proposal) == {"CAN", "JPN"}


def test_a_co_sponsor_can_leave_and_the_last_proponent_can_withdraw(place: SubIssue) -> None:
    proposal = joint(place)
    with pytest.raises(InvalidValue, match=r"This proposal has other proponents \(Japan\), so Canada can leave it"):
        proposals.withdraw(proposal, by("CAN"))
    proposals.leave(proposal, by("CAN"))
    with pytest.raises(InvalidValue, match=r"Japan is the last proponent\. Withdraw"):
        proposals.leave(proposal, by("JPN"))
    proposals.withdraw(proposal, by("JPN", note="Not pursued"))
    proposal.refresh_from_db()
    assert (proposal.state, proposal.text, codes(proposal)) == ("withdrawn", WORDS, {"JPN"})
    assert acts(proposal)[-2:] == ["left", "withdrawn"]


def test_a_member_cannot_withdraw_a_joint_proposal_with_a_grouping(place: SubIssue) -> None:
    proposal = ProposalFactory(proponents=[member("CAN")])
    proposal.grouping_proponents.add(GroupingFactory(slug="african-group"))
    with pytest.raises(InvalidValue, match="African Group"):
        proposals.withdraw(proposal, by("CAN"))
    proposals.leave(proposal, by("CAN"))
    assert not codes(proposal)


def test_the_secretariat_acts_on_behalf_of_members_and_is_recorded_as_such(place: SubIssue, secretariat: Any) -> None:
    proposal = tabled(place, by("CAN", secretariat), co_sponsors=[member("JPN")])
    assert codes(proposal) == {"CAN", "JPN"}
    proposals.invite(proposal, member("BRA"), by("JPN", secretariat))
    proposals.respond(proposal, by("BRA", secretariat), confirm=True)
    proposals.leave(proposal, by("CAN", secretariat))
    said = proposal.steps.values_list("act", "on_behalf_of__code", "recorded_by")
    assert list(said) == [
        ("tabled", "CAN", secretariat.pk),
        ("confirmed", "JPN", secretariat.pk),
        ("invited", "JPN", secretariat.pk),
        ("confirmed", "BRA", secretariat.pk),
        ("left", "CAN", secretariat.pk),
    ]


def test_a_proposal_known_from_a_source_can_be_continued_and_keeps_its_text(place: SubIssue) -> None:
    proposal = ProposalFactory(proponents=[member("CAN")], text="Old words.", tabled=datetime.date(2020, 3, 1))
    proposals.revise(proposal, "New words.", by("CAN"), base=0)
    first, second = proposal.steps.all()
    assert (first.act, first.text, first.made_on) == ("tabled", "Old words.", datetime.date(2020, 3, 1))
    assert first.note == f"As it stood on record: {SOURCE}"
    assert first.on_behalf_of is None
    assert (second.act, second.text) == ("revised", "New words.")


def test_the_secretariat_can_continue_a_proposal_without_proponents_in_no_members_name(
    place: SubIssue, secretariat: Any
) -> None:
    proposal = ProposalFactory()
    proposals.revise(proposal, "Words.", Entry(secretariat), base=0)
    proposals.withdraw(proposal, Entry(secretariat))
    assert list(proposal.steps.values_list("act", "on_behalf_of")) == [("revised", None), ("withdrawn", None)]


def test_a_proposal_that_the_user_cannot_see_cannot_be_written_to(place: SubIssue) -> None:
    proposal = tabled(place, visibility="group")
    for act in (
        lambda: proposals.invite(proposal, member("JPN"), by("BRA")),
        lambda: proposals.respond(proposal, by("BRA"), confirm=True),
        lambda: merge(proposal, provision_with(BASE, sub_issue=place), by("BRA")),
    ):
        with pytest.raises(Proposal.DoesNotExist):
            act()


def test_an_invited_member_can_read_the_proposal(place: SubIssue) -> None:
    proposal = tabled(place, visibility="group")
    assert not visible_proposals(reader_of(delegate("JPN"))).exists()
    proposals.invite(proposal, member("JPN"), by("CAN"))
    assert visible_proposals(reader_of(delegate("JPN"))).get() == proposal


def test_only_the_members_concerned_can_read_declined_invitations(place: SubIssue, secretariat: Any) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN")], visibility="public")
    proposals.respond(proposal, by("JPN"), confirm=False)

    def seen(user: Any) -> list[str]:
        return list(visible_steps(reader_of(user)).filter(proposal=proposal).values_list("act", flat=True))

    for user in (delegate("CAN"), delegate("JPN"), secretariat):
        assert seen(user) == ["tabled", "invited", "declined"]
    for user in (delegate("BRA"), AnonymousUser(), FacilitatorFactory(user=UserFactory()).user):
        assert seen(user) == ["tabled"]
