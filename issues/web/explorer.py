"""The variants explorer: filtered as over REST, with counts for every further choice, and sent as a file."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from issues.choices import Stance
from issues.filters import VariantFilter
from issues.models import Position, Variant
from issues.models.text import PLACE
from issues.queries import negotiation_of, reader_of, visible_variants
from issues.web.facets import facets
from issues.web.tables import FORMATS, Table
from members.models import Grouping, Member

VARIANTS_A_PAGE = 50
EXPORTED_AT_ONCE = 500
COLUMNS = ["provision", "place", "kind", "text", *Stance.values, "opened_on", "days_open", "closed_on", "outcome"]


def _filtered(request: HttpRequest) -> VariantFilter:
    visible = visible_variants(reader_of(request.user)).filter(provision__negotiation=negotiation_of(request))
    return VariantFilter(
        request.GET, queryset=visible.order_by("provision__position", "ordinal", "pk"), request=request
    )


def _with_positions(variants: "QuerySet[Variant]", day: datetime.date | None) -> "QuerySet[Variant]":
    held = Position.objects.held_on(day) if day else Position.objects.held_at_the_end()
    held = held.select_related("member", "grouping")
    places = [f"provision__{part}" for part in PLACE]
    return variants.select_related("provision", *places).prefetch_related(Prefetch("positions", held, to_attr="held"))


@require_safe
def explorer(request: HttpRequest) -> HttpResponse:
    """Show the variants that match, and what each further choice would leave."""
    asked = _filtered(request)
    valid = asked.is_valid()
    day = asked.form.cleaned_data.get("as_of") if valid else None
    found = _with_positions(asked.qs, day) if valid else Variant.objects.none()
    page = Paginator(found, VARIANTS_A_PAGE).get_page(request.GET.get("page"))
    visible = visible_variants(reader_of(request.user)).filter(provision__negotiation=negotiation_of(request))
    context: dict[str, Any] = {
        "form": asked.form,
        "page": page,
        "day": day,
        "rows": [(variant, _stances(variant), _days_open(variant, day)) for variant in page],
        "facets": facets(request.GET, visible, request) if valid else [],
        "holders": _holders(),
        "asked": {name: request.GET.getlist(name) for name in ("proponent", "opponent")},
        "query": request.GET.urlencode(),
    }
    return render(request, "issues/variants.html", context, status=200 if valid else 400)


def _holders() -> list[tuple[str, str]]:
    """Return everybody who may stand at a bracket: code and name, groupings behind members."""
    members = Member.objects.order_by("name").values_list("code", "name")
    return [*members, *Grouping.objects.filter(speaks=True).order_by("name").values_list("code", "name")]


def _stances(variant: Any) -> list[tuple[Stance, list[str]]]:
    """Return who takes which stance, in the order in which the stances are defined."""
    found = [
        (stance, [position.holder.code for position in variant.held if position.stance == stance]) for stance in Stance
    ]
    return [(stance, codes) for stance, codes in found if codes]


def _days_open(variant: Variant, day: datetime.date | None) -> int:
    return ((variant.closed_on or day or timezone.localdate()) - variant.opened_on).days


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Send all variants that match as `format` csv, xlsx or json, with the query and the date inside."""
    asked = _filtered(request)
    send = FORMATS.get(request.GET.get("format", "csv"))
    if send is None:
        raise BadRequest(f"Format “{request.GET['format']}”: choose one of {', '.join(FORMATS)}.")
    if not asked.is_valid():
        raise BadRequest(" ".join(f"{name}: {' '.join(map(str, said))}" for name, said in asked.errors.items()))
    day = asked.form.cleaned_data.get("as_of")
    about = {
        "negotiation": negotiation_of(request).slug,
        "query": request.GET.urlencode(),
        "as_of": str(day or timezone.localdate()),
        "exported_at": timezone.now().isoformat(timespec="seconds"),
        "address": request.build_absolute_uri(),
    }
    return send(Table("variants", COLUMNS, _values(_with_positions(asked.qs, day), day), about))


def _values(variants: "QuerySet[Variant]", day: datetime.date | None) -> Iterator[list[str | int]]:
    for variant in variants.iterator(EXPORTED_AT_ONCE):
        held = {stance.value: " ".join(codes) for stance, codes in _stances(variant)}
        closed = [str(variant.closed_on or ""), variant.outcome]
        yield [
            variant.provision.slug,
            variant.provision.place.code,
            variant.kind,
            variant.text,
            *(held.get(stance, "") for stance in Stance.values),
            str(variant.opened_on),
            _days_open(variant, day),
            *closed,
        ]
