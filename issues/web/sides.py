"""Who stands with whom: agreement as a matrix, as a map with movement, and as a list for one member."""

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
from issues.web.drawing_files import as_file
from issues.web.paging import page_of
from issues.web.table_files import Table, about, sender
from members.models import Member

VARIANTS_A_PAGE = 30
COLUMNS = ["member", "other_member", "same", "opposite", "n", "share"]


@dataclass(frozen=True)
class Asked:
    """What was asked, the provisions that it narrows to (None: all), the sides there, and the columns shown."""

    form: Any
    within: set[int] | None
    found: Sides
    shown: list[int]

    @property
    def agreement(self) -> Agreement:
        """The agreement of the members shown."""
        return agreement(self.found.table[:, self.shown])

    @property
    def members(self) -> list[Member]:
        """The members shown."""
        return [self.found.members[at] for at in self.shown]


def _filter(request: HttpRequest) -> StandingFilter:
    provisions = visible_provisions(reader_of(request.user)).filter(negotiation=negotiation_of(request))
    return StandingFilter(request.GET, queryset=provisions, request=request)


def _asked(request: HttpRequest, asked: StandingFilter) -> Asked:
    """Return what is asked for; raises BadRequest for what cannot be read."""
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    values = asked.require_valid()
    day = values.get("as_of")
    within = set(asked.qs.values_list("pk", flat=True)) if asked.narrows else None
    found = sides(reader, negotiation, day, within=within)
    least = values.get("least") or 1
    taken = np.abs(found.table).sum(axis=0)
    return Asked(asked.form, within, found, [at for at in range(len(found.members)) if taken[at] >= least])


@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """Show who stands with whom; what cannot be read stays in the form."""
    filtered = _filter(request)
    if not filtered.is_valid():
        return render(request, "issues/standing.html", {"form": filtered.form}, status=400)
    asked = _asked(request, filtered)
    values = asked.form.cleaned_data
    members, figures = asked.members, asked.agreement
    context: dict[str, Any] = {
        "form": asked.form,
        "day": values.get("as_of"),
        "since": values.get("since"),
        "variants": len(asked.found.variants),
        "members": members,
        "left_out": len(asked.found.members) - len(members),
        "means": _means(figures, members),
    }
    if len(members) > 1:
        context["matrix"] = _matrix(asked, figures)
        context["map"] = _map(request, asked, figures)
    chosen = next((at for at, member in enumerate(members) if member == values.get("member")), None)
    if chosen is not None:
        context |= _of_one(request, asked, chosen)
    return render(request, "issues/standing.html", context)


def _means(figures: Agreement, members: list[Member]) -> list[tuple[Member, float, int]]:
    """Return for each member the part of all comparisons with others in which both take the same side, lowest first."""
    same = figures.same.sum(axis=1) - np.diag(figures.same)
    n = figures.n.sum(axis=1) - np.diag(figures.n)
    rows = [(member, same[at] / n[at], int(n[at])) for at, member in enumerate(members) if n[at]]
    return sorted(rows, key=lambda row: row[1])


@require_safe
def drawing(request: HttpRequest, name: str) -> HttpResponse:
    """Send the matrix or the map as a file."""
    asked = _asked(request, _filter(request))
    titles = {"matrix": _("Agreement between members"), "map": _("Map of agreement between members")}
    if name not in titles or len(asked.members) < 2:
        raise Http404(_("Unknown chart."))
    figures = asked.agreement
    drawn = _matrix(asked, figures) if name == "matrix" else _map(request, asked, figures)
    day = asked.form.cleaned_data.get("as_of")
    return as_file(request, negotiation_of(request), name, titles[name], drawn, day)


def _matrix(asked: Asked, figures: Agreement) -> SafeString:
    codes = [member.code for member in asked.members]
    by_code = asked.form.cleaned_data.get("order") == "code"
    return matrices.matrix(figures, codes, list(range(len(codes))) if by_code else clustered(figures))


def _map(request: HttpRequest, asked: Asked, figures: Agreement) -> SafeString:
    codes = [member.code for member in asked.members]
    since = asked.form.cleaned_data.get("since")
    places = arrangement(figures)
    if since is None:
        return matrices.plane(places, codes)
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    earlier = sides(reader, negotiation, since, within=asked.within)
    common = [at for at, member in enumerate(earlier.members) if member.code in codes]
    if len(common) < 3:
        return matrices.plane(places, codes)
    then = [earlier.members[at].code for at in common]
    target = places[[codes.index(code) for code in then]]
    moved = carried_onto(arrangement(agreement(earlier.table[:, common])), target)
    return matrices.plane(places, codes, dict(zip(then, map(tuple, moved.tolist()), strict=True)))


def _of_one(request: HttpRequest, asked: Asked, at: int) -> dict[str, Any]:
    """Return what the page shows of one member: nearest and farthest, and on what it differs from `with`."""
    pairs = nearest(asked.agreement, at)
    members = asked.members
    other = next((i for i, member in enumerate(members) if member.code == request.GET.get("with")), None)
    rows: list[tuple[Member, Pair]] = [(members[pair.column], pair) for pair in pairs]
    context: dict[str, Any] = {"chosen": members[at], "pairs": rows}
    if other is not None and other != at:
        mine, theirs = (asked.found.table[:, asked.shown[one]] for one in (at, other))
        apart = [pk for pk, product in zip(asked.found.variants, mine * theirs, strict=True) if product < 0]
        rows_apart = (
            Variant.objects.filter(pk__in=apart).select_related("provision").order_by("provision__position", "ordinal")
        )
        context |= {
            "other": members[other],
            "apart": page_of(request, rows_apart, VARIANTS_A_PAGE),
        }
    return context


@require_safe
def standing_export(request: HttpRequest) -> HttpResponseBase:
    """Send the agreement of every two members as `format` csv, xlsx or json, with the query and the day inside."""
    send = sender(request)
    asked = _asked(request, _filter(request))
    said = about(request, asked.form.cleaned_data.get("as_of"))
    return send(Table("agreement", COLUMNS, _pairs(asked.agreement, asked.members), said))


def _pairs(figures: Agreement, members: list[Member]) -> Iterator[list[str | int]]:
    for first in range(len(members)):
        for second in range(first):
            same, opposite = int(figures.same[first, second]), int(figures.opposite[first, second])
            share = f"{same / (same + opposite):.4f}" if same + opposite else ""
            yield [members[first].code, members[second].code, same, opposite, same + opposite, share]
