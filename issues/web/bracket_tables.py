"""Labels and permanent addresses of brackets in lists and in exported tables."""

import datetime
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.http import HttpRequest

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.models import Variant
from issues.text.bracket_labels import BracketLabel, labels_of

# The last columns of exported tables about variants.
COLUMNS = ("label", "label_revision", "permalink")
Row = TypeVar("Row")


def in_parts(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Yield the rows in lists of at most `size`, for which labels are computed together."""
    remaining = iter(rows)
    while part := list(islice(remaining, size)):
        yield part


def labels_for(
    request: HttpRequest, variants: Iterable[Variant], day: datetime.date | None = None
) -> dict[int, BracketLabel]:
    """Return the labels of variants by primary key, for the reader and at the end of `day` (now by default)."""
    provisions = visible_provisions(reader_of(request.user)).filter(negotiation=negotiation_of(request))
    return labels_of(variants, provisions, day)


def label_values(request: HttpRequest, variant: Variant, labels: dict[int, BracketLabel]) -> list[str | int]:
    """Return the values of `COLUMNS` for a variant."""
    label = labels.get(variant.pk)
    named: list[str | int] = [label.name, label.revision] if label is not None else ["", ""]
    return [*named, request.build_absolute_uri(variant.path)]
