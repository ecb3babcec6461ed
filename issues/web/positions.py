"""Who stands where, a row for each position at the variants that match, sent as a file."""

from collections.abc import Iterator

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_variants
from issues.filters.variants import VariantFilter, counted_positions
from issues.models.index import PositionQuerySet
from issues.web.table_files import Table, about, sender

EXPORTED_AT_ONCE = 500
COLUMNS = ["provision", "heading", "variant", "text", "stance", "holder", "name", "grouping", "since", "until"]


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Send the positions at all variants that match, filtered as in the explorer, as csv, xlsx or json."""
    visible = visible_variants(reader_of(request.user)).filter(provision__negotiation=negotiation_of(request))
    asked = VariantFilter(request.GET, queryset=visible, request=request)
    send = sender(request)
    if not asked.is_valid():
        raise BadRequest(" ".join(f"{name}: {' '.join(map(str, said))}" for name, said in asked.errors.items()))
    day = asked.form.cleaned_data.get("as_of")
    held = counted_positions(asked.form.cleaned_data).filter(variant__in=asked.qs.order_by().values("pk"))
    return send(Table("positions", COLUMNS, _values(held), about(request, day)))


def _values(positions: PositionQuerySet) -> Iterator[list[str | int]]:
    rows = positions.select_related("variant__provision", "member", "grouping")
    ordered = rows.order_by("variant__provision__position", "variant__ordinal", "variant", "pk")
    for one in ordered.iterator(EXPORTED_AT_ONCE):
        provision = one.variant.provision
        yield [
            provision.slug,
            provision.heading,
            one.variant.ordinal,
            one.variant.text,
            one.stance,
            one.holder.code,
            one.holder.name,
            "yes" if one.grouping else "no",
            str(one.held_since),
            str(one.until or ""),
        ]
