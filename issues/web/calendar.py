"""The calendar: meetings with what changed in each, one page a meeting, and a feed for calendar programs."""

import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.models import Meeting, Revision, StatusReport
from issues.models.choices import MeetingKind
from issues.models.text import RevisionQuerySet
from issues.web.history import entry
from issues.web.paging import page_of
from issues.web.provision_cards import load_names
from issues.web.query_params import asked_day
from members.choices import Precision
from members.plain_text import sanitize

MEETINGS_A_PAGE, REVISIONS_A_PAGE = 20, 20


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the meetings, newest first, with how many texts changed and what was stated in each."""
    day, reader, negotiation = asked_day(request), reader_of(request.user), negotiation_of(request)
    meetings = negotiation.meetings.filter(starts__lte=day) if day else negotiation.meetings.all()
    kind = request.GET.get("kind", "")
    if kind in MeetingKind.values:
        meetings = meetings.filter(kind=kind)
    page = page_of(request, meetings.order_by("-starts", "slug"), MEETINGS_A_PAGE)
    return render(
        request,
        "issues/calendar.html",
        {
            "page": page,
            "rows": _rows(reader, list(page)),
            "kinds": MeetingKind.choices,
            "kind": kind,
            "day": day,
        },
    )


def _rows(reader: Reader, meetings: list[Meeting]) -> list[tuple[Meeting, int, list[StatusReport]]]:
    """Return each meeting with the number of revisions made in it and the statuses stated in it: two queries."""
    if not meetings:
        return []
    first, last = min(one.starts for one in meetings), max(one.last_day for one in meetings)
    negotiation = meetings[0].negotiation_id
    visible = visible_provisions(reader).filter(negotiation=negotiation)
    made = Revision.objects.acts().filter(provision__in=visible, number__gt=1)
    made = made.filter(Q(made_on__range=(first, last)) | Q(meeting__in=meetings))
    days = list(made.order_by().values_list("meeting", "made_on"))
    stated = (
        StatusReport.objects.in_effect()
        .filter(small_group__negotiation=negotiation, stated_on__range=(first, last))
        .select_related("small_group")
    )
    return [
        (
            one,
            sum(_belongs(one, meeting, day) for meeting, day in days),
            [report for report in stated if _on_its_days(one, report.stated_on)],
        )
        for one in meetings
    ]


def _on_its_days(meeting: Meeting, day: datetime.date) -> bool:
    """Whether `day` is one of the meeting's, if they are known to the day."""
    return meeting.starts_precision == Precision.DAY and meeting.starts <= day <= meeting.last_day


def _belongs(one: Meeting, meeting: int | None, day: datetime.date) -> bool:
    """Whether a revision was made in `one`: it says so, or says of no other and was made on its days."""
    return meeting == one.pk if meeting else _on_its_days(one, day)


def _made_in(meeting: Meeting) -> RevisionQuerySet:
    told = Q(meeting=meeting)
    if meeting.starts_precision == Precision.DAY:
        told |= Q(meeting=None, made_on__range=(meeting.starts, meeting.last_day))
    return Revision.objects.acts().filter(told, number__gt=1)


@require_safe
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one meeting: what changed in the text, what was stated, which documents it had."""
    day, reader, negotiation = asked_day(request), reader_of(request.user), negotiation_of(request)
    meetings = negotiation.meetings.filter(starts__lte=day) if day else negotiation.meetings.all()
    found = get_object_or_404(meetings, slug=slug)
    visible = visible_provisions(reader).filter(negotiation=negotiation)
    made = (
        _made_in(found)
        .made_by(day)
        .filter(provision__in=visible)
        .select_related("provision", "measure", "on_behalf_of")
    )
    page = page_of(request, made.order_by("provision__position", "number"), REVISIONS_A_PAGE)
    names, revisions = load_names(), list(page)
    before = {
        (one.provision_id, one.number): one
        for one in Revision.objects.filter(
            provision__in={one.provision_id for one in revisions}, number__in={one.follows_number for one in revisions}
        )
    }
    context: dict[str, Any] = {
        "day": day,
        "meeting": found,
        "page": page,
        "entries": [entry(one, before.get((one.provision_id, one.follows_number)), names) for one in revisions],
        "stated": [report for _, _, reports in _rows(reader, [found]) for report in reports],
        "documents": found.documents.all(),
        "sub_issues": found.sub_issues.all(),
        "groups": found.small_groups.all(),
    }
    return render(request, "issues/meeting.html", context)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Send the meetings as iCalendar (RFC 5545), whole days. One known only to the month or year has no place in it."""
    negotiation = negotiation_of(request)
    made = Calendar()
    made.add("prodid", "-//JSI tracker//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", sanitize(negotiation.short_name))
    for one in negotiation.meetings.filter(starts_precision=Precision.DAY).order_by("starts", "slug"):
        event = Event()
        event.add("uid", f"{one.slug}@{negotiation.slug}.{request.get_host()}")
        event.add("dtstamp", datetime.datetime.combine(one.starts, datetime.time(), datetime.UTC))
        event.add("summary", sanitize(one.title))
        event.add("dtstart", one.starts)
        event.add("dtend", one.last_day + datetime.timedelta(days=1))  # the first day that is not of it
        event.add("url", request.build_absolute_uri(reverse("meeting", args=[one.slug])))
        event.add("status", "TENTATIVE" if one.planned_only else "CONFIRMED")
        if one.outcome:
            event.add("description", sanitize(one.outcome))
        made.add_component(event)
    return HttpResponse(made.to_ical(), content_type="text/calendar; charset=utf-8")
