"""Tests that steps on a proposal with the same key or at the same moment are recorded once."""

from collections import Counter

import pytest
from django.db import connection

from issues.actions import proposals
from issues.actions.errors import (
    InvalidValue,
)
from issues.models import Proposal, SubIssue
from tests.factories import MemberFactory, ParticipationFactory
from tests.issues.proposals.tabling import acts, by, codes, draft, joint, tabled
from tests.issues.test_concurrency import WRITERS, at_once
from tests.people import member

pytestmark = pytest.mark.django_db


def test_a_double_click_tables_a_proposal_once(place: SubIssue) -> None:
    first = tabled(place, by("CAN", idempotency_key="k"), co_sponsors=[member("JPN")])
    assert tabled(place, by("CAN", idempotency_key="k"), co_sponsors=[member("JPN")]) == first
    assert Proposal.objects.count() == 1
    assert len(acts(first)) == 2


@pytest.mark.parametrize("act", ["revise", "invite", "confirm", "leave", "withdraw"])
def test_a_double_click_on_any_button_is_recorded_once(place: SubIssue, act: str) -> None:
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


@pytest.mark.django_db(transaction=True)
def test_all_members_that_confirm_simultaneously_become_proponents(place: SubIssue) -> None:
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
def test_one_of_two_simultaneous_confirmations_for_the_same_member_is_recorded(place: SubIssue) -> None:
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
def test_a_double_click_over_several_connections_tables_a_proposal_once(place: SubIssue) -> None:
    entry, wanted = by("CAN", idempotency_key="k"), draft(place, symbol="INF/ECOM/99")

    def click(_: int) -> str:
        return proposals.table(place.negotiation, wanted, entry).slug

    assert at_once(click) == Counter({"customs-duties-can": WRITERS})
    assert Proposal.objects.count() == 1
    assert connection.vendor in ("sqlite", "postgresql")
