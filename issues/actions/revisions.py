"""Storing revisions: each is chained to its predecessor, indexed and published, and open requests are updated."""

import datetime
from collections.abc import Collection, Sequence

from django.utils import timezone

from issues.actions.open_requests import update_requests
from issues.models import Revision
from issues.sync.publishing import publish
from issues.text.index import advance
from issues.text.steps import Texts


def timestamp() -> datetime.datetime:
    """Return the current time to the millisecond, the precision of the chain's digests."""
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def append_revisions(
    entries: Sequence[Revision], current: Revision | None, texts: Texts, accepted: Collection[int] = ()
) -> None:
    """Store `entries` after the current revision: a single entry, or a backdated one with those that carry it forward.

    The caller must have locked the provision's row. Open requests are updated, except those that the entries fulfil:
    `accepted`, given as primary keys.
    """
    previous = current
    for entry in entries:
        entry.seal(previous)
        entry.save(force_insert=True)
        texts.know(entry)
        previous = entry
    result = advance(entries, texts)
    publish(*entries)
    update_requests(entries, texts, result, accepted=accepted)
