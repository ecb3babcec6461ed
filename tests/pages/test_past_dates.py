"""Tests that any page can show members, positions and history as of a past date and states that date."""

import datetime
import re
from typing import Any

import pytest
from django.test import Client

from issues.models import Document, Meeting, Proposal, ProposalStep
from tests.factories import (
    GroupingFactory,
    MemberFactory,
    NegotiationFactory,
    ParticipationFactory,
    ProposalFactory,
    UserFactory,
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


def test_participation_and_positions_are_counted_on_the_selected_date(client: Client) -> None:
    rows = client.get("/members/?as_of=2020-10-15").context["rows"]
    assert [(row.participation.member.code, row.proposes, row.opposes) for row in rows] == [("CAN", 0, 1)]
    rows = client.get("/members/?as_of=2020-12-15").context["rows"]
    assert [(row.participation.member.code, row.proposes, row.opposes) for row in rows] == [
        ("CAN", 1, 0),
        ("JPN", 1, 0),
    ]


def test_a_member_is_shown_with_its_positions_proposals_and_groupings_of_the_selected_date(client: Client) -> None:
    then, now = text_of(client.get("/members/CAN/?as_of=2020-10-15")), text_of(client.get("/members/CAN/"))
    assert "Only opponent of: shall" in then
    assert "Early" in then
    assert "Late" not in then
    assert "Pact" in then
    assert "Only opponent of" not in now
    assert "Late" in now
    assert "Pact" not in now


def test_the_history_ends_at_the_selected_date(client: Client) -> None:
    assert "Revision 2" not in text_of(client.get("/provisions/acts/history/?as_of=2020-10-15"))
    assert "Revision 2" in text_of(client.get("/provisions/acts/history/"))
    assert client.get("/provisions/acts/history/?as_of=2020-09-30").status_code == 404


def test_a_page_states_the_selected_date_and_links_back_to_today(client: Client) -> None:
    page = client.get("/members/CAN/?as_of=2020-10-15")
    assert "You are viewing the record as of the end of 15 October 2020." in text_of(page)
    assert re.search(r'<a class="no-print" href="\?">\s*Back to today\s*</a>', page.content.decode())
    assert "You are viewing the record as of" not in text_of(client.get("/members/CAN/"))


@pytest.mark.parametrize("address", ["/members/", "/members/CAN/", "/provisions/acts/history/", "/lenses/"])
@pytest.mark.parametrize("asked", ["2999-01-01", "yesterday", "2020-13-01"])
def test_an_invalid_date_is_refused_on_every_page(client: Client, address: str, asked: str) -> None:
    assert client.get(address, {"as_of": asked}).status_code == 400


def test_member_names_are_in_the_readers_language(client: Client) -> None:
    french: dict[str, Any] = {"headers": {"accept-language": "fr"}}
    assert "Japon" in text_of(client.get("/members/", **french))
    assert "Japon" in text_of(client.get("/provisions/acts/history/", **french))
    assert "Japón propone" in text_of(client.get("/provisions/acts/history/", headers={"accept-language": "es"}))


def test_the_number_of_queries_does_not_grow_with_members_and_positions(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        ParticipationFactory()
        provision_with("It [CAN: shall] act.", slug=f"more-{number}")
    # negotiation, reader's members, counted positions, participations, and the parties: participants, representatives
    with django_assert_max_num_queries(6):
        client.get("/members/?as_of=2021-02-01")


@pytest.fixture
def later() -> dict[str, Any]:
    """Create changes after 15 October 2020: a dropped bracket, a withdrawn proposal, a meeting and a document."""
    dropped = provision_with("It [JPN: never] acts.", "It acts.", days=DAYS, slug="dropped")
    proposal = ProposalFactory(slug="known", title="Known", tabled=DAYS[0])
    user = UserFactory()
    for number, (act, day) in enumerate([("tabled", DAYS[0]), ("withdrawn", DAYS[1])], start=1):
        ProposalStep.objects.create(proposal=proposal, number=number, act=act, made_on=day, recorded_by=user)
    Proposal.objects.filter(pk=proposal.pk).update(state="withdrawn")
    place: dict[str, Any] = {"negotiation": NegotiationFactory(), "source": "test"}
    Meeting.objects.create(slug="plenary", kind="plenary", title="Plenary", starts=DAYS[1], **place)
    Document.objects.create(slug="paper", title="Paper", genre="report", dated=DAYS[1], **place)
    return {"provision": dropped, "proposal": proposal}


def test_the_outcome_of_a_variant_is_unknown_before_it_ends(client: Client, later: Any) -> None:
    asked = "/variants/?as_of=2020-10-15"
    assert client.get(f"{asked}&outcome=dropped").context["page"].paginator.count == 0
    assert client.get("/variants/?state=closed&outcome=dropped").context["page"].paginator.count == 1
    assert client.get(f"{asked}&state=any").context["page"].paginator.count == 2


def test_a_proposal_is_shown_in_its_state_on_the_selected_date(client: Client, later: Any) -> None:
    for address in ("/proposals/known/", "/proposals/"):
        then, now = text_of(client.get(f"{address}?as_of=2020-10-15")), text_of(client.get(address))
        assert "Withdrawn" in now.replace("Withdrawn Show", "")
        assert "Known" in then
    assert client.get("/proposals/known/?as_of=2020-10-15").context["proposal"].state_shown == "tabled"
    found = client.get("/proposals/?state=withdrawn&as_of=2020-10-15")
    assert found.context["page"].paginator.count == 0
    assert client.get("/proposals/?state=withdrawn").context["page"].paginator.count == 1
    assert client.get("/proposals/known/?as_of=2020-09-30").status_code == 404


@pytest.mark.parametrize("address", ["/meetings/plenary/", "/documents/paper/"])
def test_later_entries_are_not_found_on_the_selected_date(client: Client, later: Any, address: str) -> None:
    assert client.get(address).status_code == 200
    assert client.get(f"{address}?as_of=2020-10-15").status_code == 404


def test_activity_and_revision_counts_end_at_the_selected_date(client: Client, later: Any) -> None:
    assert "logged revision 2" not in text_of(client.get("/activity/?as_of=2020-10-15"))
    assert "logged revision 2" in text_of(client.get("/activity/"))
    assert client.get("/provisions/acts/?as_of=2020-10-15").context["revisions"] == 1


def test_a_comparison_ends_at_the_selected_date(client: Client, later: Any) -> None:
    assert client.get("/compare/?start=2020-10-02&as_of=2020-10-15").context["page"].paginator.count == 0
    assert client.get("/compare/?start=2020-10-02").context["page"].paginator.count == 2
    assert client.get("/compare/?provision=acts&old=1&new=2&as_of=2020-10-15").status_code == 404


@pytest.mark.parametrize("asked", ["start=2020-10-02&old=1&provision=acts", "start=2020-10-02&new=2", "old=1.5"])
def test_an_ineffective_parameter_of_a_comparison_is_refused(client: Client, asked: str) -> None:
    assert client.get(f"/compare/?{asked}").status_code == 400


def test_the_age_of_a_closed_variant_ends_when_it_closes(client: Client, later: Any) -> None:
    count = {
        days: client.get(f"/variants/?state=closed&open_longer_than={days}").context["page"].paginator.count
        for days in (30, 90)
    }
    assert count == {30: 1, 90: 0}
    assert client.get("/variants/?as_of=0001-01-01&open_longer_than=99999").context["page"].paginator.count == 0


def test_a_plenary_dated_only_by_month_ends_with_the_month() -> None:
    place: dict[str, Any] = {"negotiation": NegotiationFactory(), "source": "test", "kind": "plenary"}
    meeting = Meeting(slug="m", title="M", starts=datetime.date(2020, 11, 1), starts_precision="month", **place)
    assert meeting.last_day == datetime.date(2020, 11, 30)
    meeting.ends = datetime.date(2020, 11, 12)
    assert meeting.last_day == datetime.date(2020, 11, 12)


def test_a_plenary_that_has_not_ended_is_not_the_last_plenary(client: Client, later: Any) -> None:
    Meeting.objects.update(starts=datetime.date(2020, 11, 1), ends=datetime.date(2020, 11, 20))
    assert client.get("/convergence/?as_of=2020-11-10").context["plenary"] is None
    assert client.get("/convergence/?as_of=2020-11-21").context["plenary"].slug == "plenary"
