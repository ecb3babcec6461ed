"""Publish changes in the change feed, in the same transaction as the changes themselves.

Every action runs in a `publishing()` block and passes the rows that it has written to `publish()`. The rows are
collected during the transaction, and the feed entries are written just before the commit. This procedure has two
consequences:

- Numbers become visible in ascending order. The counter of all changes (scope `COUNTER`) is locked before a number is
  assigned and remains locked until the commit. A reader who continues after the highest number seen so far therefore
  misses no change.
- Writers do not deadlock on the counter. It is the last row that a transaction locks, after texts, proposals and small
  groups, and the lock is held only briefly.

Changes that are made in other ways (by fixtures, SQL or the shell) are found by comparison (`issues.sync.catch_up`).
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from issues.access.audiences import COUNTER
from issues.models import Change, ChangeCounter, Document, Negotiation
from issues.models.choices import ChangeKind
from issues.sync.feed_entries import (
    Entry,
    Scopes,
    documents_guarded_by,
    encode_scopes,
    entries_since,
    entry_of,
    without_duplicates,
)
from issues.sync.resources import negotiation_of_item, resource_of


@dataclass(frozen=True)
class _Notice:
    """A row to be published.

    If `kind` is given, the row is published as a change of that kind to the scopes in `only`, without being compared
    with its last entry.
    """

    item: Model
    kind: ChangeKind | None = None
    only: Scopes = frozenset()


_pending: ContextVar[list[_Notice] | None] = ContextVar("pending", default=None)


@contextmanager
def publishing() -> Iterator[None]:
    """Run the block in a transaction, and write the feed entries when the outermost block ends.

    If a nested block fails, the items published in that block are discarded together with its changes.
    """
    with transaction.atomic():
        pending = _pending.get()
        if pending is not None:
            before = len(pending)
            try:
                yield
            except BaseException:
                del pending[before:]
                raise
            return
        token = _pending.set([])
        try:
            yield
            pending = _pending.get()
        finally:
            _pending.reset(token)
        if pending:
            _write(pending)


def publish(*items: Model, kind: ChangeKind | None = None, only: Iterable[str] = ()) -> None:
    """Publish `items`, which have been added or may have changed.

    Unchanged items and rows of models that are not resources add no entries. `kind` and `only` are intended for items
    that have not changed themselves but have become visible to the scopes in `only`.
    """
    with publishing():
        pending = _pending.get()
        assert pending is not None  # set by `publishing`
        pending += [_Notice(item, kind, frozenset(only)) for item in items if resource_of(item) is not None]


def append(negotiation: int, entries: list[Entry]) -> None:
    """Append entries to the feed of a negotiation, and advance its counters.

    `negotiation` is a primary key.
    """
    if not entries:
        return
    counter = locked_counter(negotiation)
    # The time of an entry never precedes that of the previous entry, even if the servers' clocks differ.
    at = max(timezone.now(), counter.at) if counter.at else timezone.now()
    changes = [
        Change(
            negotiation_id=negotiation,
            number=number,
            at=at,
            kind=entry.kind,
            resource=entry.resource,
            row=entry.row,
            key=entry.key,
            provision=entry.provision,
            digest=entry.digest,
            scopes=encode_scopes(entry.scopes),
            only=encode_scopes(entry.only),
        )
        for number, entry in enumerate(entries, start=counter.number + 1)
    ]
    Change.objects.bulk_create(changes, batch_size=500)
    numbers = {COUNTER: changes[-1].number}
    for change, entry in zip(changes, entries, strict=True):
        numbers |= dict.fromkeys(entry.recipients, change.number)
    advance_counters(negotiation, numbers, at)


def locked_counter(negotiation: int) -> ChangeCounter:
    """Return the counter of all changes in a negotiation. It remains locked until the transaction ends."""
    return ChangeCounter.objects.select_for_update().get_or_create(negotiation_id=negotiation, scope=COUNTER)[0]


def advance_counters(negotiation: int, numbers: Mapping[str, int], at: datetime.datetime) -> None:
    """Set the counters of a negotiation to the numbers in `numbers`, which maps scopes to numbers."""
    counters = [
        ChangeCounter(negotiation_id=negotiation, scope=scope, number=number, at=at)
        for scope, number in numbers.items()
    ]
    ChangeCounter.objects.bulk_create(
        counters, update_conflicts=True, unique_fields=["negotiation", "scope"], update_fields=["number", "at"]
    )


def _write(pending: list[_Notice]) -> None:
    """Append the entries for `pending` to the feed of each negotiation concerned."""
    # Group by key rather than by object, because the same row may have been loaded twice.
    notices = {(type(notice.item), notice.item.pk, notice.kind, notice.only): notice for notice in pending}
    for notice in list(notices.values()):
        if notice.kind is None:
            guarded = documents_guarded_by(notice.item)
            notices |= {(Document, document.pk, None, notice.only): _Notice(document) for document in guarded}
    entries: defaultdict[int, list[Entry]] = defaultdict(list)
    for notice in notices.values():
        owner = negotiation_of_item(notice.item)
        owners = [owner] if owner is not None else Negotiation.objects.values_list("pk", flat=True)
        for negotiation in owners:
            entries[negotiation] += _entries(negotiation, notice)
    for negotiation in sorted(entries):
        append(negotiation, without_duplicates(entries[negotiation]))


def _entries(negotiation: int, notice: _Notice) -> list[Entry]:
    resource = resource_of(notice.item)
    assert resource is not None  # `publish` ignores rows of no resource
    current = entry_of(resource, notice.item)
    if notice.kind is not None:
        return [replace(current, kind=notice.kind, only=notice.only)]
    if resource.append_only:
        return [current]
    earlier = Change.objects.filter(negotiation=negotiation, resource=resource.name, row=current.row)
    return entries_since(earlier.order_by("-number").first(), notice.item, current)
