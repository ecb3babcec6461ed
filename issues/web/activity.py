"""The activity page, and its entries as a CSV file."""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of
from issues.forms import ActivityForm
from issues.models import Negotiation
from issues.reports import activity
from issues.sync.csv_lines import csv_line, escape_formula
from issues.web.paging import page_of
from issues.web.query_params import requested_day
from issues.web.table_files import yes_no

ENTRIES_A_PAGE = 30
# The number of rows for which descriptions are computed at a time.
EXPORTED_AT_ONCE = 200
COLUMNS = ["When", "Who", "On behalf of", "What", "Of", "Says", "Address", "Demonstration"]


@require_safe
def activity_page(request: HttpRequest) -> HttpResponse:
    """Show the entries that match the filters, newest first."""
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    form = ActivityForm(request.GET, reader=reader, negotiation=negotiation)
    valid = form.is_valid()
    day = requested_day(request)
    rows: Any = activity.rows(reader, negotiation, _until(form.selection(), day)) if valid else []
    page = page_of(request, rows, ENTRIES_A_PAGE)
    entries = activity.entries(reader, negotiation, list(page.object_list))
    context = {
        "form": form,
        "page": page,
        "entries": entries,
        "demonstration": any(entry.demonstration for entry in entries),
        "asked": any(request.GET.get(name) for name in form.fields),
        "query": request.GET.urlencode(),
        "day": day,
    }
    return render(request, "issues/activity.html", context, status=200 if valid else 400)


@require_safe
def activity_export(request: HttpRequest) -> StreamingHttpResponse:
    """Send all entries that match the filters as a CSV file."""
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    form = ActivityForm(request.GET, reader=reader, negotiation=negotiation)
    if not form.is_valid():
        raise BadRequest(" ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()))
    lines = _lines(request, reader, negotiation, _until(form.selection(), requested_day(request)))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="activity.csv"'
    return response


def _until(query: activity.Selection, day: datetime.date | None) -> activity.Selection:
    """Return `query` limited to entries made on or before `day`."""
    return query if day is None else replace(query, until=min(day, query.until or day))


def _lines(request: HttpRequest, reader: Reader, negotiation: Negotiation, query: activity.Selection) -> Iterator[str]:
    yield "\ufeff" + csv_line(COLUMNS)  # the byte order mark makes spreadsheets read UTF-8
    rows = activity.rows(reader, negotiation, query).iterator(EXPORTED_AT_ONCE)
    while part := list(islice(rows, EXPORTED_AT_ONCE)):
        for entry in activity.entries(reader, negotiation, part):
            yield csv_line([escape_formula(value) for value in _values(request, entry)])


def _values(request: HttpRequest, entry: activity.Entry) -> list[str]:
    when = timezone.localtime(entry.at).isoformat(timespec="seconds")
    member = entry.member.local_name if entry.member else ""
    address, invented = request.build_absolute_uri(entry.path), yes_no(entry.demonstration)
    return [when, entry.person, member, entry.what, entry.subject, " ".join(entry.says), address, invented]
