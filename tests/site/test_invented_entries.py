"""Entries of demonstration users beside real ones: each is marked where it is shown, and only it."""

import datetime
from typing import Any

import pytest
from django.test import Client

from issues.actions import proposals, status_reports
from issues.actions.proposals import Draft, Entry
from issues.models import Document, Meeting, Negotiation, Provision, SmallGroup, StatusReport
from members.demonstration import DOMAIN
from tests.factories import (
    DelegationFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    log_change,
    provision_with,
)
from tests.people import member, take_part

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 2, 5)
TEXT, OPPOSED = "Each Member [BRA: shall] act.", "Each Member [BRA propose; CAN oppose: shall] act."
BANNER, TAG = 'class="demonstration"', 'class="tag invented"'


def page(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200, path
    return " ".join(response.content.decode().split())


@pytest.fixture(autouse=True)
def participants() -> None:
    take_part("BRA", "CAN")


@pytest.fixture(params=[DOMAIN, "@example.org"])
def person(request: pytest.FixtureRequest) -> Any:
    """Return a member of the secretariat who is a demonstration user or not."""
    user = UserFactory(email=f"office{request.param}")
    return DelegationFactory(user=user, role="secretariat", member=None).user


def meeting_in(negotiation: Negotiation) -> Meeting:
    return Meeting.objects.create(
        negotiation=negotiation, slug="plenary", kind="plenary", title="Plenary", starts=DAY, ends=DAY, source="test"
    )


def is_invented(person: Any) -> bool:
    return bool(person.email.endswith(DOMAIN))


@pytest.mark.parametrize("marked", [True, False])
def test_pages_of_meetings_and_the_calendar_mark_changes_to_demonstration_texts(marked: bool) -> None:
    provision = provision_with(TEXT, OPPOSED, days=[datetime.date(2021, 1, 1), DAY], demonstration=marked)
    meeting = meeting_in(provision.negotiation)
    for path in (f"/meetings/{meeting.slug}/", "/calendar/"):
        shown = page(path)
        assert (BANNER in shown, TAG in shown) == (marked, marked), path


@pytest.mark.parametrize("marked", [True, False])
def test_the_page_of_a_document_marks_texts_that_are_demonstrations(marked: bool) -> None:
    provision = provision_with(TEXT, demonstration=marked)
    document = Document.objects.create(
        negotiation=provision.negotiation, slug="d", title="D", genre="proposal", verification="none", source="test"
    )
    user = DelegationFactory(role="secretariat", member=None).user
    proposal = proposals.table(
        provision.negotiation, draft(provision, ""), Entry(actor=user, on_behalf_of=member("CAN"))
    )
    type(proposal).objects.filter(pk=proposal.pk).update(document=document)
    log_change(actor=user, provision=provision, base_revision=1, edit="Each Member acts.", proposal=proposal)
    shown = page("/documents/d/")
    assert "Incorporated into the text" in shown
    assert (BANNER in shown, TAG in shown) == (marked, marked)


def draft(provision: Provision, symbol: str) -> Draft:
    assert provision.sub_issue is not None
    return Draft("Words", "Each Member shall act.", [provision.sub_issue], visibility="public", symbol=symbol)


def test_a_status_stated_by_a_demonstration_user_is_marked_on_each_page(person: Any) -> None:
    group = SmallGroupFactory()
    meeting = meeting_in(group.negotiation)
    place = SubIssueFactory()
    group.sub_issues.add(place)
    provision_with(TEXT, sub_issue=place)
    state(group, person)
    paths = ["/", f"/small-groups/{group.slug}/", f"/meetings/{meeting.slug}/", "/calendar/", "/convergence/"]
    paths += [f"/sub-issues/{place.code}/", f"/convergence/?small_group={group.slug}"]
    for path in paths:
        shown = page(path)
        assert "clean text" in shown.lower(), path
        assert (TAG in shown) is is_invented(person), path


def state(group: SmallGroup, person: Any) -> StatusReport:
    values = {"status": "clean text", "stated_on": DAY, "stated_by": "Facilitator", "source": "test"}
    return status_reports.state(small_group=group, actor=person, **values)  # type: ignore[arg-type]


def test_a_document_recorded_with_an_invented_proposal_is_marked(person: Any) -> None:
    provision = provision_with(TEXT, demonstration=is_invented(person))
    proposals.table(
        provision.negotiation, draft(provision, "INF/ECOM/999"), Entry(actor=person, on_behalf_of=member("CAN"))
    )
    document = Document.objects.get(symbol="INF/ECOM/999")
    for path in (f"/documents/{document.slug}/", "/documents/", "/search/?q=INF/ECOM/999&kind=document"):
        assert (TAG in page(path)) is is_invented(person), path
    shown = Client().get(f"/api/v1/documents/{document.slug}/").json()
    assert shown["demonstration"] is is_invented(person)
    [found] = Client().get("/api/v1/search/?q=INF/ECOM/999&kind=document").json()["results"]
    assert found["demonstration"] is is_invented(person)


def test_a_members_page_calls_only_marked_positions_invented() -> None:
    provision_with(OPPOSED, demonstration=True)
    assert "The positions in the text below are invented" in page("/members/CAN/")
    provision_with(OPPOSED)
    shown = page("/members/CAN/")
    assert "The positions in the text below are invented" not in shown
    assert "positions that are marked as invented below" in shown
    assert shown.count(TAG) == 1 + shown.count("Only opponent of")


@pytest.mark.parametrize(
    ("ending", "mark"), [("xml", 'demonstration="true"'), ("html", 'data-demonstration="invented"')]
)
def test_exported_texts_are_marked_one_by_one(ending: str, mark: str) -> None:
    provision_with(OPPOSED, demonstration=True)
    provision_with(OPPOSED)
    exported = Client().get(f"/export/file/?format={ending}")
    content = exported.getvalue() if exported.streaming else exported.content
    assert content.decode().count(mark) == 1


def test_selected_fields_keep_the_mark_of_an_invented_object() -> None:
    invented, real = provision_with(OPPOSED, demonstration=True), provision_with(OPPOSED)
    rows = Client().get("/api/v1/provisions/?fields=slug").json()["results"]
    assert {row["slug"]: row.get("demonstration") for row in rows} == {invented.slug: True, real.slug: None}
    path = f"/api/v1/provisions/{invented.slug}/"
    assert Client().get(f"{path}?fields=slug").json() == {"slug": invented.slug, "demonstration": True}
    assert Client().get(f"/api/v1/provisions/{real.slug}/?fields=slug").json() == {"slug": real.slug}
    positions = Client().get("/api/v1/positions/?fields=stance").json()["results"]
    assert sorted(row.get("demonstration", False) for row in positions) == [False, False, True, True]
