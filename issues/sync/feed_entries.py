"""Determine the entries that the change feed requires when an item is written.

An item is a row of a model that programs may copy (`issues.sync.resources`). The last entry for an item contains its
key, a digest of its data and the scopes of its readers at that time. A comparison with the current values determines
the new entries:

- If the item has no entry yet, or its last entry is GONE, it is ADDED.
- If its key differs, the item is GONE under the old key and CHANGED under the new key. The items inside it and the
  items that refer to it are published again as VISIBLE.
- If a text, proposal or document has lost readers, it is HIDDEN for the scopes that were lost.
- If its digest differs, the item is CHANGED. Otherwise, if it has gained readers, it is VISIBLE for the scopes that
  were gained.
- If the item has gained readers, the items inside it are published again as VISIBLE. If it has gained or lost readers,
  the items that refer to it are also published again as VISIBLE.

Example: a text for participants is made public. Its scope changes from `participants` to `public`, and its digest
changes because the data include the visibility. The text receives a HIDDEN entry for `participants`, which the feed
does not show to readers who can still read the text, and a CHANGED entry. Each of its revisions receives a VISIBLE
entry for `public`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from issues.access.audiences import SECRETARIAT, scopes_of
from issues.models import Change, Document, Meeting, Proposal, ProposalStep, Provision
from issues.models.choices import ChangeKind
from issues.sync.resources import BY_MODEL, digest_of
from issues.sync.resources.base import Resource

Scopes = frozenset[str]


@dataclass(frozen=True)
class Entry:
    """An entry to append to the feed. If `only` is not empty, the entry is addressed only to the scopes in `only`."""

    resource: str
    row: int
    key: str
    kind: ChangeKind
    provision: int | None
    digest: str
    scopes: Scopes
    only: Scopes = frozenset()

    @property
    def recipients(self) -> Scopes:
        """The scopes whose counters the entry advances."""
        return self.only or self.scopes


def entry_of(resource: Resource[Any], item: Any) -> Entry:
    """Return an ADDED entry that describes `item` in its current state."""
    key, data = resource.key(item), resource.data(item)
    provision = item.pk if isinstance(item, Provision) else getattr(item, "provision_id", None)
    return Entry(resource.name, item.pk, key, ChangeKind.ADDED, provision, digest_of(key, data), scopes_of(item))


def entries_since(last: Change | None, item: Any, current: Entry) -> list[Entry]:
    """Return the entries that `item` requires, given its `last` entry in the feed and its `current` state."""
    if last is None or last.kind == ChangeKind.GONE:
        return [current]
    if last.key != current.key:
        affected = _as_visible([*_items_inside(item), *_items_referring_to(item)], frozenset())
        return [removal(last), replace(current, kind=ChangeKind.CHANGED), *affected]
    before = decode_scopes(last.scopes)
    gained, lost = current.scopes - before, before - current.scopes
    entries = []
    if lost and isinstance(item, Provision | Proposal | Document):
        entries.append(replace(current, kind=ChangeKind.HIDDEN, only=lost))
    if last.digest != current.digest:
        entries.append(replace(current, kind=ChangeKind.CHANGED))
    elif gained:
        # The content is unchanged. Earlier readers receive no entry and do not learn that others may now read the item.
        entries.append(replace(current, kind=ChangeKind.VISIBLE, only=gained))
    if gained:
        entries += _as_visible(_items_inside(item), gained)
    if gained or lost:
        entries += _as_visible(_items_referring_to(item), gained | lost)
    return entries


def removal(last: Change) -> Entry:
    """Return the GONE entry for an item whose last entry is `last`, addressed to everyone who could read the item."""
    readers = decode_scopes(last.scopes) | {SECRETARIAT}
    return Entry(last.resource, last.row, last.key, ChangeKind.GONE, last.provision, "", readers, readers)


def without_duplicates(entries: list[Entry]) -> list[Entry]:
    """Return `entries` without duplicates, and without VISIBLE entries for items that are ADDED in the same batch."""
    added = {(entry.resource, entry.row) for entry in entries if entry.kind == ChangeKind.ADDED}
    kept = [entry for entry in entries if entry.kind != ChangeKind.VISIBLE or (entry.resource, entry.row) not in added]
    return list({(entry.resource, entry.row, entry.kind, entry.key, entry.only): entry for entry in kept}.values())


def documents_guarded_by(item: Any) -> "QuerySet[Document]":
    """Return the documents whose readers depend on `item`.

    The result is empty unless `item` is a proposal or a meeting.
    """
    guarded = Document.objects.exclude(recorded_with=None)
    if isinstance(item, Proposal):
        return guarded.filter(recorded_with=item)
    return guarded.filter(meetings=item) if isinstance(item, Meeting) else guarded.none()


def encode_scopes(scopes: Iterable[str]) -> str:
    """Return scopes in the form stored in columns of `Change`: sorted, with a comma before and after each scope."""
    return "".join(f",{scope}" for scope in sorted(scopes)) + "," if scopes else ""


def decode_scopes(column: str) -> Scopes:
    """Return the scopes stored in a column of `Change`."""
    return frozenset(column.strip(",").split(",")) if column else frozenset()


def _items_inside(item: Any) -> list[Any]:
    """Return the items that only readers of `item` can read. `item` is a text or a proposal."""
    if isinstance(item, Provision):
        return [*item.revisions.order_by("number"), *item.requests.order_by("pk")]
    return list(item.steps.order_by("number")) if isinstance(item, Proposal) else []


def _items_referring_to(item: Any) -> list[Any]:
    """Return the items whose data refer to `item` for readers who can read both. `item` is a text or a proposal."""
    if isinstance(item, Provision):
        return list(ProposalStep.objects.filter(revision__provision=item).order_by("pk"))
    return list(item.superseded_by.order_by("pk")) if isinstance(item, Proposal) else []


def _as_visible(items: list[Any], only: Scopes) -> list[Entry]:
    """Return a VISIBLE entry for each of `items`, addressed to the scopes in `only`.

    If `only` is empty, the entry is addressed to all readers of the item.
    """
    return [replace(entry_of(BY_MODEL[type(item)], item), kind=ChangeKind.VISIBLE, only=only) for item in items]
