"""Tests of the activity page, its visibility, its filters and its export as a table."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from issues.actions import changes, requests, status_reports
from issues.actions.edits import TextChange
from issues.models import ChangeRequest, Provision, SmallGroup
from issues.text.operations import Operation
from members.models import Member
from tests.factories import (
    FIRST_DAY,
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    SmallGroupFactory,
    UserFactory,
    provision_with,
)
from tests.pages.test_reading import text_of
from tests.people import client_of

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [BRA: promptly] act."
AT = TEXT.index("[")


@pytest.fixture
def canada() -> Any:
    """Return Ana Silva, a delegate of Canada."""
    MemberFactory(code="BRA", name="Brazil")
    user = UserFactory(username="ana", first_name="Ana", last_name="Silva")
    DelegationFactory(user=user, role="delegate", member=MemberFactory(code="CAN", name="Canada"))
    return user


@pytest.fixture
def group(canada: Any) -> SmallGroup:
    """Return a small group with a public provision, a change, a request, its response and a stated status."""
    provision = provision_with(TEXT, slug="article", heading="Article")
    found: SmallGroup = SmallGroupFactory(slug="spam", name="Spam")
    found.sub_issues.add(provision.sub_issue)
    facilitator = FacilitatorFactory(small_group=found, user=UserFactory(username="leader")).user
    member = Member.objects.get(code="CAN")
    changes.log(
        TextChange(provision, base_revision=1, edit=Operation("take", AT, stance="oppose"), on_behalf_of=member),
        actor=canada,
    )
    asked = requests.ask(
        provision=provision, base_revision=2, operation=Operation("lift", AT), actor=canada, on_behalf_of=member
    )
    requests.decline(request=asked, actor=facilitator, answer="=Too early")
    status_reports.state(
        small_group=found,
        status="streamlined",
        stated_on=FIRST_DAY,
        stated_by="Chair",
        source="Plenary",
        actor=facilitator,
    )
    return found


def hidden_text(group: SmallGroup) -> Provision:
    return provision_with("A [CAN: secret].", "A [CAN: secret] b.", heading="Hidden", visibility="group", slug="hidden")


def test_all_activity_is_listed_newest_first(canada: Any, group: SmallGroup) -> None:
    shown = text_of(client_of(canada).get("/activity/"))
    told = [
        "declined the request by Canada on Article",
        "Ana Silva ( Canada ) asked the facilitator of Article",
        "Ana Silva ( Canada ) logged revision 2 of Article Canada opposes “promptly”.",
        "logged revision 1 of Article the first text on record",
    ]
    places = [shown.index(one) for one in told]
    assert places == sorted(places)
    assert "recorded a status for Spam Streamlined, stated on 4 January 2021 by Chair." in shown


def test_the_public_sees_the_member_but_not_the_person(client: Client, group: SmallGroup) -> None:
    for address in ("/activity/", "/activity/export/", "/api/v1/activity/", "/provisions/article/history/"):
        answer = client.get(address)
        shown = answer.getvalue().decode()
        assert "Silva" not in shown
        assert "leader" not in shown
    assert "Canada logged revision 2 of Article" in text_of(client.get("/activity/"))
    assert "asked the facilitator" not in text_of(client.get("/activity/"))  # shown only to those concerned


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=revision", 2),
        ("kind=status", 1),
        ("kind=request", 1),
        ("kind=answer", 1),
        ("member=CAN", 3),
        ("member=BRA", 0),
        ("person=ana", 2),
        ("person=nobody", 0),
        ("provision=article", 4),
        ("small_group=spam", 5),
        ("since=2021-06-01&kind=revision", 1),
        ("until=2021-06-01&kind=revision", 1),
    ],
)
def test_the_activity_can_be_filtered(canada: Any, group: SmallGroup, query: str, count: int) -> None:
    client = client_of(canada)
    assert client.get(f"/api/v1/activity/?{query}").json()["count"] == count
    rows = list(csv.reader(io.StringIO(client.get(f"/activity/export/?{query}").getvalue().decode())))
    assert len(rows) == count + 1
    shown = text_of(client.get(f"/activity/?{query}"))
    assert (f"{count} entr" in shown) if count else ("No matching entries" in shown)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("member=XYZ", "Select a valid choice"),
        ("since=soon", "Enter a valid date"),
        ("since=2021-02-01&until=2021-01-01", "before the start"),
        ("kind=gossip", "Select a valid choice"),
        ("provision=hidden", "Select a valid choice"),
    ],
)
def test_an_invalid_filter_is_reported_in_every_format(
    client: Client, group: SmallGroup, query: str, said: str
) -> None:
    hidden_text(group)
    for address in ("/activity/", "/activity/export/", "/api/v1/activity/"):
        answer = client.get(f"{address}?{query}")
        assert answer.status_code == 400
        assert said in answer.content.decode()


def test_hidden_activity_is_neither_listed_nor_counted(client: Client, group: SmallGroup) -> None:
    before = client.get("/api/v1/activity/").json()
    hidden_text(group)
    assert client.get("/api/v1/activity/").json() == before
    assert "Hidden" not in text_of(client.get("/activity/"))
    assert b"Hidden" not in client.get("/activity/export/").getvalue()


def test_a_cell_that_looks_like_a_formula_is_exported_as_text(canada: Any, group: SmallGroup) -> None:
    Provision.objects.filter(slug="article").update(heading="=1+1")
    rows = list(csv.reader(io.StringIO(client_of(canada).get("/activity/export/").getvalue().decode())))
    assert rows[0][1:] == ["Who", "On behalf of", "What", "Of", "Says", "Address", "Demonstration"]
    assert {row[4] for row in rows[1:]} == {"'=1+1", "Spam"}


def test_the_number_of_queries_does_not_grow_with_the_activity(
    canada: Any, group: SmallGroup, django_assert_max_num_queries: Any
) -> None:
    provision_with(*(f"A [CAN: b{number}] c." for number in range(40)), slug="long")
    assert ChangeRequest.objects.count() == 1
    client = client_of(canada)
    with django_assert_max_num_queries(30):
        client.get("/activity/")
    with django_assert_max_num_queries(24):
        client.get("/api/v1/activity/?page_size=200")


def test_the_activity_page_accepts_no_writes(canada: Any, group: SmallGroup) -> None:
    client = client_of(canada)
    for address in ("/activity/", "/activity/export/", "/api/v1/activity/"):
        assert client.post(address).status_code in (403, 405)
        assert client.delete(address).status_code in (403, 405)
