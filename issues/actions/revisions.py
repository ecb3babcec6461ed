"""Store, index and publish revisions, and update the open requests that they affect."""

import datetime
from collections.abc import Collection, Sequence

from django.utils import timezone

from issues.actions.open_requests import update_requests
from issues.models import Revision
from issues.sync.publishing import publish
from issues.text.index import advance
from issues.text.steps import Texts


def timestamp() -> datetime.datetime:
    """Return the current time, truncated to milliseconds, which is the precision of the chain's digests."""
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def append_revisions(
    entries: Sequence[Revision], current: Revision | None, texts: Texts, accepted: Collection[int] = ()
) -> None:
    """Store `entries` after the revision `current`, index and publish them, and update open requests.

    `entries` contains either a single entry, or a backdated entry followed by the entries that carry it forward. The
    caller must have locked the provision's row. `accepted` contains the primary keys of the requests that the entries
    fulfil. These requests are not updated.
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
