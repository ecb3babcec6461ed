"""The change feed as one reader sees it: rows after a position, oldest first, with items in their current state.

Rules:

- A row says only that something happened to an item. Its data are read when the row is read, with the rights that the
  reader has at that time; a row whose item the reader cannot read is skipped.
- A reader who can no longer read an item gets a row of kind `gone` for it, whatever the reason.
- Clients continue from a cursor: an encrypted position that is bound to one reader and one negotiation. The cursor also
  contains the rights with which the reader read the feed; if these rights change, the client has to start again
  (`RightsChanged`).

Example: a public text is restricted to participants (change 13: HIDDEN for the scope `public`; change 14: CHANGED) and
another text is revised (change 15). A public client that has read up to change 12 gets `gone` for the first text and
the new revision of the second. A participant's client gets `changed` for the first text, and the same revision.
"""

import struct
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from issues.access.audiences import Rights
from issues.access.roles import Reader
from issues.access.visibility import (
    visible_documents,
    visible_proposals,
    visible_provisions,
    visible_requests,
    visible_steps,
)
from issues.models import Change, Negotiation
from issues.models.choices import ChangeKind
from issues.models.page_links import PageLink, path_of
from issues.sync.encryption import seal, unseal
from issues.sync.feed_entries import encode_scopes
from issues.sync.resources import RESOURCES, fetched
from issues.sync.resources.base import json_value
from issues.sync.versions import FeedVersion, version_for

# Part of the encryption key: cursors already issued could not be read under another name.
PURPOSE = "issues.feed"
# The number of the last row read, the number at which the client began, and the fingerprint of the reader's rights.
CURSOR = struct.Struct(">QQ16s")
# The site issues no longer cursors; they are refused before anything is decrypted.
MAX_CURSOR_LENGTH = 100
GUARDED = ("document", "provision", "revision", "proposal", "proposal-step", "request")
REMOVALS = (ChangeKind.HIDDEN, ChangeKind.GONE)


class InvalidCursor(ValueError):
    """The string is not a cursor of this feed, or it belongs to another reader."""


class RightsChanged(Exception):
    """The rights of the reader differ from those in the cursor, so the client has to start again."""


@dataclass(frozen=True)
class FeedPosition:
    """How far a client has read, and the last change when it began to follow; both are numbers of changes."""

    number: int = 0
    since: int = 0


@dataclass(frozen=True)
class FeedRow:
    """A change with the current data of its item. For an item that is gone, `data` and `page` are None."""

    change: Change
    key: str
    data: dict[str, Any] | None = None
    page: PageLink | None = None

    @property
    def kind(self) -> str:
        """The kind of change as readers see it: to them, a hidden item is gone."""
        return ChangeKind.GONE.value if self.change.kind == ChangeKind.HIDDEN else self.change.kind


@dataclass(frozen=True)
class FeedPage:
    """Some rows, the position after each of them, the position after the page, and whether more rows are available."""

    rows: list[FeedRow]
    positions: list[FeedPosition]
    next: FeedPosition
    more: bool


