"""Tests that a proposal is merged into a text only by those entitled to do so."""

from typing import Any

import pytest

from issues.access.permissions import Refused
from issues.actions import changes, proposals
from issues.actions.edits import TextChange
from issues.actions.errors import (
    InvalidValue,
    OperationRefused,
    ProposalClosed,
    UnknownRevision,
)
from issues.actions.proposals import Entry
from issues.models import Proposal, Provision, SubIssue, Variant
from tests.factories import FacilitatorFactory, ProposalFactory, SmallGroupFactory, UserFactory, provision_with
from tests.issues.proposals.tabling import BASE, DAY, WORDS, acts, by, joint, merge, tabled
from tests.people import delegate, member

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("ended", ["withdrawn", "merged"])
def test_a_withdrawn_or_merged_proposal_accepts_no_further_step(place: SubIssue, secretariat: Any, ended: str) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN")])
    Proposal.objects.update(state=ended)
    for act in (
        lambda: proposals.revise(proposal, "Other.", by("CAN"), base=1),
        lambda: proposals.invite(proposal, member("BRA"), by("CAN")),
        lambda: proposals.respond(proposal, by("JPN"), confirm=True),
        lambda: proposals.leave(proposal, by("CAN")),
        lambda: proposals.withdraw(proposal, by("CAN", secretariat)),
    ):
        with pytest.raises(ProposalClosed, match=ended):
            act()
    assert acts(proposal) == ["tabled", "invited"]


def test_a_facilitator_merges_a_proposal_and_the_variant_links_back_to_it(
    place: SubIssue, provision: Provision, facilitator: Any
) -> None:
    proposal = joint(place)
    step = merge(proposal, provision, Entry(facilitator, note="As agreed in the group"))
    revision = provision.revisions.get(number=2)
    assert revision.text == f"{BASE}\n[CAN, JPN: {WORDS}]"
    assert (step.act, step.revision, step.on_behalf_of) == ("merged", revision, None)
    assert (revision.proposal, revision.reason) == (proposal, "As agreed in the group")
    assert revision.digest == revision.expected_digest(provision.revisions.get(number=1).digest)
    variant = Variant.objects.get(provision=provision, opened_in=revision)
    assert variant.opened_in.proposal == proposal
    assert {one.holder.code for one in variant.positions.all()} == {"CAN", "JPN"}
    assert Variant.objects.get(text="promptly").opened_in.proposal is None
    proposal.refresh_from_db()
    assert proposal.state == "merged"


def test_selected_words_are_merged_as_an_alternative_next_to_a_bracket(
    place: SubIssue, provision: Provision, facilitator: Any
) -> None:
    merge(joint(place), provision, Entry(facilitator), words="customs duties", beside=BASE.index("["))
    text = provision.revisions.get(number=2).text
    assert text.startswith("Each Member shall [BRA: promptly] / [CAN, JPN")
    assert text.endswith(": customs duties] act.")
    assert set(Variant.objects.values_list("text", "kind", "closed_in")) == {
        ("promptly", "alternative", None),
        ("customs duties", "alternative", None),
    }


def test_a_complete_new_text_can_be_typed(place: SubIssue, provision: Provision, facilitator: Any) -> None:
    whole = "Each Member shall [BRA: promptly] [CAN: impose customs duties] act."
    merge(tabled(place), provision, Entry(facilitator), whole=whole)
    assert provision.revisions.get(number=2).text == whole


def test_a_merged_proposal_can_be_merged_into_further_provisions(
    place: SubIssue, provision: Provision, facilitator: Any
) -> None:
    proposal = tabled(place)
    merge(proposal, provision, Entry(facilitator))
    merge(proposal, provision_with(BASE, sub_issue=place), Entry(facilitator))
    assert acts(proposal) == ["tabled", "merged", "merged"]
    Proposal.objects.update(state="withdrawn")
    with pytest.raises(ProposalClosed):
        merge(proposal, provision_with(BASE, sub_issue=place), Entry(facilitator))


