"""When anything that a reader may read has last changed, cheap to ask.

Interim: it looks at the newest rows of the record. The change feed replaces it by a number for each reader.
"""

import datetime
from typing import Any

from django.db.models import Max

from issues.models import Negotiation, Revision, StatusReport
from issues.queries import Reader, visible_provisions, visible_requests, visible_steps


def mark(reader: Reader, negotiation: Negotiation) -> str:
    """Return a string that changes whenever something changed that `reader` may read, and never for anything else."""
    return "-".join(str(value or 0) for value in _newest(reader, negotiation)[::2])


def changed_at(reader: Reader, negotiation: Negotiation) -> datetime.datetime | None:
    """Return when that was, None where nothing is on record."""
    return max((at for at in _newest(reader, negotiation)[1::2] if at is not None), default=None)


def _newest(reader: Reader, negotiation: Negotiation) -> list[Any]:
    """Return key and time of the newest revision, statement, step and answer."""
    texts = visible_provisions(reader).filter(negotiation=negotiation)
    sources: list[tuple[Any, str]] = [
        (Revision.objects.filter(provision__in=texts), "recorded_at"),
        (StatusReport.objects.filter(small_group__negotiation=negotiation), "recorded_at"),
        (visible_steps(reader).filter(proposal__negotiation=negotiation), "recorded_at"),
    ]
    if reader.may_write:
        asked = visible_requests(reader).filter(provision__negotiation=negotiation)
        sources += [(asked, "asked_at"), (asked, "decided_at")]
    found: list[Any] = []
    for rows, at in sources:
        row = rows.order_by().aggregate(key=Max("pk"), at=Max(at))
        found += [f"{row['key']}.{row['at'].timestamp() if row['at'] else 0}", row["at"]]
    return found
