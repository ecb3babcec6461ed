"""Tests that proposals can be tabled, revised, co-sponsored, withdrawn and merged only by those entitled to do so."""

import datetime
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from issues.access.permissions import Refused
from issues.access.roles import ANYBODY, reader_of
from issues.access.visibility import visible_documents, visible_proposals, visible_steps
from issues.actions import changes, proposals
from issues.actions.edits import TextChange
from issues.actions.errors import (
    Conflict,
    InvalidValue,
    NothingChanged,
    OperationRefused,
    ProposalClosed,
    ProposalRevised,
    TextRefused,
)
from issues.actions.proposals import Draft, Entry, Placement
from issues.models import Document, Proposal, ProposalStep, Provision, SubIssue, Variant
from tests.factories import (
    SOURCE,
    DelegationFactory,
    FacilitatorFactory,
    GroupingFactory,
    MemberFactory,
    NegotiationFactory,
    ParticipationFactory,
    ProposalFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)
from tests.issues.test_concurrency import WRITERS, at_once
from tests.people import delegate, member, take_part

pytestmark = pytest.mark.django_db

BASE = "Each Member shall [BRA: promptly] act."
WORDS = "No Member shall impose customs duties."
DAY = datetime.date(2021, 2, 5)


@pytest.fixture
def place(db: None) -> SubIssue:
    """Return a sub-issue of a negotiation in which Canada, Japan and Brazil, but not India, take part."""
    take_part("CAN", "JPN", "BRA")
    DelegationFactory(member=MemberFactory(code="IND", name="India"), takes_part=False)
    return SubIssueFactory(code="B.1.a")


def by(code: str, user: Any = None, **values: Any) -> Entry:
    """Return an entry by a delegate of the member, or by `user` on the member's behalf."""
    return Entry(user or delegate(code), member(code), **{"made_on": DAY, **values})


def draft(place: SubIssue, **values: Any) -> Draft:
    return replace(Draft("Customs duties", WORDS, [place]), **values)


def tabled(place: SubIssue, entry: Entry | None = None, **values: Any) -> Proposal:
    return proposals.table(NegotiationFactory(), draft(place, **values), entry or by("CAN"))


def codes(proposal: Proposal) -> set[str]:
    return set(proposal.proponents.values_list("code", flat=True))


def acts(proposal: Proposal) -> list[str]:
    return list(proposal.steps.values_list("act", flat=True))


def joint(place: SubIssue) -> Proposal:
    """Return a proposal by Canada that Japan has joined."""
    proposal = tabled(place, co_sponsors=[member("JPN")])
    proposals.respond(proposal, by("JPN"), confirm=True)
    return proposal


def test_a_delegate_tables_a_proposal_in_its_members_name(place: SubIssue) -> None:
    proposal = tabled(place, symbol="INF/ECOM/99", summary="No duties.", visibility="public")
    step = proposal.steps.get()
    assert (proposal.state, proposal.text, proposal.tabled, proposal.visibility) == ("tabled", WORDS, DAY, "public")
    assert (codes(proposal), list(proposal.sub_issues.all())) == ({"CAN"}, [place])
    assert (step.number, step.act, step.text, step.made_on) == (1, "tabled", WORDS, DAY)
    assert (step.recorded_by, step.on_behalf_of, step.note) == (delegate("CAN"), member("CAN"), "INF/ECOM/99.")


def test_whoever_is_named_as_co_sponsor_is_invited_and_a_proponent_once_it_confirms(place: SubIssue) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN"), member("CAN"), member("BRA")])
    assert (codes(proposal), proposals.invitations(proposal)) == ({"CAN"}, [member("BRA"), member("JPN")])
    proposals.respond(proposal, by("JPN"), confirm=True)
    proposals.respond(proposal, by("BRA"), confirm=False)
    assert (codes(proposal), proposals.invitations(proposal)) == ({"CAN", "JPN"}, [])
    assert acts(proposal) == ["tabled", "invited", "invited", "confirmed", "declined"]


