"""The convergence page, with charts of the figures over time, the stated statuses, and any contradictions."""

import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of
from issues.models import Meeting, Negotiation, SmallGroup, StatusReport
from issues.models.choices import MeetingKind
from issues.reports import convergence
from issues.reports.convergence import Standing
from issues.web.drawing_files import as_file
from issues.web.query_params import requested_day
from issues.web.table_files import Table, about, sender, yes_no
from issues.web.time_charts import Mark
from issues.web.time_series import marks_of, through_time

# The clean share of a text without words, in files. It is the same in every language.
NO_WORDS = "no words"
COLUMNS = [
    *("day", "words", "contested_words", "clean_share", "open_brackets", "alternatives", "named", "opposing"),
    "demonstration",
]


@require_safe
def convergence_page(request: HttpRequest) -> HttpResponse:
    """Show the figures for the whole text, or for one small group, over time."""
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    overview = convergence.overview(reader, negotiation, day)
    group = _group(request, negotiation)
    chosen = next((standing for standing in overview.groups if standing.group == group), None)
    measured = chosen.measured if chosen else overview.measured
    marks = _marks(negotiation, group, day)
    plenary = _last_plenary(negotiation, day)
    context: dict[str, Any] = {
        "day": day,
        "group": group,
        "chosen": chosen,
        "groups": overview.groups,
        "plots": through_time(measured, negotiation.day(day), marks).items(),
        "measured": measured,
        "demonstration": measured.demonstration,
        "contradictions": [standing for standing in overview.groups if standing.contradiction],
        "unstated": [standing for standing in overview.groups if standing.without_brackets],
        "plenary": plenary,
    }
    if plenary:
        earlier = convergence.overview(reader, negotiation, plenary.last_day)
        context["since"] = [
            (now, then.measured.figures) for now, then in zip(overview.groups, earlier.groups, strict=True)
        ]
    return render(request, "issues/convergence.html", context)


def _group(request: HttpRequest, negotiation: Negotiation) -> SmallGroup | None:
    slug = request.GET.get("small_group")
    return get_object_or_404(SmallGroup, slug=slug, negotiation=negotiation) if slug else None


def _marks(negotiation: Negotiation, group: SmallGroup | None, day: datetime.date | None) -> list[Mark]:
    """Return the statuses of a small group as marks, or an empty list for the whole text."""
    if group is None:
        return []
    return marks_of(StatusReport.objects.stated_by_day(day).filter(small_group=group))


def _last_plenary(negotiation: Negotiation, day: datetime.date | None) -> Meeting | None:
    """Return the last plenary that ended before the selected date or, by default, before the last recorded fact."""
    until = negotiation.day(day)
    held = negotiation.meetings.filter(kind=MeetingKind.PLENARY, starts__lt=until, planned_only=False)
    over = [plenary for plenary in held if plenary.last_day < until]
    return max(over, key=lambda plenary: plenary.last_day, default=None)


@require_safe
def chart(request: HttpRequest, name: str) -> HttpResponse:
    """Send a chart as a file."""
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    group = _group(request, negotiation)
    measured = _measured(reader, negotiation, group, day)
    until = negotiation.day(day)
    drawn = through_time(measured, until, _marks(negotiation, group, day)).get(name)
    if drawn is None or not drawn[1]:
        raise Http404(_("Unknown chart."))
    title = f"{drawn[0]}{_(':')} {group.local_name if group else _('The whole text')}"
    return as_file(request, negotiation, name, title, drawn[1], day)


def _measured(
    reader: Reader, negotiation: Negotiation, group: SmallGroup | None, day: datetime.date | None
) -> Standing:
    if group:
        return convergence.group_standing(reader, group, day).measured
    return convergence.overview(reader, negotiation, day).measured


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Send the figures shown in the charts, with a row for each day on which any of them changed."""
    send = sender(request)
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    group = _group(request, negotiation)
    measured = _measured(reader, negotiation, group, day)
    rows: list[list[str | int]] = [
        [
            str(point.day),
            point.figures.words,
            point.figures.contested_words,
            NO_WORDS if point.figures.clean_share is None else f"{point.figures.clean_share:.4f}",
            point.figures.open_brackets,
            point.figures.alternatives,
            " ".join(sorted(point.figures.named)),
            " ".join(sorted(point.figures.opposing)),
            yes_no(measured.demonstration),
        ]
        for point in measured.trend
    ]
    return send(Table("convergence", COLUMNS, rows, about(request, day)))
