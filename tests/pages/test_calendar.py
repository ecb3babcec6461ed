"""Tests of the calendar, the changes at each meeting, and the feed for calendar programs."""

import datetime
from typing import Any

import icalendar
import pytest
from django.test import Client

from issues.models import Meeting
from tests.factories import NegotiationFactory, SmallGroupFactory, StatusReportFactory, provision_with
from tests.pages.test_reading import text_of

pytestmark = pytest.mark.django_db

DAY = datetime.date(2020, 12, 1)


@pytest.fixture
def plenary() -> Meeting:
    def made(slug: str, **values: Any) -> Meeting:
        return Meeting.objects.create(
            negotiation=NegotiationFactory(), slug=slug, title=slug.title(), source="test", **values
        )

    made("month", kind="round", starts=DAY, starts_precision="month")
    made("planned", kind="plenary", starts=datetime.date(2021, 3, 16), planned_only=True)
    found = made(
        "plenary", kind="plenary", starts=DAY, ends=DAY + datetime.timedelta(days=1), outcome="Groups reported."
    )
    days = [datetime.date(2020, 10, 1), DAY]
    provision_with("It [CAN: shall] act.", "It shall act.", days=days, slug="acts")
    provision_with("It [CAN: hides].", "It hides.", days=days, slug="hidden", visibility="group")
    StatusReportFactory(small_group=SmallGroupFactory(name="Circle"), stated_on=DAY, status="clean text")
    return found


def test_each_meeting_says_how_many_texts_changed_and_what_was_stated_in_it(client: Client, plenary: Meeting) -> None:
    page = text_of(client.get("/calendar/"))
    assert "Plenary Plenary Groups reported. 1 December 2020 – 2 December 2020 1 Circle : clean text" in page
    assert page.index("Planned") < page.index("Groups reported")


def test_a_meeting_known_only_to_the_month_claims_no_change_of_a_day(client: Client, plenary: Meeting) -> None:
    assert "No text visible to you was changed at this meeting" in text_of(client.get("/meetings/month/"))


def test_the_page_of_a_meeting_tells_each_change_and_none_that_is_hidden(client: Client, plenary: Meeting) -> None:
    page = text_of(client.get("/meetings/plenary/"))
    assert "Acts" in page
    assert "“shall”" in page
    assert "hides" not in page
    assert client.get("/meetings/none/").status_code == 404


def test_as_of_a_day_later_meetings_are_not_there_and_a_kind_narrows(client: Client, plenary: Meeting) -> None:
    assert "Planned" not in text_of(client.get("/calendar/?as_of=2021-01-01"))
    assert "Month" not in text_of(client.get("/calendar/?kind=plenary")).split("Subscribe")[1]


def test_the_feed_has_whole_days_ends_on_the_day_after_and_says_what_is_only_announced(
    client: Client, plenary: Meeting
) -> None:
    answer = client.get("/calendar.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    events = {str(one["summary"]): one for one in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")}
    assert set(events) == {"Plenary", "Planned"}
    assert events["Plenary"].decoded("dtstart") == DAY
    assert events["Plenary"].decoded("dtend") == datetime.date(2020, 12, 3)
    assert events["Plenary"]["status"] == "CONFIRMED"
    assert events["Planned"]["status"] == "TENTATIVE"
    assert str(events["Plenary"]["url"]).endswith("/meetings/plenary/")
    assert answer.content == client.get("/calendar.ics").content


def test_the_number_of_queries_does_not_grow_with_the_meetings(
    client: Client, plenary: Meeting, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        Meeting.objects.create(
            negotiation=plenary.negotiation, slug=f"m-{number}", kind="round", title="M", starts=DAY, source="test"
        )
    with django_assert_max_num_queries(15):
        client.get("/calendar/")
