"""The pages of reported positions: the filtered list, a single position, the file, and the extracts on other pages."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from issues.access.visibility import negotiation_of
from issues.filters.reported_positions import ReportedPositionFilter
from issues.models import Negotiation, ReportedPosition, SmallGroup
from issues.models.reported_positions import ReportedPositionQuerySet
from issues.web.paging import page_of
from issues.web.query_params import requested_day
from issues.web.table_files import Table, about, sender
from members.dates import partial_iso_date

POSITIONS_A_PAGE, POSITIONS_IN_AN_EXTRACT, ON_THE_SAME_TOPIC = 30, 20, 10
EXPORTED_AT_ONCE = 500
# The fields of the form, in this order. The other filters are hidden, and shown only if the query contains them.
SHOWN = ("q", "member", "place", "small_group", "topic", "stance", "later", "as_of")
COLUMNS = [
    *("id", "holder", "member", "grouping", "described_as", "topic", "stance", "statement", "issue", "sub_issues"),
    *("stated_on", "reported_on", "later", "documents", "source", "address"),
]


@dataclass(frozen=True)
class Extract:
    """The first reported positions on a subject, their total number, and the query that lists all of them."""

    positions: list[ReportedPosition]
    total: int
    query: str


def extract(positions: ReportedPositionQuerySet, day: datetime.date, **query: str) -> Extract:
    """Return the first of `positions` known by `day`. `query` contains the filters that select the same positions."""
    known = positions.known_by(day)
    shown = list(known.with_related().in_order()[: POSITIONS_IN_AN_EXTRACT + 1])
    total = len(shown) if len(shown) <= POSITIONS_IN_AN_EXTRACT else known.count()
    return Extract(shown[:POSITIONS_IN_AN_EXTRACT], total, urlencode(query))


class OneOfManySelect(forms.Select):
    """A list from which one value is chosen, for a parameter that may be repeated."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return all values of the parameter."""
        return data.getlist(name)


def _visible(request: HttpRequest) -> ReportedPositionQuerySet:
    """Return the reported positions of the negotiation, which everybody may read."""
    return ReportedPosition.objects.filter(negotiation=negotiation_of(request))


def _filtered(request: HttpRequest) -> ReportedPositionFilter:
    return ReportedPositionFilter(request.GET, queryset=_visible(request).with_related().in_order(), request=request)


@require_safe
def reported_list(request: HttpRequest) -> HttpResponse:
    """Show the reported positions that match the filters, in the order of the issues."""
    filterset = _filtered(request)
    valid = filterset.is_valid()
    page = page_of(request, filterset.qs if valid else ReportedPosition.objects.none(), POSITIONS_A_PAGE)
    form = filterset.form
    _offer_choices(form, request, negotiation_of(request).day(form.cleaned_data.get("as_of") if valid else None))
    unlisted = [name for name in form.fields if name not in SHOWN]
    context = {
        "fields": [form[name] for name in SHOWN],
        "hidden": [(name, value) for name in unlisted if (value := request.GET.get(name))],
        "errors": [error for name in unlisted for error in form.errors.get(name, [])],
        "valid": valid,
        "page": page,
        "day": form.cleaned_data.get("as_of") if valid else None,
    }
    return render(request, "issues/reported_positions.html", context, status=200 if valid else 400)


def _offer_choices(form: forms.Form, request: HttpRequest, day: datetime.date) -> None:
    """Let the reader choose the holder, place and topic from lists.

    Values in the query that are not in a list, such as another spelling of a name, are added to it.
    """
    rows = _visible(request).known_by(day)
    choices = {
        "member": (OneOfManySelect, _("Any holder"), _holders(rows)),
        "place": (forms.Select, _("Any place"), _places(negotiation_of(request))),
        "topic": (forms.Select, _("Any topic"), _topics(rows)),
    }
    for name, (widget, empty, offered) in choices.items():
        offered_values = {value for value, label in offered}
        typed = [(value, value) for value in request.GET.getlist(name) if value and value not in offered_values]
        form.fields[name].widget = widget(choices=[("", empty), *typed, *offered])


def _holders(rows: ReportedPositionQuerySet) -> list[tuple[str, str]]:
    """Return the holders of reported positions: members, then groupings, then holders described in words."""
    holders = {
        (_order_of(position), position.holder): position.holder_key
        for position in rows.select_related("member", "grouping").only("member", "grouping", "described_as")
    }
    return [(value, holder) for (_kind, holder), value in sorted(holders.items())]


def _order_of(position: ReportedPosition) -> int:
    return 0 if position.member_id else 1 if position.grouping_id else 2


def _places(negotiation: Negotiation) -> list[tuple[str, str]]:
    """Return the codes and titles of all entries in the table of issues, indented by level."""
    places: list[tuple[str, str]] = []
    for section in negotiation.sections.prefetch_related("issues__sub_issues", "sub_issues"):
        places.append((section.code, f"{section.local_label}. {section.local_title}"))
        places += [(entry.code, f"– {entry}") for entry in section.sub_issues.all()]
        for issue in section.issues.all():
            places.append((issue.code, f"– {issue}"))
            places += [(entry.code, f"– – {entry}") for entry in issue.sub_issues.all()]
    return places


def _topics(rows: ReportedPositionQuerySet) -> list[tuple[str, str]]:
    topics = rows.order_by("topic").values_list("topic", flat=True).distinct()
    return [(slugify(topic), topic) for topic in topics]


@require_safe
def reported_position(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a reported position with its holder, places, dates, documents and source."""
    day = requested_day(request)
    position = get_object_or_404(_visible(request).known_by(day).with_documents(), pk=pk)
    places = [*position.sub_issues.all()] or ([position.issue] if position.issue else [])
    groups = SmallGroup.objects.working_at(
        [entry.pk for entry in position.sub_issues.all()], [position.issue] if not position.sub_issues.all() else []
    )
    same_topic = _visible(request).exclude(pk=pk).filter(topic=position.topic).known_by(position.negotiation.day(day))
    context = {
        "position": position,
        "places": places,
        "groups": groups if places else [],
        "same_topic": same_topic.with_related().in_order()[:ON_THE_SAME_TOPIC],
        "day": day,
    }
    return render(request, "issues/reported_position.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Send all reported positions that match the filters as CSV, a workbook or JSON, with the query and the date."""
    filterset = _filtered(request)
    send = sender(request)
    if not filterset.is_valid():
        raise BadRequest(" ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in filterset.errors.items()))
    rows = _values(request, filterset.qs.prefetch_related("documents"))
    # Reported positions are real, whether or not the negotiation contains demonstration text.
    description = about(request, filterset.form.cleaned_data.get("as_of")) | {"demonstration": ""}
    return send(Table("reported_positions", COLUMNS, rows, description))


def _values(request: HttpRequest, positions: Any) -> Iterator[list[str | int]]:
    for position in positions.iterator(EXPORTED_AT_ONCE):
        yield [
            position.pk,
            position.holder,
            position.member.code if position.member else "",
            position.grouping.code if position.grouping else "",
            position.described_as,
            position.topic,
            position.stance,
            position.statement,
            position.issue.code if position.issue else "",
            " ".join(entry.code for entry in position.sub_issues.all()),
            partial_iso_date(position.stated_on, position.stated_on_precision),
            partial_iso_date(position.reported_on, position.reported_on_precision),
            str(position.is_later).lower(),
            " ".join(document.symbol or document.slug for document in position.public_documents),
            position.source,
            request.build_absolute_uri(reverse("reported-position", args=[position.pk])),
        ]
