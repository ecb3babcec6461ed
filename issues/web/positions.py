"""The positions on the variants that match the filters, as a file."""

from collections.abc import Iterator

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_variants
from issues.filters.variants import VariantFilter, counted_positions
from issues.models.index import PositionQuerySet
from issues.web.table_files import Table, about, sender, yes_no

EXPORTED_AT_ONCE = 500
COLUMNS = [
    *("provision", "heading", "variant", "text", "stance", "holder", "name", "grouping", "since", "until"),
    "demonstration",
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
    return send(Table("positions", COLUMNS, _values(held), about(request, day)))


def _values(positions: PositionQuerySet) -> Iterator[list[str | int]]:
    rows = positions.select_related("variant__provision", "member", "grouping")
    ordered = rows.order_by("variant__provision__position", "variant__ordinal", "variant", "pk")
    for position in ordered.iterator(EXPORTED_AT_ONCE):
        provision = position.variant.provision
        yield [
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