def test_state_text_and_proponents_are_what_the_steps_made_of_them(place: SubIssue) -> None:
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


def test_a_step_is_never_changed_or_deleted(place: SubIssue) -> None:
    step = tabled(place).steps.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposalStep.objects.filter(pk=step.pk).update(text="Other words")
    with pytest.raises(IntegrityError), transaction.atomic():
        step.delete()


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


def test_a_step_cannot_be_dated_in_the_future_or_before_the_one_before_it(place: SubIssue) -> None:
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    with pytest.raises(InvalidValue, match="is in the future"):
        tabled(place, by("CAN", made_on=tomorrow))
    proposal = tabled(place)
    with pytest.raises(InvalidValue, match="enter that date or a later date"):
        proposals.invite(proposal, member("JPN"), by("CAN", made_on=DAY - datetime.timedelta(days=1)))
    old = ProposalFactory(proponents=[member("CAN")], tabled=DAY, text=WORDS)
    with pytest.raises(InvalidValue, match="enter that date or a later date"):
        proposals.withdraw(old, by("CAN", made_on=DAY - datetime.timedelta(days=1)))


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


def test_a_double_click_tables_once(place: SubIssue) -> None:
    first = tabled(place, by("CAN", idempotency_key="k"), co_sponsors=[member("JPN")])
    assert tabled(place, by("CAN", idempotency_key="k"), co_sponsors=[member("JPN")]) == first
    assert Proposal.objects.count() == 1
    assert len(acts(first)) == 2


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


def test_revising_keeps_every_earlier_text(place: SubIssue) -> None:
    proposal = tabled(place)
    step = proposals.revise(proposal, WORDS + " None.", by("CAN", note="After the round"), base=1, symbol="X/1/Rev.1")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.text, proposal.document.symbol) == ("revised", WORDS + " None.", "X/1/Rev.1")
    assert (step.number, step.note) == (2, "X/1/Rev.1. After the round")
    assert list(proposal.steps.values_list("text", flat=True)) == [WORDS, WORDS + " None."]
    with pytest.raises(NothingChanged):
        proposals.revise(proposal, WORDS + " None.", by("CAN"), base=2)


def test_of_two_revisions_of_the_same_text_the_second_is_told_of_the_first(place: SubIssue) -> None:
    proposal = joint(place)
    proposals.revise(proposal, "One.", by("CAN"), base=1)
    with pytest.raises(ProposalRevised) as overtaken:
        proposals.revise(proposal, "Two.", by("JPN"), base=1)
    assert overtaken.value.base == 4
    proposals.revise(proposal, "Two.", by("JPN"), base=4)
    assert Proposal.objects.get().text == "Two."


def test_only_confirmed_proponents_revise_invite_and_withdraw(place: SubIssue) -> None:
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


def test_a_delegate_acts_for_its_own_member_only(place: SubIssue) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN")], visibility="public")
    brazil = delegate("BRA")
    with pytest.raises(Refused, match="You do not act for Canada"):
        tabled(place, by("CAN", brazil))
    with pytest.raises(Refused, match="You do not act for Canada"):
        proposals.withdraw(proposal, by("CAN", brazil))
    with pytest.raises(Refused, match="You do not act for Japan"):
        proposals.respond(proposal, by("JPN", brazil), confirm=True)


@pytest.mark.parametrize("role", ["nobody", "analyst", "facilitator", "anonymous"])
def test_who_acts_for_no_member_records_nothing(place: SubIssue, role: str) -> None:
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


def test_every_act_says_on_whose_behalf(place: SubIssue, secretariat: Any) -> None:
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


def test_an_invitation_is_answered_once_and_may_be_repeated(place: SubIssue) -> None:
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
    with pytest.raises(InvalidValue, match="Japan has confirmed the current text"):
        proposals.respond(proposal, by("JPN"), confirm=True)
    assert codes(proposal) == {"CAN", "JPN"}


