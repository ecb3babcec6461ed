"""The positions on the variants that match the filters, as a file."""

import datetime
from collections.abc import Iterator

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_variants
from issues.filters.variants import VariantFilter, counted_positions
from issues.models import Position
from issues.models.index import PositionQuerySet
from issues.web import bracket_tables
from issues.web.table_files import Table, about, sender, yes_no

EXPORTED_AT_ONCE = 500
COLUMNS = [
    *("provision", "heading", "variant", "text", "stance", "holder", "name", "grouping", "since", "until"),
    "demonstration",
    *bracket_tables.COLUMNS,
]


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Send the positions on all variants that match the filters of the explorer, as CSV, a workbook or JSON."""
    visible = visible_variants(reader_of(request.user)).filter(provision__negotiation=negotiation_of(request))
    filterset = VariantFilter(request.GET, queryset=visible, request=request)
    send = sender(request)
    if not filterset.is_valid():
        raise BadRequest(" ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in filterset.errors.items()))
    day = filterset.form.cleaned_data.get("as_of")
    held = counted_positions(filterset.form.cleaned_data).filter(variant__in=filterset.qs.order_by().values("pk"))
    return send(Table("positions", COLUMNS, _values(request, held, day), about(request, day)))


def _values(request: HttpRequest, positions: PositionQuerySet, day: datetime.date | None) -> Iterator[list[str | int]]:
    rows = positions.select_related("variant__provision", "member", "grouping")
    ordered = rows.order_by("variant__provision__position", "variant__ordinal", "variant", "pk")
    for part in bracket_tables.in_parts(ordered.iterator(EXPORTED_AT_ONCE), EXPORTED_AT_ONCE):
        labels = bracket_tables.labels_for(request, {position.variant for position in part}, day)
        for position in part:
            yield [*_row(position), *bracket_tables.label_values(request, position.variant, labels)]


def _row(position: Position) -> list[str | int]:
    provision = position.variant.provision
    return [
        provision.slug,
        provision.heading,
        position.variant.ordinal,
        position.variant.text,
        position.stance,
        position.holder.code,
        position.holder.name,
        yes_no(position.grouping is not None),
        str(position.held_since),
        str(position.until or ""),
        yes_no(provision.demonstration),
    ]
