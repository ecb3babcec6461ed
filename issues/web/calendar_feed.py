"""The meetings of a negotiation in iCalendar format (RFC 5545), for calendar programs.

The identifier of an event contains the primary key of the meeting and the host of the site, so that it remains the same
if the meeting is renamed or the feed is read under another host name. The times and the number of the last revision of
an event come from the change feed, whose entries are never changed or deleted.
"""

import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from issues.access.visibility import negotiation_of
from issues.models import Change, Meeting, Negotiation
from issues.web.query_params import requested_day
from members.choices import Precision
from members.plain_text import sanitize


class _Revisions(NamedTuple):
    """The times of the first and last entry of a meeting in the change feed, and the number of entries."""

    created: datetime.datetime
    modified: datetime.datetime
    entries: int


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Send the meetings as all-day events. If only the month or year is known, the event lasts the month or year.

    The calendar contains the meetings of the page: those known on the day shown, and those still to come.
    """
    day, negotiation = requested_day(request), negotiation_of(request)
    calendar = Calendar()
    calendar.add("prodid", "-//JSI tracker//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", sanitize(negotiation.local_short_name))
    revisions = _revisions(negotiation)
    for meeting in negotiation.meetings.known_on(negotiation, day).order_by("starts", "slug"):
        calendar.add_component(_event(meeting, negotiation, revisions.get(meeting.pk), request))
    return HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")


def _revisions(negotiation: Negotiation) -> dict[int, _Revisions]:
    """Return the revisions of the meetings that the change feed contains, by primary key."""
    published = Change.objects.filter(negotiation=negotiation, resource="meeting").order_by().values("row")
    rows = published.annotate(created=Min("at"), modified=Max("at"), count=Count("pk"))
    return {row["row"]: _Revisions(row["created"], row["modified"], row["count"]) for row in rows}


def _event(meeting: Meeting, negotiation: Negotiation, revisions: _Revisions | None, request: HttpRequest) -> Event:
    event = Event()
    event.add("uid", f"meeting-{meeting.pk}@{negotiation.slug}.{urlsplit(settings.SITE_URL).hostname}")
    _add_revisions(event, meeting, revisions)
    event.add("summary", sanitize(meeting.title))
    event.add("dtstart", meeting.starts)
    event.add("dtend", meeting.last_day + datetime.timedelta(days=1))  # the end date is exclusive
    event.add("transp", "TRANSPARENT")  # the event does not make the reader's day appear as busy
    event.add("url", request.build_absolute_uri(reverse("meeting", args=[meeting.slug])))
    event.add("status", _status(meeting))
    if description := _description(meeting):
        event.add("description", description)
    return event


def _add_revisions(event: Event, meeting: Meeting, revisions: _Revisions | None) -> None:
    """Add when the event was created and last revised, and the number of revisions since it was created.

    Without a METHOD, DTSTAMP is the time of the last revision. For a meeting that has not been published yet, it is the
    start of the meeting.
    """
    if revisions is None:
        event.add("dtstamp", datetime.datetime.combine(meeting.starts, datetime.time(), datetime.UTC))
        event.add("sequence", 0)
        return
    event.add("dtstamp", revisions.modified)
    event.add("created", revisions.created)
    event.add("last-modified", revisions.modified)
    event.add("sequence", revisions.entries - 1)


def _status(meeting: Meeting) -> str:
    """Return the status of a meeting in terms of RFC 5545."""
    if meeting.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if meeting.planned_only else "CONFIRMED"


def _description(meeting: Meeting) -> str:
    """Return the precision of the dates if they are not known to the day, and the outcome of the meeting."""
    known_to_the_day = meeting.starts_precision == Precision.DAY
    period = "" if known_to_the_day else _("Exact date not known: %(period)s.") % {"period": meeting.starts_text}
    return sanitize("\n\n".join(filter(None, (period, meeting.outcome))))