def test_a_co_sponsor_leaves_and_the_last_proponent_withdraws(place: SubIssue) -> None:
    proposal = joint(place)
    with pytest.raises(
        InvalidValue, match=r"This proposal has other proponents \(Japan\): Canada can leave the proposal"
    ):
        proposals.withdraw(proposal, by("CAN"))
    proposals.leave(proposal, by("CAN"))
    with pytest.raises(InvalidValue, match="Japan is the last proponent: withdraw"):
        proposals.leave(proposal, by("JPN"))
    proposals.withdraw(proposal, by("JPN", note="Not pursued"))
    proposal.refresh_from_db()
    assert (proposal.state, proposal.text, codes(proposal)) == ("withdrawn", WORDS, {"JPN"})
    assert acts(proposal)[-2:] == ["left", "withdrawn"]


def test_a_proposal_of_a_grouping_and_a_member_is_not_the_members_to_withdraw(place: SubIssue) -> None:
    proposal = ProposalFactory(proponents=[member("CAN")])
    proposal.grouping_proponents.add(GroupingFactory(slug="african-group"))
    with pytest.raises(InvalidValue, match="African Group"):
        proposals.withdraw(proposal, by("CAN"))
    proposals.leave(proposal, by("CAN"))
    assert not codes(proposal)


@pytest.mark.parametrize("ended", ["withdrawn", "merged"])
def test_a_withdrawn_or_merged_proposal_takes_no_further_step(place: SubIssue, secretariat: Any, ended: str) -> None:
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


def test_a_proposal_known_from_a_source_is_continued_and_its_text_kept(place: SubIssue) -> None:
    proposal = ProposalFactory(proponents=[member("CAN")], text="Old words.", tabled=datetime.date(2020, 3, 1))
    proposals.revise(proposal, "New words.", by("CAN"), base=0)
    first, second = proposal.steps.all()
    assert (first.act, first.text, first.made_on) == ("tabled", "Old words.", datetime.date(2020, 3, 1))
    assert first.note == f"As it stood on record: {SOURCE}"
    assert first.on_behalf_of is None
    assert (second.act, second.text) == ("revised", "New words.")


def test_the_secretariat_continues_a_proposal_without_proponents_in_nobodys_name(
    place: SubIssue, secretariat: Any
) -> None:
    proposal = ProposalFactory()
    proposals.revise(proposal, "Words.", Entry(secretariat), base=0)
    proposals.withdraw(proposal, Entry(secretariat))
    assert list(proposal.steps.values_list("act", "on_behalf_of")) == [("revised", None), ("withdrawn", None)]


def test_a_proposal_that_one_may_not_read_does_not_exist_for_writing_either(place: SubIssue) -> None:
    proposal = tabled(place, visibility="group")
    for act in (
        lambda: proposals.invite(proposal, member("JPN"), by("BRA")),
        lambda: proposals.respond(proposal, by("BRA"), confirm=True),
        lambda: merge(proposal, provision_with(BASE, sub_issue=place), by("BRA")),
    ):
        with pytest.raises(Proposal.DoesNotExist):
            act()


def test_an_invited_member_reads_what_it_is_invited_to(place: SubIssue) -> None:
    proposal = tabled(place, visibility="group")
    assert not visible_proposals(reader_of(delegate("JPN"))).exists()
    proposals.invite(proposal, member("JPN"), by("CAN"))
    assert visible_proposals(reader_of(delegate("JPN"))).get() == proposal


def test_who_was_invited_and_declined_is_for_the_members_concerned(place: SubIssue, secretariat: Any) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN")], visibility="public")
    proposals.respond(proposal, by("JPN"), confirm=False)

    def seen(user: Any) -> list[str]:
        return list(visible_steps(reader_of(user)).filter(proposal=proposal).values_list("act", flat=True))

    for user in (delegate("CAN"), delegate("JPN"), secretariat):
        assert seen(user) == ["tabled", "invited", "declined"]
    for user in (delegate("BRA"), AnonymousUser(), FacilitatorFactory(user=UserFactory()).user):
        assert seen(user) == ["tabled"]


