"""Any page as of a day: members, positions and history as they were, and the page says so."""

import datetime
from typing import Any

import pytest
from django.test import Client

from tests.factories import (
    GroupingFactory,
    MemberFactory,
    ParticipationFactory,
    ProposalFactory,
    provision_with,
)
from tests.pages.test_reading import text_of

pytestmark = pytest.mark.django_db

DAYS = [datetime.date(2020, 10, 1), datetime.date(2020, 12, 1)]


@pytest.fixture(autouse=True)
def _world() -> None:
    canada = MemberFactory(code="CAN", name="Canada", name_fr="Canada", name_es="Canadá")
    japan = MemberFactory(code="JPN", name="Japan", name_fr="Japon", name_es="Japón")
    ParticipationFactory(member=canada)
    ParticipationFactory(member=japan, joined=datetime.date(2020, 11, 1))
    grouping = GroupingFactory(code="PACT", members=[canada])
    grouping.memberships.update(until=datetime.date(2020, 10, 31))
    provision_with("It [CAN oppose: shall] act.", "It [JPN: shall] [CAN: may] act.", days=DAYS, slug="acts")
    ProposalFactory(title="Early", tabled=DAYS[0], proponents=[canada])
    ProposalFactory(title="Late", tabled=DAYS[1], proponents=[canada])


def test_who_took_part_and_stood_where_is_counted_on_the_day(client: Client) -> None:
    rows = client.get("/members/?as_of=2020-10-15").context["rows"]
    assert [(member.code, proposes, opposes) for _, member, proposes, opposes in rows] == [("CAN", 0, 1)]
    rows = client.get("/members/?as_of=2020-12-15").context["rows"]
    assert [(member.code, proposes, opposes) for _, member, proposes, opposes in rows] == [
        ("CAN", 1, 0),
        ("JPN", 1, 0),
    ]


def test_a_member_is_shown_with_its_positions_proposals_and_groupings_of_the_day(client: Client) -> None:
    then, now = text_of(client.get("/members/CAN/?as_of=2020-10-15")), text_of(client.get("/members/CAN/"))
    assert "Opposes alone: shall" in then
    assert "Early" in then
    assert "Late" not in then
    assert "Pact" in then
    assert "Opposes alone" not in now
    assert "Late" in now
    assert "Pact" not in now


def test_the_history_ends_with_the_day(client: Client) -> None:
    assert "Revision 2" not in text_of(client.get("/provisions/acts/history/?as_of=2020-10-15"))
    assert "Revision 2" in text_of(client.get("/provisions/acts/history/"))
    assert client.get("/provisions/acts/history/?as_of=2020-09-30").status_code == 404


def test_a_page_says_as_of_which_day_it_is_read_and_leads_back(client: Client) -> None:
    page = client.get("/members/CAN/?as_of=2020-10-15")
    assert "You read everything as of the end of 15 October 2020." in text_of(page)
    assert '<a href="?">Back to now</a>' in page.content.decode()
    assert "You read everything as of" not in text_of(client.get("/members/CAN/"))


@pytest.mark.parametrize("address", ["/members/", "/members/CAN/", "/provisions/acts/history/", "/lenses/"])
@pytest.mark.parametrize("asked", ["2999-01-01", "yesterday", "2020-13-01"])
def test_a_day_that_is_none_is_refused_on_every_page(client: Client, address: str, asked: str) -> None:
    assert client.get(address, {"as_of": asked}).status_code == 400


def test_members_are_called_as_the_reader_calls_them(client: Client) -> None:
    french: dict[str, Any] = {"headers": {"accept-language": "fr"}}
    assert "Japon" in text_of(client.get("/members/", **french))
    assert "Japon – proposition" in text_of(client.get("/provisions/acts/history/", **french))
    assert "Japón propone" in text_of(client.get("/provisions/acts/history/", headers={"accept-language": "es"}))


def test_the_number_of_queries_does_not_grow_with_members_and_positions(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        ParticipationFactory()
        provision_with("It [CAN: shall] act.", slug=f"more-{number}")
    with django_assert_max_num_queries(4):  # negotiation, reader's members, positions counted, participations
        client.get("/members/?as_of=2021-02-01")
