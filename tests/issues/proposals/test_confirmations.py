"""Tests of members' confirmations of a proposal's texts and of the members named in a merge."""

import datetime
from collections import Counter
from typing import Any

import pytest

from issues.access.permissions import Refused
from issues.access.roles import everything_of
from issues.actions import proposals
from issues.actions.errors import InvalidValue, ProposalClosed, ProposalRevised
from issues.actions.proposals import Draft, Entry, Placement
from issues.models import Proposal, ProposalStep, Provision, Revision, SubIssue
from issues.sync.resources import BY_MODEL, fetched
from members.models import Member
from tests.factories import (
    DelegationFactory,
    GroupingFactory,
    MemberFactory,
    NegotiationFactory,
    ParticipationFactory,
    ProposalFactory,
    SubIssueFactory,
    provision_with,
)
from tests.issues.test_concurrency import at_once
from tests.people import delegate, member, take_part

pytestmark = pytest.mark.django_db

BASE = "Each Member shall [BRA: promptly] act."
FIRST, SECOND, THIRD = "No duties.", "No customs duties.", "No customs duties at all."
DAY = datetime.date(2021, 2, 5)


def by(code: str, user: Any = None, **values: Any) -> Entry:
    return Entry(user or delegate(code), member(code), **{"made_on": DAY, **values})


@pytest.fixture
def place(db: None) -> SubIssue:
    """Return a sub-issue of a negotiation in which Canada, Japan, Brazil and Kenya take part."""
    take_part("CAN", "JPN", "BRA", "KEN")
    return SubIssueFactory(code="B.1.a")


@pytest.fixture
def provision(place: SubIssue) -> Provision:
    return provision_with(BASE, sub_issue=place)


@pytest.fixture
def joint(place: SubIssue) -> Proposal:
    """Return a proposal by Canada that Japan and Brazil have joined."""
    draft = Draft("Duties", FIRST, [place], co_sponsors=[member("JPN"), member("BRA")])
    proposal = proposals.table(NegotiationFactory(), draft, by("CAN"))
    for code in ("JPN", "BRA"):
        proposals.respond(proposal, by(code), confirm=True, base=1)
    return proposal


def behind(proposal: Proposal) -> tuple[list[str], list[str]]:
    """Return the codes of the members that have confirmed the current text, and of the other proponents."""
    standing = Proposal.objects.get(pk=proposal.pk).standing
    return standing.confirmed_by, standing.not_confirmed_by


def revise(proposal: Proposal, text: str, code: str = "CAN", **values: Any) -> ProposalStep:
    return proposals.revise(proposal, text, by(code), base=proposals.base_of(proposal), **values)


def merge(proposal: Proposal, provision: Provision, entry: Entry, words: str, **values: Any) -> Revision:
    step = proposals.merge_into(proposal, provision, Placement(words=words), entry, base=1, **values)
    assert step.revision is not None
    return step.revision


def test_the_member_that_tabled_and_those_that_confirmed_support_the_text(joint: Proposal) -> None:
    assert behind(joint) == (["BRA", "CAN", "JPN"], [])


def test_the_other_proponents_are_asked_to_confirm_a_revision(joint: Proposal) -> None:
    revise(joint, SECOND)
    assert behind(joint) == (["CAN"], ["BRA", "JPN"])
    proposals.respond(joint, by("JPN"), confirm=True, base=6)
    assert behind(joint) == (["CAN", "JPN"], ["BRA"])
    assert list(joint.steps.values_list("act", flat=True))[-2:] == ["revised", "confirmed"]


def test_a_member_that_declines_the_revised_text_is_publicly_no_longer_a_proponent(joint: Proposal) -> None:
    revise(joint, SECOND)
    step = proposals.respond(joint, by("JPN", note="Not this"), confirm=False, base=6)
    assert (step.act, step.member, step.on_behalf_of) == ("left", member("JPN"), member("JPN"))
    assert behind(joint) == (["CAN"], ["BRA"])