# Merging


def merge(proposal: Proposal, provision: Provision, entry: Entry, base: int = 1, **placing: Any) -> ProposalStep:
    return proposals.merge_into(proposal, provision, Placement(**(placing or {"words": WORDS})), entry, base=base)


@pytest.fixture
def provision(place: SubIssue) -> Provision:
    """Return a provision with a bracket by Brazil in the sub-issue."""
    return provision_with(BASE, sub_issue=place, slug="article")


def test_a_facilitator_merges_a_proposal_and_the_variant_leads_back_to_it(
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


def test_chosen_words_go_beside_a_bracket_as_an_alternative(
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


def test_a_whole_new_text_may_be_typed(place: SubIssue, provision: Provision, facilitator: Any) -> None:
    whole = "Each Member shall [BRA: promptly] [CAN: impose customs duties] act."
    merge(tabled(place), provision, Entry(facilitator), whole=whole)
    assert provision.revisions.get(number=2).text == whole


def test_a_merged_proposal_goes_into_further_provisions(
    place: SubIssue, provision: Provision, facilitator: Any
) -> None:
    proposal = tabled(place)
    merge(proposal, provision, Entry(facilitator))
    merge(proposal, provision_with(BASE, sub_issue=place), Entry(facilitator))
    assert acts(proposal) == ["tabled", "merged", "merged"]
    Proposal.objects.update(state="withdrawn")
    with pytest.raises(ProposalClosed):
        merge(proposal, provision_with(BASE, sub_issue=place), Entry(facilitator))


def test_a_proponent_puts_its_proposal_into_a_text_in_its_own_name_and_changes_nothing_else(
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


def test_a_facilitator_merges_within_its_own_group_only(place: SubIssue, provision: Provision) -> None:
    stranger = FacilitatorFactory(small_group=SmallGroupFactory(), user=UserFactory()).user
    with pytest.raises(Refused, match="Only a facilitator of this text's small group"):
        merge(tabled(place), provision, Entry(stranger))


def test_a_proposal_goes_into_the_provisions_of_its_sub_issues_that_the_actor_sees(
    place: SubIssue, provision: Provision, facilitator: Any, secretariat: Any
) -> None:
    proposal = tabled(place)
    with pytest.raises(Provision.DoesNotExist):
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
def test_words_that_cannot_be_put_there_are_refused_and_nothing_is_stored(
    place: SubIssue, provision: Provision, facilitator: Any, placing: dict[str, Any], said: str
) -> None:
    proposal = tabled(place)
    with pytest.raises(OperationRefused, match=said):
        merge(proposal, provision, Entry(facilitator), **placing)
    assert (provision.revisions.count(), acts(proposal)) == (1, ["tabled"])


def test_a_proposal_without_proponents_needs_the_whole_text(
    place: SubIssue, provision: Provision, secretariat: Any
) -> None:
    proposal = ProposalFactory(sub_issues=[place], text=WORDS)
    with pytest.raises(InvalidValue, match="No proponent of this proposal is on record"):
        merge(proposal, provision, Entry(secretariat))
    merge(proposal, provision, Entry(secretariat), whole=f"{BASE} [{WORDS}]")
    assert acts(proposal) == ["tabled", "merged"]
    assert proposal.steps.first().text == WORDS


def test_what_others_have_logged_meanwhile_is_kept_or_is_a_conflict(
    place: SubIssue, provision: Provision, facilitator: Any
) -> None:
    changes.log(
        TextChange(provision, base_revision=1, edit=BASE.replace("Each", "Every"), made_on=DAY), actor=facilitator
    )
    proposal = tabled(place)
    step = merge(proposal, provision, Entry(facilitator, made_on=DAY), words="customs duties", beside=BASE.index("["))
    assert step.revision is not None
    assert step.revision.text.startswith("Every Member shall [BRA: promptly] / [CAN")
    with pytest.raises(Conflict):
        merge(proposal, provision, Entry(facilitator), base=7)


def test_a_second_click_merges_once(place: SubIssue, provision: Provision, facilitator: Any) -> None:
    proposal, entry = tabled(place), Entry(facilitator, idempotency_key="k")
    assert merge(proposal, provision, entry) == merge(proposal, provision, entry)
    assert provision.revisions.count() == 2


@pytest.mark.parametrize("act", ["revise", "invite", "confirm", "leave", "withdraw"])
def test_a_second_click_on_anything_is_recorded_once(place: SubIssue, act: str) -> None:
    proposal = joint(place) if act == "leave" else tabled(place, co_sponsors=[member("JPN")])
    run = {
        "revise": lambda: proposals.revise(proposal, "Other.", by("CAN", idempotency_key="k"), base=1),
        "invite": lambda: proposals.invite(proposal, member("BRA"), by("CAN", idempotency_key="k")),
        "confirm": lambda: proposals.respond(proposal, by("JPN", idempotency_key="k"), confirm=True),
        "leave": lambda: proposals.leave(proposal, by("CAN", idempotency_key="k")),
        "withdraw": lambda: proposals.withdraw(proposal, by("CAN", idempotency_key="k")),
    }[act]
    before = proposal.steps.count()
    assert run() == run()
    assert proposal.steps.count() == before + 1


# Concurrency with real threads and connections


@pytest.mark.django_db(transaction=True)
def test_all_who_confirm_at_the_same_moment_are_proponents(place: SubIssue) -> None:
    invited = [MemberFactory(code=f"Q{letter}Q") for letter in "ABCDEF"]
    for one in invited:
        ParticipationFactory(member=one)
    proposal = tabled(place, co_sponsors=invited)
    entries = [by(one.code) for one in invited]

    def confirm(number: int) -> str:
        return proposals.respond(proposal, entries[number], confirm=True).act

    assert at_once(confirm) == Counter({"confirmed": WRITERS})
    assert codes(proposal) == {"CAN", *(one.code for one in invited)}
    assert sorted(proposal.steps.values_list("number", flat=True)) == list(range(1, 2 + 2 * WRITERS))


@pytest.mark.django_db(transaction=True)
def test_of_two_delegates_who_confirm_for_the_same_member_one_is_recorded(place: SubIssue) -> None:
    proposal = tabled(place, co_sponsors=[member("JPN")])
    entries = [by("JPN", idempotency_key=f"click {number}") for number in range(WRITERS)]

    def confirm(number: int) -> str:
        try:
            return proposals.respond(proposal, entries[number], confirm=True).act
        except InvalidValue:
            return "told"

    assert at_once(confirm) == Counter({"confirmed": 1, "told": WRITERS - 1})
    assert acts(proposal) == ["tabled", "invited", "confirmed"]


@pytest.mark.django_db(transaction=True)
def test_a_double_click_with_several_connections_tables_once(place: SubIssue) -> None:
    entry, wanted = by("CAN", idempotency_key="k"), draft(place, symbol="INF/ECOM/99")

    def click(_: int) -> str:
        return proposals.table(place.negotiation, wanted, entry).slug

    assert at_once(click) == Counter({"customs-duties-can": WRITERS})
    assert Proposal.objects.count() == 1
    assert connection.vendor in ("sqlite", "postgresql")


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
    assert any("No document INF/77 is visible to everyone" in sentence for sentence in foretold)
    own = proposals.table(NegotiationFactory(), second, by("JPN")).document
    assert own != first.document
    assert "can" not in own.slug
    assert those_who_see_it() == {"CAN", "JPN"}
    assert [who for who, reader in readers.items() if first.document in visible_documents(reader)] == ["CAN"]
