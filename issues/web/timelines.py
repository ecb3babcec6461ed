"""The timeline page, which follows a subject through documents and meetings."""

import datetime
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_documents
from issues.models import Document, Meeting
from issues.models.outline import hanging_at
from issues.web.query_params import requested_day
from members.dates import last_possible_day


@dataclass(frozen=True)
class Entry:
    """A meeting with its documents, or a document that belongs to none of the meetings."""

    day: datetime.date
    meeting: Meeting | None
    documents: list[Document]


@require_safe
def timeline(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the documents and meetings of a timeline, oldest first, with undated documents last."""
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    timeline = get_object_or_404(negotiation.timelines.prefetch_related("issues"), slug=slug)
    belonging = Q(timelines=timeline) | hanging_at([], timeline.issues.all(), "sub_issues", "issues")
    visible = visible_documents(reader).prefetch_related("submitted_by", "members")
    meetings = Meeting.objects.filter(belonging, negotiation=negotiation).distinct()
    documents = visible.filter(belonging, negotiation=negotiation).distinct()
    meetings, documents = meetings.known_on(negotiation, day), documents.known_on(negotiation, day)
    shown = list(meetings.prefetch_related("members", Prefetch("documents", visible.known_on(negotiation, day))))
    entries = _entries(shown, list(documents))
    return render(
        request,
        "issues/timeline.html",
        {
            "timeline": timeline,
            "years": [(year, list(rows)) for year, rows in groupby(entries, key=lambda entry: entry.day.year)],
            "undated": [document for document in documents if document.dated is None],
            "count": len(entries),
            "day": day,
        },
    )


def _entries(meetings: list[Meeting], documents: list[Document]) -> list[Entry]:
    """Return the entries by their last possible days. A document of one of the meetings appears only with it."""
    of_meetings = {document.pk for meeting in meetings for document in meeting.documents.all()}
    entries = [
        Entry(last_possible_day(meeting.starts, meeting.starts_precision), meeting, list(meeting.documents.all()))
        for meeting in meetings
    ]
    entries += [
        Entry(last_possible_day(document.dated, document.dated_precision), None, [document])
        for document in documents
        if document.dated is not None and document.pk not in of_meetings
    ]
    return sorted(entries, key=lambda entry: (entry.day, entry.meeting is None))