def test_earlier_texts_keep_their_confirmations(joint: Proposal) -> None:
    revise(joint, SECOND)
    proposals.respond(joint, by("JPN"), confirm=True, base=6)
    revise(joint, THIRD, "BRA")
    proposals.leave(joint, by("JPN"))
    texts = Proposal.objects.get(pk=joint.pk).confirmations.texts
    names = {pk: Member.objects.get(pk=pk).code for pk in Member.objects.values_list("pk", flat=True)}
    assert {text: sorted(names[pk] for pk in members) for text, members in texts.items()} == {
        0: [],
        1: ["BRA", "CAN", "JPN"],
        6: ["CAN", "JPN"],
        8: ["BRA"],
    }


def test_a_response_to_an_outdated_text_is_not_recorded(joint: Proposal) -> None:
    revise(joint, SECOND)
    revise(joint, THIRD)
    for confirm in (True, False):
        with pytest.raises(ProposalRevised) as overtaken:
            proposals.respond(joint, by("JPN"), confirm=confirm, base=6)
        assert overtaken.value.base == 7
        with pytest.raises(ProposalRevised):  # Japan was first asked about the text of step 6
            proposals.respond(joint, by("JPN"), confirm=confirm)
    assert behind(joint) == (["CAN"], ["BRA", "JPN"])
    proposals.respond(joint, by("JPN"), confirm=True, base=7)
    assert behind(joint) == (["CAN", "JPN"], ["BRA"])


def test_a_member_invited_to_an_earlier_text_confirms_the_text_named_in_its_response(place: SubIssue) -> None:
    draft = Draft("Duties", FIRST, [place], co_sponsors=[member("JPN"), member("BRA")])
    proposal = proposals.table(NegotiationFactory(), draft, by("CAN"))
    revise(proposal, SECOND)
    with pytest.raises(ProposalRevised):
        proposals.respond(proposal, by("JPN"), confirm=True)
    assert proposals.respond(proposal, by("BRA"), confirm=False).act == "declined"
    proposals.respond(proposal, by("JPN"), confirm=True, base=4)
    assert behind(proposal) == (["CAN", "JPN"], [])


def test_a_member_that_has_confirmed_has_nothing_to_respond_to(joint: Proposal) -> None:
    for confirm in (True, False):
        with pytest.raises(InvalidValue, match="Japan has already confirmed the current text"):
            proposals.respond(joint, by("JPN"), confirm=confirm)


def test_a_proponent_asked_to_confirm_a_revision_can_leave_revise_and_invite(joint: Proposal) -> None:
    revise(joint, SECOND)
    proposals.leave(joint, by("BRA"))
    proposals.invite(joint, member("KEN"), by("JPN"))
    revise(joint, THIRD, "JPN")
    assert behind(joint) == (["JPN"], ["CAN"])
    assert proposals.invitations(joint) == [member("KEN")]


def test_the_last_proponent_can_only_confirm_or_withdraw(joint: Proposal) -> None:
    revise(joint, SECOND)
    with pytest.raises(InvalidValue, match=r"This proposal has other proponents \(Brazil and Japan\)"):
        proposals.withdraw(joint, by("CAN"))
    proposals.leave(joint, by("CAN"))
    proposals.respond(joint, by("BRA"), confirm=False, base=6)
    assert behind(joint) == ([], ["JPN"])
    with pytest.raises(InvalidValue, match=r"Japan is the last proponent\. Withdraw"):
        proposals.respond(joint, by("JPN"), confirm=False, base=6)
    proposals.respond(joint, by("JPN"), confirm=True, base=6)
    assert behind(joint) == (["JPN"], [])
    proposals.withdraw(joint, by("JPN"))
    with pytest.raises(ProposalClosed):
        proposals.respond(joint, by("JPN"), confirm=True)


