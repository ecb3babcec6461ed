"""Tests that a representative and the members that it represents count once, while they are one party."""

import datetime
from itertools import combinations

import pytest
from django.test import Client

from issues.access.roles import ANYBODY
from issues.reports.analysis import agreement, population, sides
from members.models import Grouping, GroupingMembership, Member
from tests.analysis import oracle
from tests.factories import GroupingFactory, MemberFactory, NegotiationFactory, ParticipationFactory, provision_with

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 1, 4)


@pytest.fixture
def union() -> Grouping:
    """The European Union with France and Poland, beside five others. All eight participate."""
    members = {code: MemberFactory(code=code, name=f"Country {code}") for code in oracle.MEMBERS}
    for member in members.values():
        ParticipationFactory(member=member)
    GroupingFactory(code=oracle.GROUPING, members=[members[code] for code in oracle.GROUPED])
    represented = [members[code] for code in ("EU", *oracle.REPRESENTED)]
    grouping: Grouping = GroupingFactory(
        code="EU MEMBER STATES", speaks=False, represented_by=members["EU"], members=represented
    )
    return grouping


def parties(day: datetime.date | None = None) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    counted = population(NegotiationFactory(), day)
    return set(counted.codes), counted.represented


def test_represented_members_count_with_their_representative(union: Grouping) -> None:
    assert parties() == (set(oracle.PARTIES), {"EU": ("FRA", "POL")})
    assert len(population(NegotiationFactory()).participants) == len(oracle.MEMBERS)


def test_a_member_counts_separately_before_and_after_its_membership(union: Grouping) -> None:
    GroupingMembership.objects.filter(member__code="POL").update(since=DAY, until=datetime.date(2022, 12, 31))
    assert parties(DAY)[1] == {"EU": ("FRA", "POL")}
    assert parties(DAY - datetime.timedelta(1)) == ({*oracle.PARTIES, "POL"}, {"EU": ("FRA",)})
    assert parties(datetime.date(2023, 1, 1))[1] == {"EU": ("FRA",)}


def test_members_count_separately_in_a_negotiation_without_their_representative(union: Grouping) -> None:
    NegotiationFactory().participations.filter(member__code="EU").delete()
    assert parties() == (set(oracle.MEMBERS) - {"EU"}, {})


def test_of_two_groupings_with_a_representative_the_first_by_code_prevails(union: Grouping) -> None:
    canada, poland = Member.objects.get(code="CAN"), Member.objects.get(code="POL")
    GroupingFactory(code="A UNION", represented_by=canada, members=[poland])
    assert parties()[1] == {"CAN": ("POL",), "EU": ("FRA",)}


def test_sides_and_agreement_match_the_oracle(union: Grouping) -> None:
    worlds = {
        provision_with(oracle.written(oracle.world(seed)), slug=f"world-{seed}").pk: oracle.world(seed)
        for seed in range(60)
    }
    everything: list[dict[str, int]] = []
    for pk, choices in worlds.items():
        expected = [taken for taken in oracle.positions(choices) if taken]
        everything += expected
        table = sides(ANYBODY, NegotiationFactory(), within={pk})
        found = [
            {member.code: int(side) for member, side in zip(table.members, row, strict=True) if side}
            for row in table.table
        ]
        assert sorted(map(sorted_items, found)) == sorted(map(sorted_items, expected)), oracle.written(choices)
    table = sides(ANYBODY, NegotiationFactory())
    counted = agreement(table.table)
    for (a, one), (b, two) in combinations(enumerate(table.members), 2):
        both = [(taken[one.code], taken[two.code]) for taken in everything if {one.code, two.code} <= taken.keys()]
        assert (counted.n[a, b], counted.same[a, b]) == (len(both), sum(mine == yours for mine, yours in both))


def sorted_items(taken: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(taken.items())


def test_members_of_one_party_are_no_opponents_beside_each_other(client: Client, union: Grouping) -> None:
    provision_with("It [BRA propose; EU, FRA oppose: soon] ends.")
    assert "Only opponent of:" in client.get("/members/EU/").content.decode()
    provision_with("It [BRA propose; EU, FRA, CAN oppose: late] ends.")
    page = client.get("/members/FRA/").content.decode()
    assert page.count("Only opponent of:") == 1
    assert "late</a>" not in page.split("Only opponent of:")[1].split("</p>")[0]
    assert "Only opponent of:" not in client.get("/members/CAN/").content.decode()
    assert "8 participants" in client.get("/members/").content.decode()
    assert "6 parties that can stand apart" in client.get("/members/").content.decode()
