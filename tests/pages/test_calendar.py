"""Tests of the calendar, the changes at each meeting, and the feed for calendar programs."""

import datetime
from typing import Any

import icalendar
import pytest
from django.test import Client

from issues.models import Change, Meeting
from issues.sync.catch_up import catch_up_everywhere
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


def test_each_meeting_shows_the_number_of_changed_texts_and_the_statuses_stated_at_it(
    client: Client, plenary: Meeting
) -> None:
    page = text_of(client.get("/calendar/"))
    assert "Plenary Plenary Groups reported. 1 December 2020 – 2 December 2020 1 Circle : clean text" in page
    assert page.index("Planned") < page.index("Groups reported")


def test_no_changes_are_attributed_to_a_meeting_of_which_only_the_month_is_known(
    client: Client, plenary: Meeting
) -> None:
    assert "No text visible to you was changed at this meeting" in text_of(client.get("/meetings/month/"))


def test_the_page_of_a_meeting_lists_each_change_that_is_not_hidden(client: Client, plenary: Meeting) -> None:
    page = text_of(client.get("/meetings/plenary/"))
    assert "Acts" in page
    assert "“shall”" in page
    assert "hides" not in page
    assert client.get("/meetings/none/").status_code == 404


def test_on_a_past_date_later_meetings_are_omitted_and_meetings_can_be_filtered_by_kind(
    client: Client, plenary: Meeting
) -> None:
    assert "Planned" not in text_of(client.get("/calendar/?as_of=2021-01-01"))
    assert "Month" not in text_of(client.get("/calendar/?kind=plenary")).split("Subscribe")[1]


def events_of(client: Client, **headers: Any) -> dict[str, icalendar.Event]:
    answer = client.get("/calendar.ics", headers=headers)
    assert answer["Content-Type"].startswith("text/calendar")
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert all(not event.errors for event in events)
    return {str(event["summary"]): event for event in events}


def test_the_feed_has_all_day_events_that_end_on_the_next_day_and_marks_announced_ones(
    client: Client, plenary: Meeting
) -> None:
    events = events_of(client)
    assert set(events) == {"Month", "Plenary", "Planned"}
    assert events["Plenary"].decoded("dtstart") == DAY
    assert events["Plenary"].decoded("dtend") == datetime.date(2020, 12, 3)
    assert events["Plenary"]["dtstart"].params["VALUE"] == "DATE"
    assert events["Plenary"]["status"] == "CONFIRMED"
    assert events["Planned"]["status"] == "TENTATIVE"
    assert str(events["Plenary"]["url"]).endswith("/meetings/plenary/")
    assert client.get("/calendar.ics").content == client.get("/calendar.ics").content


@pytest.mark.parametrize(
    ("precision", "end", "period"),
    [("month", datetime.date(2021, 1, 1), "December 2020"), ("year", datetime.date(2021, 1, 1), "2020")],
)
def test_an_event_dated_only_by_month_or_year_lasts_that_whole_period_and_says_so(
    client: Client, plenary: Meeting, precision: str, end: datetime.date, period: str
) -> None:
    start = DAY if precision == "month" else datetime.date(2020, 1, 1)
    Meeting.objects.filter(slug="month").update(starts=start, starts_precision=precision)
    event = events_of(client)["Month"]
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (start, end)
    assert event["dtstart"].params["VALUE"] == event["dtend"].params["VALUE"] == "DATE"
    assert event["transp"] == "TRANSPARENT"
    assert event["description"] == f"Exact date not known: {period}."


def test_a_cancelled_event_stays_in_the_feed_and_is_marked(client: Client, plenary: Meeting) -> None:
    Meeting.objects.filter(slug="planned").update(cancelled=True)
    assert events_of(client)["Planned"]["status"] == "CANCELLED"


def test_an_event_keeps_its_uid_and_has_a_higher_sequence_after_each_change(client: Client, plenary: Meeting) -> None:
    catch_up_everywhere()
    seen = [events_of(client)["Plenary"]]
    for values in ({"ends": None}, {"title": "Renamed", "slug": "renamed"}, {"cancelled": True}):
        Meeting.objects.filter(pk=plenary.pk).update(**values)
        catch_up_everywhere()
        events = events_of(client, host="localhost") if "slug" in values else events_of(client)
        [event] = [event for name, event in events.items() if name in ("Plenary", "Renamed")]
        seen.append(event)
    assert len({str(event["uid"]) for event in seen}) == 1
    sequences = [int(event["sequence"]) for event in seen]
    assert sequences == sorted(set(sequences))
    assert sequences[0] == 0
    modified = [event.decoded("last-modified") for event in seen]
    assert modified == sorted(modified)
    assert modified[-1] == Change.objects.filter(resource="meeting", row=plenary.pk).latest("number").at.replace(
        microsecond=0
    )
    assert modified == [event.decoded("dtstamp") for event in seen]
    assert len({event.decoded("created") for event in seen}) == 1
    catch_up_everywhere()
    assert int(events_of(client)["Renamed"]["sequence"]) == sequences[-1]
    assert int(events_of(client)["Planned"]["sequence"]) == 0
    assert len({str(event["uid"]) for event in events_of(client).values()}) == 3


def test_the_number_of_queries_of_the_feed_does_not_grow_with_the_meetings(
    client: Client, plenary: Meeting, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        Meeting.objects.create(
            negotiation=plenary.negotiation, slug=f"m-{number}", kind="round", title="M", starts=DAY, source="test"
        )
    with django_assert_max_num_queries(3):
        client.get("/calendar.ics")


def test_the_number_of_queries_does_not_grow_with_the_meetings(
    client: Client, plenary: Meeting, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        Meeting.objects.create(
            negotiation=plenary.negotiation, slug=f"m-{number}", kind="round", title="M", starts=DAY, source="test"
        )
    with django_assert_max_num_queries(15):
        client.get("/calendar/")