def test_a_delegate_of_two_proponents_confirms_for_both_and_the_page_says_so(joint: Proposal) -> None:
    DelegationFactory(user=delegate("CAN"), member=member("JPN"))
    assert proposals.preview_revision(joint, by("CAN")) == [
        "Japan is recorded as having confirmed this text.",
        "Brazil will be asked to confirm this text.",
    ]
    revise(joint, SECOND)
    assert behind(joint) == (["CAN", "JPN"], ["BRA"])
    step = joint.steps.latest("number")
    assert (step.act, step.member, step.on_behalf_of, step.recorded_by) == (
        "confirmed",
        member("JPN"),
        member("JPN"),
        delegate("CAN"),
    )


def test_the_secretariat_confirms_only_for_the_members_that_it_names(joint: Proposal, secretariat: Any) -> None:
    entry = by("CAN", secretariat)
    proposals.revise(joint, SECOND, entry, base=1)
    assert behind(joint) == (["CAN"], ["BRA", "JPN"])
    proposals.revise(joint, THIRD, entry, base=6, confirmed_by=[member("JPN"), member("CAN")])
    assert behind(joint) == (["CAN", "JPN"], ["BRA"])


def test_a_delegate_cannot_confirm_for_another_member_or_for_one_that_is_not_a_proponent(
    joint: Proposal, secretariat: Any
) -> None:
    with pytest.raises(Refused, match="You do not act for Japan"):
        revise(joint, SECOND, confirmed_by=[member("JPN")])
    with pytest.raises(InvalidValue, match="Kenya is not a proponent"):
        proposals.revise(joint, SECOND, by("CAN", secretariat), base=1, confirmed_by=[member("KEN")])
    assert joint.steps.count() == 5


# Names in a merge


def test_a_merge_on_behalf_of_all_names_those_that_confirmed_the_current_text(
    joint: Proposal, provision: Provision, facilitator: Any
) -> None:
    revise(joint, SECOND)
    proposals.respond(joint, by("JPN"), confirm=True, base=6)
    assert proposals.left_out(joint) == ["Brazil has not confirmed the current text and will not be named."]
    revision = merge(joint, provision, Entry(facilitator, made_on=DAY, note="Agreed on Friday"), SECOND)
    assert revision.text == f"{BASE}\n[CAN, JPN: {SECOND}]"
    assert joint.steps.latest("number").note == "In the name of Canada and Japan. Agreed on Friday"


def test_if_no_member_has_confirmed_the_text_the_refusal_gives_advice(
    joint: Proposal, provision: Provision, facilitator: Any
) -> None:
    revise(joint, SECOND)
    proposals.leave(joint, by("CAN"))
    with pytest.raises(
        InvalidValue, match=("Ask Brazil and Japan to confirm it, or type the complete new text")
    ) as refused:
        merge(joint, provision, Entry(facilitator), SECOND)
    assert (refused.value.field, provision.revisions.count()) == ("words", 1)


def test_a_proponent_that_has_not_confirmed_can_merge_in_its_own_name_without_confirming(
    joint: Proposal, provision: Provision
) -> None:
    revise(joint, SECOND)
    assert merge(joint, provision, by("JPN"), SECOND).text == f"{BASE}\n[JPN: {SECOND}]"
    assert behind(joint) == (["CAN"], ["BRA", "JPN"])


def test_words_outside_the_proposal_cannot_be_attributed_to_its_other_supporters(
    joint: Proposal, provision: Provision, facilitator: Any, secretariat: Any
) -> None:
    for actor in (facilitator, secretariat):
        with pytest.raises(InvalidValue, match="differ from the text that Brazil, Canada and Japan confirmed"):
            merge(joint, provision, Entry(actor), "All duties.")
    assert merge(joint, provision, by("CAN"), "All duties.").text == f"{BASE}\n[CAN: All duties.]"


def test_a_merge_of_a_proposal_revised_since_it_was_opened_is_not_recorded(
    joint: Proposal, provision: Provision, facilitator: Any
) -> None:
    revise(joint, f"{FIRST} {SECOND}")
    with pytest.raises(ProposalRevised):
        merge(joint, provision, Entry(facilitator), FIRST, text_base=1)
    assert "[CAN: No duties.]" in merge(joint, provision, Entry(facilitator), FIRST, text_base=6).text


# Sources


