"""The calendar: the list of meetings, and the page of a meeting."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.filters.record import MeetingFilter
from issues.models import Meeting, Revision, StatusReport
from issues.models.text import RevisionQuerySet
from issues.web.history import entries
from issues.web.paging import page_of
from issues.web.provision_cards import load_names
from issues.web.query_params import requested_day
from issues.web.record_lists import filter_fields
from members.choices import Precision

MEETINGS_A_PAGE, REVISIONS_A_PAGE = 20, 20


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the meetings, newest first, with the number of texts changed and the statuses reported at each."""
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    everything = negotiation.meetings.order_by("-starts", "slug")
    filterset = MeetingFilter(request.GET, queryset=everything, request=request)
    valid = filterset.is_valid()
    page = page_of(request, filterset.qs if valid else everything.none(), MEETINGS_A_PAGE)
    day = filterset.form.cleaned_data.get("as_of") if valid else None
    rows = _rows(reader, list(page))
    context = {
        **filter_fields(filterset.form),
        "page": page,
        "rows": rows,
        "demonstration": any(_has_invented(row) for row in rows),
        "day": day,
        "feed": reverse("calendar-feed") + (f"?as_of={day}" if day else ""),
    }
    return render(request, "issues/calendar.html", context, status=200 if valid else 400)


@dataclass(frozen=True)
class Row:
    """A meeting with the number of revisions made and the statuses reported at it.

    `demonstration` is true if any of the revisions is of a demonstration text.
    """

    meeting: Meeting
    revisions: int
    stated: list[StatusReport]
    demonstration: bool


def _rows(reader: Reader, meetings: list[Meeting]) -> list[Row]:
    """Return a row for each meeting, in two queries."""
    if not meetings:
        return []
    first, last = min(meeting.starts for meeting in meetings), max(meeting.last_day for meeting in meetings)
    negotiation = meetings[0].negotiation_id
    visible = visible_provisions(reader).filter(negotiation=negotiation)
    revisions = Revision.objects.acts().filter(provision__in=visible, number__gt=1)
    revisions = revisions.filter(Q(made_on__range=(first, last)) | Q(meeting__in=meetings))
    made = list(revisions.order_by().values_list("meeting", "made_on", "provision__demonstration"))
    stated = (
        StatusReport.objects.in_effect()
        .filter(small_group__negotiation=negotiation, stated_on__range=(first, last))
        .select_related("small_group", "recorded_by")
    )
    return [_row(meeting, made, stated) for meeting in meetings]


def _row(
    meeting: Meeting, made: Sequence[tuple[int | None, datetime.date, bool]], stated: Iterable[StatusReport]
) -> Row:
    """Return the row of a meeting. `made` contains the meeting, the date and the mark of each revision."""
    invented = [marked for meeting_of_revision, day, marked in made if _is_of(meeting, meeting_of_revision, day)]
    reports = [report for report in stated if not report.stated_on_precision and _is_on(meeting, report.stated_on)]
    return Row(meeting, len(invented), reports, any(invented))


def _has_invented(row: Row) -> bool:
    """Return whether a revision or a status in the row is invented."""
    return row.demonstration or any(report.demonstration for report in row.stated)


def _is_on(meeting: Meeting, day: datetime.date) -> bool:
    """Return whether the meeting took place on `day`. Return False if its exact dates are not known."""
    return meeting.starts_precision == Precision.DAY and meeting.starts <= day <= meeting.last_day


def _is_of(meeting: Meeting, meeting_of_revision: int | None, day: datetime.date) -> bool:
    """Return whether a revision made on `day` belongs to a meeting.

    A revision that names a meeting belongs only to that meeting. Any other revision belongs to each meeting held on
    `day`.
    """
    return meeting_of_revision == meeting.pk if meeting_of_revision else _is_on(meeting, day)


def _made_in(meeting: Meeting) -> RevisionQuerySet:
    condition = Q(meeting=meeting)
    if meeting.starts_precision == Precision.DAY:
        condition |= Q(meeting=None, made_on__range=(meeting.starts, meeting.last_day))
    return Revision.objects.acts().filter(condition, number__gt=1)


@require_safe
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a meeting: the changes to the text, the statuses reported, and the documents."""
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    meetings = negotiation.meetings.known_on(negotiation, day) if day else negotiation.meetings.all()
    meeting = get_object_or_404(meetings, slug=slug)
    visible = visible_provisions(reader).filter(negotiation=negotiation)
    made = (
        _made_in(meeting)
        .made_by(day)
        .filter(provision__in=visible)
        .select_related("provision", "measure", "on_behalf_of")
    )
    page = page_of(request, made.order_by("provision__position", "number"), REVISIONS_A_PAGE)
    row, documents = _rows(reader, [meeting])[0], list(meeting.documents.select_related("recorded_with"))
    context: dict[str, Any] = {
        "day": day,
        "demonstration": _has_invented(row) or any(document.demonstration for document in documents),
        "meeting": meeting,
        "later": negotiation.is_later(meeting.dated_as),
        "page": page,
        "entries": entries(list(page), load_names()),
        "stated": row.stated,
        "documents": documents,
        "subjects": meeting,
    }
    return render(request, "issues/meeting.html", context)
