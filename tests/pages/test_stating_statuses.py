"""Tests of stated statuses, the reasons for refusal, and notices of differences from the measured status."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from issues.access.permissions import Refused
from issues.actions import status_reports
from issues.models import SmallGroup, StatusReport
from tests import people
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    SmallGroupFactory,
    UserFactory,
    provision_with,
)
from tests.pages.test_reading import text_of
from tests.people import client_of, delegate, facilitator_of

pytestmark = pytest.mark.django_db

PAGE = "/small-groups/spam/state/"


@pytest.fixture
def group() -> SmallGroup:
    """Return a small group with one provision that has two open brackets."""
    MemberFactory(code="CAN", name="Canada")
    provision = provision_with("Each Member [shall] act [CAN: at once].", slug="article", heading="Article on spam")
    found: SmallGroup = SmallGroupFactory(slug="spam", name="Spam")
    found.sub_issues.add(provision.sub_issue)
    return found


@pytest.fixture
def facilitator(group: SmallGroup) -> Client:
    """Return a client of the group's facilitator."""
    return client_of(facilitator_of(group, name="Ana Silva"))


def sent(**values: Any) -> dict[str, Any]:
    said = {"status": "under negotiation", "stated_on": "2021-02-01", "stated_by": "Ana Silva", "source": "Plenary"}
    return {**said, **values}


def test_the_facilitator_states_a_status_with_its_date_and_source(facilitator: Client, group: SmallGroup) -> None:
    page = facilitator.get(PAGE)
    assert "Ana Silva, facilitator" in page.content.decode()
    assert "The small group is working on the brackets." in text_of(page)
    assert facilitator.post(PAGE, sent()).status_code == 302
    report = StatusReport.objects.get()
    assert (report.status, report.stated_on, report.source) == (
        "under negotiation",
        datetime.date(2021, 2, 1),
        "Plenary",
    )
    assert report.recorded_by is not None
    shown = text_of(facilitator.get("/small-groups/spam/"))
    assert "Recorded: Under negotiation (1 February 2021)." in shown
    assert "State a status" in shown


def test_a_double_click_states_a_status_once(facilitator: Client) -> None:
    for _ in range(2):
        facilitator.post(PAGE, sent())
    assert StatusReport.objects.count() == 1


def test_a_mistaken_statement_is_corrected_by_another_statement(facilitator: Client, group: SmallGroup) -> None:
    facilitator.post(PAGE, sent())
    facilitator.post(PAGE, sent(status="streamlined"))
    facilitator.post(PAGE, sent())
    assert [one.status for one in group.status_reports.order_by("pk")] == [
        "under negotiation",
        "streamlined",
        "under negotiation",
    ]


def test_clean_text_is_stated_despite_open_brackets_only_after_acknowledgement(facilitator: Client) -> None:
    answer = facilitator.post(PAGE, sent(status="clean text", note="All agreed in the room"))
    assert answer.status_code == 422
    shown = text_of(answer)
    assert (
        "The stated status would contradict the measured figures: there are open brackets in Article on spam : 2"
        in shown
    )
    assert "All agreed in the room" in answer.content.decode()
    assert not StatusReport.objects.exists()
    assert facilitator.post(PAGE, sent(status="clean text", seen="1")).status_code == 302
    group_page = text_of(facilitator.get("/small-groups/spam/"))
    assert "Stated as clean text, but 2 brackets are still open in the text: Article on spam (2)" in group_page


def test_a_text_without_brackets_is_described_only_as_measured(client: Client, group: SmallGroup) -> None:
    provision = provision_with("Each Member shall act.", slug="clean")
    other = SmallGroupFactory(slug="other")
    other.sub_issues.add(provision.sub_issue)
    assert (
        "No bracket is open in the text. Only the facilitator or the secretariat can state that it is clean text."
        in text_of(client.get("/small-groups/other/"))
    )
    assert "No bracket is open" not in text_of(client.get("/small-groups/spam/"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"status": "parked until"}, "Enter the date or event until which work is parked."),
        ({"stated_on": str(timezone.localdate() + datetime.timedelta(days=2))}, "This date is in the future"),
        ({"status": "agreed"}, "agreed is not one of the available choices"),
        ({"source": ""}, "This field is required."),
        ({"stated_by": ""}, "This field is required."),
        ({"stated_on": "yesterday"}, "Enter a valid date."),
    ],
)
def test_an_implausible_status_is_returned_with_the_reason(
    facilitator: Client, values: dict[str, str], said: str
) -> None:
    answer = facilitator.post(PAGE, sent(note="Typed with care", **values))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "Typed with care" in answer.content.decode()
    assert not StatusReport.objects.exists()


def test_other_users_cannot_state_a_status(group: SmallGroup, client: Client) -> None:
    assert client.get(PAGE).status_code == 302  # redirects to the login page
    strangers = [
        delegate("CAN"),
        DelegationFactory(role="analyst", member=None).user,
        FacilitatorFactory(user=UserFactory()).user,
        FacilitatorFactory(small_group=group, user=UserFactory(), until=datetime.date(2021, 1, 1)).user,
    ]
    for user in strangers:
        stranger = client_of(user)
        assert stranger.get(PAGE).status_code == 403
        assert stranger.post(PAGE, sent()).status_code == 403
        assert "State a status" not in text_of(stranger.get("/small-groups/spam/"))
        values = {**sent(), "stated_on": datetime.date(2021, 2, 1)}
        with pytest.raises(Refused):
            status_reports.state(small_group=group, actor=user, **values)
    assert not StatusReport.objects.exists()


def test_the_secretariat_can_state_an_announced_status(group: SmallGroup) -> None:
    secretariat = client_of(people.secretariat())
    answer = secretariat.post(PAGE, sent(status="parked until", until="MC12", stated_by="Co-conveners"))
    assert answer.status_code == 302
    assert StatusReport.objects.get().label == "Parked until MC12"