class FeedReader:
    """A reader of the change feed of one negotiation."""

    def __init__(self, reader: Reader, negotiation: Negotiation) -> None:
        self.reader = reader
        self.negotiation = negotiation
        self.version: FeedVersion = version_for(reader, negotiation)

    @property
    def rights(self) -> Rights:
        """The rights with which the feed is read."""
        return self.version.rights

    def start(self) -> FeedPosition:
        """Return the position of a client that has no data yet and gets every item in its current state."""
        return FeedPosition(0, self.version.number)

    def end(self) -> FeedPosition:
        """Return the position after everything that can be read now."""
        return FeedPosition(self.version.number, self.version.number)

    def cursor(self, position: FeedPosition) -> str:
        """Return the cursor of a position, an opaque string for this reader and negotiation."""
        content = CURSOR.pack(position.number, position.since, self.rights.mark.encode())
        return seal(PURPOSE, content, self._context())

    def position(self, cursor: str) -> FeedPosition:
        """Return the position in `cursor`; raises InvalidCursor or RightsChanged."""
        content = unseal(PURPOSE, cursor, self._context()) if len(cursor) <= MAX_CURSOR_LENGTH else None
        if content is None:
            raise InvalidCursor
        number, since, mark = CURSOR.unpack(content)
        if mark.decode() != self.rights.mark:
            raise RightsChanged
        return FeedPosition(number, since)

    def page(self, position: FeedPosition, limit: int, only: Q | None = None) -> FeedPage:
        """Return at most `limit` rows after `position`, restricted to changes that satisfy `only` if it is given.

        The number of queries does not depend on the number of rows; if there are no new changes, no query is run.
        """
        if position.number >= self.version.number:
            return FeedPage([], [], position, more=False)
        later = Change.objects.filter(self._readable(position), negotiation=self.negotiation)
        later = later.filter(number__gt=position.number)
        later = later.filter(only) if only is not None else later
        changes = list(later.order_by("number")[: limit + 1])
        more, changes = len(changes) > limit, changes[:limit]
        rows = self._rows(changes)
        positions = [FeedPosition(row.change.number, position.since) for row in rows]
        end = FeedPosition(changes[-1].number, position.since) if changes else position
        return FeedPage(rows, positions, end, more)

    def as_json(self, row: FeedRow, position: FeedPosition, absolute: Callable[[str], str]) -> dict[str, Any]:
        """Return a row as sent to clients, with the cursor of `position`; `absolute` turns a path into a URL."""
        return {
            "cursor": self.cursor(position),
            "at": json_value(row.change.at),
            "kind": row.kind,
            "type": row.change.resource,
            "key": row.key,
            "url": absolute(path_of(row.page)) if row.page else None,
            "data": row.data,
        }

    def _context(self) -> str:
        return f"{self.negotiation.pk} {self.reader.user}"

    def _readable(self, position: FeedPosition) -> Q:
        """Return the condition on changes whose items the reader can read, or has lost and must be notified of."""
        readable = ~Q(resource__in=GUARDED) | Q(
            resource__in=["provision", "revision"], provision__in=visible_provisions(self.reader).values("pk")
        )
        for resource, visible in (
            ("document", visible_documents),
            ("proposal", visible_proposals),
            ("proposal-step", visible_steps),
            ("request", visible_requests),
        ):
            readable |= Q(resource=resource, row__in=visible(self.reader).values("pk"))
        # Clients never received items that were removed before they began, and a hidden item may be readable again.
        removed = Q(kind__in=REMOVALS, number__gt=position.since) & (Q(kind=ChangeKind.GONE) | ~readable)
        return ((~Q(kind__in=REMOVALS) & readable) | removed) & self._addressed()

    def _addressed(self) -> Q:
        """Return the condition on changes that are addressed to all readers of the item, or to a scope of this one."""
        addressed = Q(only="")
        for scope in self.rights.scopes:
            addressed |= Q(only__contains=encode_scopes([scope]))
        return addressed

    def _rows(self, changes: list[Change]) -> list[FeedRow]:
        """Return changes with the current data of their items; items removed since are left to a later row."""
        keys: defaultdict[str, set[int]] = defaultdict(set)
        for change in changes:
            if change.kind not in REMOVALS:
                keys[change.resource].add(change.row)
        items = {name: self._items(name, rows) for name, rows in keys.items()}
        rows = []
        for change in changes:
            if change.kind in REMOVALS:
                rows.append(FeedRow(change, change.key))
            elif (item := items[change.resource].get(change.row)) is not None:
                rows.append(FeedRow(change, *item))
        return rows

    def _items(self, name: str, keys: Iterable[int]) -> dict[int, tuple[str, dict[str, Any], PageLink | None]]:
        """Return key, data and page of the readable items with these primary keys."""
        resource = RESOURCES[name]
        items = fetched(resource, self.reader, self.negotiation).filter(pk__in=keys)
        return {item.pk: (resource.key(item), resource.data(item), resource.page(item)) for item in items}
