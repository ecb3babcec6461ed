"""Show the agreement between members as a matrix, as a map that shows movement, and as a list for one member."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.filters.analysis import StandingFilter
from issues.models import Variant
from issues.reports.analysis import (
    Agreement,
    Pair,
    Sides,
    agreement,
    arrangement,
    carried_onto,
    clustered,
    nearest,
    sides,
)
from issues.web import matrices
from issues.web.bracket_tables import labels_for
from issues.web.drawing_files import as_file
from issues.web.paging import page_of
from issues.web.populations import population_about, population_context
from issues.web.table_files import Table, about, sender, yes_no
from members.models import Member

VARIANTS_A_PAGE = 30
COLUMNS = ["member", "other_member", "same", "opposite", "n", "share", "demonstration"]


@dataclass(frozen=True)
class Selection:
    """The provisions selected by the filters (None for all), the sides taken on them, and the columns to show."""

    form: Any
    within: set[int] | None
    sides: Sides
    shown: list[int]

    @property
    def agreement(self) -> Agreement:
        """The agreement between the members that are shown."""
        return agreement(self.sides.table[:, self.shown])

    @property
    def demonstration(self) -> Agreement:
        """The agreement between the members that are shown, on the variants of demonstration text alone."""
        return agreement(self.sides.table[self.sides.demonstration][:, self.shown])

    @property
    def members(self) -> list[Member]:
        """The members that are shown."""
        return [self.sides.members[at] for at in self.shown]

    def column(self, member: Member | None) -> int | None:
        """Return the column of the party to which `member` belongs, or None if it is not shown."""
        code = self.sides.population.party_of(member.code) if member else None
        return next((at for at, party in enumerate(self.members) if party.code == code), None)


def _filter(request: HttpRequest) -> StandingFilter:
    provisions = visible_provisions(reader_of(request.user)).filter(negotiation=negotiation_of(request))
    return StandingFilter(request.GET, queryset=provisions, request=request)


def _selection(request: HttpRequest, selection: StandingFilter) -> Selection:
    """Return the selection made by the filters. Raise BadRequest if the filters are invalid."""
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    values = selection.require_valid()
    day = values.get("as_of")
    within = set(selection.qs.values_list("pk", flat=True)) if selection.narrows else None
    result = sides(reader, negotiation, day, within=within)
    least = values.get("least") or 1
    taken = np.abs(result.table).sum(axis=0)
    return Selection(selection.form, within, result, [at for at in range(len(result.members)) if taken[at] >= least])


@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """Show the agreement between members. If the filters are invalid, the form is shown as submitted."""
    filtered = _filter(request)
    if not filtered.is_valid():
        return render(request, "issues/standing.html", {"form": filtered.form}, status=400)
    selection = _selection(request, filtered)
    values = selection.form.cleaned_data
    members, figures = selection.members, selection.agreement
    demonstration = bool(selection.sides.demonstration.any())
    context: dict[str, Any] = {
        "form": selection.form,
        "day": values.get("as_of"),
        "since": values.get("since"),
        "variants": len(selection.sides.variants),
        "members": members,
        "takers": len(selection.sides.members),
        "taking_no_side": len(selection.sides.population.parties) - len(selection.sides.members),
        "left_out": len(selection.sides.members) - len(members),
        "means": _means(figures, members),
        "demonstration": demonstration,
    }
    if len(members) > 1:
        context["matrix"] = _matrix(selection, figures)
        context["map"] = _map(request, selection, figures)
    population, asked = selection.sides.population, values.get("member")
    names = {party.code: party.local_name for party in population.parties}
    context |= population_context(population, names, [asked] if asked else [])
    chosen = selection.column(asked)
    if chosen is not None:
        context |= _of_one(request, selection, chosen)
    return render(request, "issues/standing.html", context)


def _means(figures: Agreement, members: list[Member]) -> list[tuple[Member, float, int]]:
    """Return each member's share of comparisons on the same side, and the number of comparisons, lowest share first."""
    same = figures.same.sum(axis=1) - np.diag(figures.same)
    n = figures.n.sum(axis=1) - np.diag(figures.n)
    rows = [(member, same[at] / n[at], int(n[at])) for at, member in enumerate(members) if n[at]]
    return sorted(rows, key=lambda row: row[1])


