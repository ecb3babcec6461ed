"""Tests that a member's side follows from its own position or that of its grouping, and which position prevails."""

import pytest

from issues.access.roles import ANYBODY
from issues.reports.analysis import sides
from tests.factories import GroupingFactory, MemberFactory, NegotiationFactory, ParticipationFactory, provision_with

pytestmark = pytest.mark.django_db


def taken(text: str) -> dict[str, int]:
    parties = {code: MemberFactory(code=code) for code in ("BRA", "KEN", "NGA")}
    for member in parties.values():
        ParticipationFactory(member=member)
    GroupingFactory(code="AFRICAN GROUP", speaks=True, members=[parties["KEN"], parties["NGA"]])
    provision_with(text)
    found = sides(ANYBODY, NegotiationFactory())
    return {member.code: int(side) for member, side in zip(found.members, found.table[0], strict=True)}


@pytest.mark.parametrize("stance", ["consider", "reserve", "flexible"])
def test_a_member_that_takes_no_side_does_not_inherit_the_side_of_its_grouping(stance: str) -> None:
    assert taken(f"It [AFRICAN GROUP propose; KEN {stance}: promptly] acts.") == {"NGA": 1}


def test_a_member_that_also_considers_the_words_keeps_its_side() -> None:
    found = taken("It [KEN propose; KEN consider; BRA oppose; BRA reserve: promptly] acts.")
    assert found == {"BRA": -1, "KEN": 1}


def test_a_member_that_opposes_a_proposal_of_its_grouping_is_against_it() -> None:
    assert taken("It [AFRICAN GROUP propose; KEN oppose: promptly] acts.") == {"KEN": -1, "NGA": 1}


def test_a_member_that_proposes_and_opposes_the_same_words_takes_no_side() -> None:
    assert taken("It [KEN, BRA propose; KEN oppose: promptly] acts.") == {"BRA": 1}
