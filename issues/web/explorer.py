"""The variants explorer, which has the API's filters, shows counts for each further filter, and exports the results."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_variants
from issues.filters.variants import VariantFilter
from issues.models import Position, Variant
from issues.models.choices import Stance
from issues.models.index import VariantQuerySet
from issues.models.text import PLACE
from issues.text.search import excerpts
from issues.web import bracket_tables
from issues.web.facets import facets
from issues.web.paging import page_of
from issues.web.table_files import Table, about, sender, yes_no
from members.models import Grouping, Member, local_name

VARIANTS_A_PAGE = 50
EXPORTED_AT_ONCE = 500
# Filters by member, each shown as a list of all members and groupings.
BY_NAME = ("proponent", "opponent", "every_proponent", "every_opponent", "member")
COLUMNS = [
    *("provision", "place", "kind", "text"),
    *Stance.values,
    *("opened_on", "days_open", "closed_on", "outcome", "demonstration"),
    *bracket_tables.COLUMNS,
]


def _visible(request: HttpRequest) -> VariantQuerySet:
    return visible_variants(reader_of(request.user)).filter(provision__negotiation=negotiation_of(request))


def _filtered(request: HttpRequest) -> VariantFilter:
    in_order = _visible(request).order_by("provision__position", "ordinal", "pk")
    return VariantFilter(request.GET, queryset=in_order, request=request)


def _with_positions(variants: "QuerySet[Variant]", day: datetime.date | None) -> "QuerySet[Variant]":
    held = Position.objects.held_at_the_end(day).select_related("member", "grouping")
    places = [f"provision__{part}" for part in PLACE]
    fetched = variants.select_related("provision__negotiation", "closed_in", *places).defer("closed_in__text")
    return fetched.prefetch_related(Prefetch("positions", held, to_attr="held"))


@require_safe
def explorer(request: HttpRequest) -> HttpResponse:
    """Show the variants that match the filters. The page loads the counts afterwards, because they take longer."""
    filterset = _filtered(request)
    valid = filterset.is_valid()
    day = filterset.form.cleaned_data.get("as_of") if valid else None
    variants = _with_positions(filterset.qs, day) if valid else Variant.objects.none()
    page = page_of(request, variants, VARIANTS_A_PAGE)
    words = filterset.form.cleaned_data.get("q") if valid else None
    quotations = excerpts(list(page), words) if words else {}
    context: dict[str, Any] = {
        "form": filterset.form,
        "page": page,
        "demonstration": any(variant.provision.demonstration for variant in page),
        "day": day,
        "labels": bracket_tables.labels_for(request, page, day),
        "rows": [
            (variant, quotations.get(variant.pk), _stances(variant), _days_open(variant, day), variant.is_closed(day))
            for variant in page
        ],
        "holders": _holders(),
        "by_name": [(filterset.form[name], _chosen(request, name)) for name in BY_NAME],
        "query": request.GET.urlencode(),
        "unknown": sorted(set(request.GET) - filterset.base_filters.keys() - {"page"}),
    }
    return render(request, "issues/variants.html", context, status=200 if valid else 400)


@require_safe
def narrowing(request: HttpRequest) -> HttpResponse:
    """Show a page with the number of variants for each further filter. The explorer embeds the list from that page."""
    filterset = _filtered(request)
    if not filterset.is_valid():
        raise BadRequest(" ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in filterset.errors.items()))
    context = {
        "facets": facets(request.GET, _visible(request), request),
        "query": request.GET.urlencode(),
        "day": filterset.form.cleaned_data.get("as_of"),
    }
    return render(request, "issues/facets.html", context)


def _chosen(request: HttpRequest, name: str) -> list[str]:
    """Return the values of a filter in the query, including those under its former name."""
    former = request.GET.getlist("holder") if name == "member" else []
    return [*request.GET.getlist(name), *former]


def _holders() -> list[tuple[str, str]]:
    """Return the codes and names of all possible holders of positions, members first, then groupings."""
    members = Member.objects.order_by(local_name()).values_list("code", local_name())
    return [*members, *Grouping.objects.filter(speaks=True).order_by("name").values_list("code", "name")]


def _stances(variant: Any) -> list[tuple[Stance, list[str]]]:
    """Return each stance taken on a variant with the codes of its holders, in the order of `Stance`."""
    stances = [
        (stance, [position.holder.code for position in variant.held if position.stance == stance]) for stance in Stance
    ]
    return [(stance, codes) for stance, codes in stances if codes]


def _days_open(variant: Variant, day: datetime.date | None) -> int:
    until = variant.provision.negotiation.day(day)
    closed = variant.closed_on if variant.is_closed(day) else None
    return (min(closed or until, until) - variant.open_since).days


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Send all variants that match the filters as CSV, a workbook or JSON, with the query and the date."""
    filterset = _filtered(request)
    send = sender(request)
    if not filterset.is_valid():
        raise BadRequest(" ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in filterset.errors.items()))
    day = filterset.form.cleaned_data.get("as_of")
    rows = _values(request, _with_positions(filterset.qs, day), day)
    return send(Table("variants", COLUMNS, rows, about(request, day)))


def _values(
    request: HttpRequest, variants: "QuerySet[Variant]", day: datetime.date | None
) -> Iterator[list[str | int]]:
    for part in bracket_tables.in_parts(variants.iterator(EXPORTED_AT_ONCE), EXPORTED_AT_ONCE):
        labels = bracket_tables.labels_for(request, part, day)
        for variant in part:
            yield [*_row(variant, day), *bracket_tables.label_values(request, variant, labels)]


def _row(variant: Variant, day: datetime.date | None) -> list[str | int]:
    fell = variant.is_closed(day)
    held = {stance.value: " ".join(codes) for stance, codes in _stances(variant)}
    closed = [str(variant.closed_on), variant.outcome] if fell else ["", ""]
    return [
        variant.provision.slug,
        variant.provision.parent.code,
        variant.kind,
        variant.text,
        *(held.get(stance, "") for stance in Stance.values),
        str(variant.open_since),
        _days_open(variant, day),
        *closed,
        yes_no(variant.provision.demonstration),
    ]