def test_a_proponent_merges_its_proposal_in_its_own_name_and_changes_nothing_else(
    place: SubIssue, provision: Provision
) -> None:
    proposal = joint(place)
    with pytest.raises(Refused, match="change affects text that does not belong to CAN"):
        merge(proposal, provision, by("CAN"), whole=BASE.replace("shall", "may"))
    with pytest.raises(Refused, match="Only a facilitator"):
        merge(proposal, provision, Entry(delegate("CAN")))
    with pytest.raises(Refused, match="Brazil is not a proponent"):
        merge(proposal, provision, by("BRA"))
    step = merge(proposal, provision, by("CAN"))
    assert step.revision is not None
    assert step.revision.text == f"{BASE}\n[CAN: {WORDS}]"
    assert (step.on_behalf_of, step.revision.on_behalf_of) == (member("CAN"), member("CAN"))


def test_a_facilitator_can_merge_only_into_texts_of_their_own_group(place: SubIssue, provision: Provision) -> None:
    stranger = FacilitatorFactory(small_group=SmallGroupFactory(), user=UserFactory()).user
    with pytest.raises(Refused, match="Only a facilitator of this text's small group"):
        merge(tabled(place), provision, Entry(stranger))


def test_a_proposal_can_be_merged_into_provisions_of_its_sub_issues_that_the_user_sees(
    place: SubIssue, provision: Provision, facilitator: Any, secretariat: Any
) -> None:
    proposal = tabled(place)
    with pytest.raises(Refused, match="under one of the issues that it concerns"):
        merge(proposal, provision_with(BASE), Entry(secretariat))
    with pytest.raises(Provision.DoesNotExist):
        merge(proposal, provision_with(BASE, sub_issue=place, visibility="group"), by("CAN"))
    by_source = ProposalFactory(proponents=[member("CAN")])
    with pytest.raises(InvalidValue, match="The text of this proposal is not on record"):
        merge(by_source, provision_with(BASE), Entry(secretariat))
    merge(ProposalFactory(proponents=[member("CAN")], text=WORDS), provision_with(BASE), Entry(secretariat))


@pytest.mark.parametrize(
    ("placing", "said"),
    [
        ({"words": " "}, "No words were entered"),
        ({"words": "open ["}, "contain an error"),
        ({"words": "at once", "beside": 3}, "No bracket under negotiation begins here"),
        ({"words": "at once", "beside": 999}, "No bracket under negotiation begins here"),
    ],
)
def test_words_that_cannot_be_inserted_are_refused_and_nothing_is_stored(
    place: SubIssue, provision: Provision, facilitator: Any, placing: dict[str, Any], said: str
) -> None:
    proposal = tabled(place)
    with pytest.raises(OperationRefused, match=said):
        merge(proposal, provision, Entry(facilitator), **placing)
    assert (provision.revisions.count(), acts(proposal)) == (1, ["tabled"])


def test_a_proposal_without_proponents_can_be_merged_only_as_a_complete_text(
    place: SubIssue, provision: Provision, secretariat: Any
) -> None:
    proposal = ProposalFactory(sub_issues=[place], text=WORDS)
    with pytest.raises(InvalidValue, match="No proponent of this proposal is on record"):
        merge(proposal, provision, Entry(secretariat))
    merge(proposal, provision, Entry(secretariat), whole=f"{BASE} [{WORDS}]")
    assert acts(proposal) == ["tabled", "merged"]
    assert proposal.steps.first().text == WORDS


def test_changes_logged_by_others_are_kept_or_cause_a_conflict(
    place: SubIssue, provision: Provision, facilitator: Any
) -> None:
    changes.log(
        TextChange(provision, base_revision=1, edit=BASE.replace("Each", "Every"), made_on=DAY), actor=facilitator
    )
    proposal = tabled(place)
    step = merge(proposal, provision, Entry(facilitator, made_on=DAY), words="customs duties", beside=BASE.index("["))
    assert step.revision is not None
    assert step.revision.text.startswith("Every Member shall [BRA: promptly] / [CAN")
    with pytest.raises(UnknownRevision, match="has no revision 7"):
        merge(proposal, provision, Entry(facilitator), base=7)


def test_a_double_click_merges_once(place: SubIssue, provision: Provision, facilitator: Any) -> None:
    proposal, entry = tabled(place), Entry(facilitator, idempotency_key="k")
    assert merge(proposal, provision, entry) == merge(proposal, provision, entry)
    assert provision.revisions.count() == 2