@require_safe
def drawing(request: HttpRequest, name: str) -> HttpResponse:
    """Send the matrix or the map as a file."""
    selection = _selection(request, _filter(request))
    titles = {"matrix": _("Agreement between members"), "map": _("Map of agreement between members")}
    if name not in titles or len(selection.members) < 2:
        raise Http404(_("Unknown chart."))
    figures = selection.agreement
    drawn = _matrix(selection, figures) if name == "matrix" else _map(request, selection, figures)
    day = selection.form.cleaned_data.get("as_of")
    return as_file(request, negotiation_of(request), name, titles[name], drawn, day)


def _matrix(selection: Selection, figures: Agreement) -> SafeString:
    codes = [member.code for member in selection.members]
    by_code = selection.form.cleaned_data.get("order") == "code"
    order = list(range(len(codes))) if by_code else clustered(figures)
    return matrices.matrix(figures, codes, order, demonstration=bool(selection.sides.demonstration.any()))


def _map(request: HttpRequest, selection: Selection, figures: Agreement) -> SafeString:
    """Return the map. With `since`, the map shows how members moved, if at least three are comparable."""
    codes = [member.code for member in selection.members]
    since = selection.form.cleaned_data.get("since")
    places = arrangement(figures)
    demonstration = bool(selection.sides.demonstration.any())
    if since is None:
        return matrices.plane(places, codes, demonstration=demonstration)
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    earlier = sides(reader, negotiation, since, within=selection.within)
    common = [at for at, member in enumerate(earlier.members) if member.code in codes]
    if len(common) < 3:
        return matrices.plane(places, codes, demonstration=demonstration)
    then = [earlier.members[at].code for at in common]
    target = places[[codes.index(code) for code in then]]
    moved = carried_onto(arrangement(agreement(earlier.table[:, common])), target)
    before = dict(zip(then, map(tuple, moved.tolist()), strict=True))
    return matrices.plane(places, codes, before, demonstration=demonstration)


def _of_one(request: HttpRequest, selection: Selection, at: int) -> dict[str, Any]:
    """Return the context for one member, with the others by agreement and the points on which one of them differs.

    The parameter `with` names the member to which it is compared in detail.
    """
    pairs = nearest(selection.agreement, at)
    members = selection.members
    rival = next((i for i, member in enumerate(members) if member.code == request.GET.get("with")), None)
    rows: list[tuple[Member, Pair]] = [(members[pair.column], pair) for pair in pairs]
    context: dict[str, Any] = {"chosen": members[at], "pairs": rows}
    if rival is not None and rival != at:
        mine, theirs = (selection.sides.table[:, selection.shown[index]] for index in (at, rival))
        apart = [pk for pk, product in zip(selection.sides.variants, mine * theirs, strict=True) if product < 0]
        rows_apart = (
            Variant.objects.filter(pk__in=apart).select_related("provision").order_by("provision__position", "ordinal")
        )
        page = page_of(request, rows_apart, VARIANTS_A_PAGE)
        labels = labels_for(request, page, selection.form.cleaned_data.get("as_of"))
        context |= {"other": members[rival], "apart": page, "labels": labels}
    return context


@require_safe
def standing_export(request: HttpRequest) -> HttpResponseBase:
    """Send the agreement for all pairs of members as CSV, a workbook or JSON, with the query and the date."""
    send = sender(request)
    selection = _selection(request, _filter(request))
    description = about(request, selection.form.cleaned_data.get("as_of"))
    description |= population_about(selection.sides.population)
    return send(Table("agreement", COLUMNS, _rows(selection), description))


def _rows(selection: Selection) -> Iterator[list[str | int]]:
    figures, invented, members = selection.agreement, selection.demonstration, selection.members
    for first, second in _pairs(selection, figures):
        same, opposite = int(figures.same[first, second]), int(figures.opposite[first, second])
        share = f"{same / (same + opposite):.4f}" if same + opposite else ""
        demonstration = yes_no(bool(invented.n[first, second]))
        yield [members[first].code, members[second].code, same, opposite, same + opposite, share, demonstration]


def _pairs(selection: Selection, figures: Agreement) -> list[tuple[int, int]]:
    """Return all pairs of members or, if the query names a member, its pairs in the order of the page."""
    asked = selection.form.cleaned_data.get("member")
    if asked is None:
        return [(first, second) for first in range(len(selection.members)) for second in range(first)]
    column = selection.column(asked)
    return [] if column is None else [(column, pair.column) for pair in nearest(figures, column)]