def test_a_proponent_named_by_a_source_supports_only_the_text_of_the_source(
    place: SubIssue, provision: Provision, facilitator: Any, secretariat: Any
) -> None:
    african = GroupingFactory(slug="african-group")
    proposal = ProposalFactory(proponents=[member("CAN"), member("JPN")], sub_issues=[place], text=FIRST)
    proposal.grouping_proponents.add(african)
    assert behind(proposal) == (["AFRICAN GROUP", "CAN", "JPN"], [])
    assert merge(proposal, provision, Entry(facilitator, made_on=DAY), FIRST).text.endswith(f": {FIRST}]")
    Proposal.objects.filter(pk=proposal.pk).update(state="tabled")
    assert behind(proposal) == (["AFRICAN GROUP", "CAN", "JPN"], [])
    revise(proposal, SECOND)
    assert behind(proposal) == (["CAN"], ["AFRICAN GROUP", "JPN"])
    assert proposals.left_out(proposal) == [
        "Japan has not confirmed the current text and will not be named.",
        "African Group will not be named: the source names it as a proponent of an earlier text, not of the "
        "current one.",
    ]
    proposals.respond(proposal, by("JPN"), confirm=True)
    assert behind(proposal) == (["CAN", "JPN"], ["AFRICAN GROUP"])


def test_a_revision_by_the_secretariat_for_groupings_alone_is_attributed_to_them(
    place: SubIssue, provision: Provision, secretariat: Any
) -> None:
    proposal = ProposalFactory(sub_issues=[place], text=FIRST)
    proposal.grouping_proponents.add(GroupingFactory(slug="african-group"))
    proposals.revise(proposal, SECOND, Entry(secretariat, made_on=DAY), base=0)
    assert behind(proposal) == (["AFRICAN GROUP"], [])
    assert merge(proposal, provision, Entry(secretariat, made_on=DAY), SECOND).text.endswith(
        f"[AFRICAN GROUP: {SECOND}]"
    )


# Resources for programs


def test_the_resource_of_a_proposal_includes_its_confirmations(joint: Proposal) -> None:
    def told() -> dict[str, Any]:
        resource = BY_MODEL[Proposal]
        rows = fetched(resource, everything_of(joint.negotiation.pk), joint.negotiation)
        assert resource.data(rows.get(pk=joint.pk)) == resource.data(Proposal.objects.get(pk=joint.pk))
        return resource.data(rows.get(pk=joint.pk))

    revise(joint, SECOND)
    assert (told()["confirmed_by"], told()["not_confirmed_by"]) == (["CAN"], ["BRA", "JPN"])
    proposals.respond(joint, by("JPN"), confirm=True, base=6)
    assert (told()["confirmed_by"], told()["not_confirmed_by"]) == (["CAN", "JPN"], ["BRA"])


# Concurrency with real threads and connections


@pytest.mark.django_db(transaction=True)
def test_a_confirmation_made_during_a_revision_never_applies_to_the_revised_text(place: SubIssue) -> None:
    joining = [MemberFactory(code=f"Q{letter}Q") for letter in "ABCDE"]
    for one in joining:
        ParticipationFactory(member=one)
    proposal = proposals.table(NegotiationFactory(), Draft("Duties", FIRST, [place], co_sponsors=joining), by("CAN"))
    entries = [by("CAN"), *(by(one.code) for one in joining)]

    def act(number: int) -> str:
        try:
            if number == 0:
                return proposals.revise(proposal, SECOND, entries[0], base=1).act
            return proposals.respond(proposal, entries[number], confirm=True, base=1).act
        except ProposalRevised:
            return "overtaken"

    done = at_once(act)
    assert done["revised"] == 1
    assert done["confirmed"] + done["overtaken"] == len(joining)
    steps = list(proposal.steps.order_by("number"))
    revised = next(step.number for step in steps if step.act == "revised")
    assert Counter(step.number < revised for step in steps if step.act == "confirmed") == Counter(
        {True: done["confirmed"]} if done["confirmed"] else {}
    )
    assert behind(proposal)[0] == ["CAN"]
