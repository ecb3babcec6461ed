"""The change feed for one reader.

It lists changes after a position, oldest first, and shows items in their current state. The feed follows three rules:

- A row records only that something happened to an item. The item's data are read when the row is requested, with the
  reader's rights at that time. A row is skipped if the reader cannot read its item.
- If a reader can no longer read an item, the feed contains a row of kind `gone` for the item, regardless of the reason.
- Clients continue from a cursor, which is an encrypted position that is bound to one reader and one negotiation. The
  cursor also contains the rights with which the feed was read. If these rights change, the client must start again
  (`RightsChanged`).

Example: a public text is restricted to participants. Change 13 records that it is HIDDEN for the scope `public`, and
change 14 records that it has CHANGED. Another text is then revised (change 15). A public client that has read up to
change 12 receives `gone` for the first text and the new revision of the second. A participant's client receives
`changed` for the first text and the same revision of the second.
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

# This value is part of the encryption key. If it changed, cursors that have already been issued could no longer be
# read.
PURPOSE = "issues.feed"
# The contents of a cursor: the number of the last row read, the number at which the client began, and the fingerprint
# of the reader's rights.
CURSOR = struct.Struct(">QQ16s")
# Every cursor that the site issues is shorter. A longer string is refused before any decryption is attempted.
MAX_CURSOR_LENGTH = 100
GUARDED = ("document", "provision", "revision", "proposal", "proposal-step", "request")
REMOVALS = (ChangeKind.HIDDEN, ChangeKind.GONE)


class InvalidCursor(ValueError):
    """The string is not a cursor of this feed, or it belongs to another reader."""


class RightsChanged(Exception):
    """The reader's rights differ from those in the cursor, and the client must start again."""


@dataclass(frozen=True)
class FeedPosition:
    """A client's position in the feed.

    `number` is the number of the last change read. `since` is the number of the last change at the time when the client
    began to follow the feed.
    """

    number: int = 0
    since: int = 0


@dataclass(frozen=True)
class FeedRow:
    """A change with the current data of its item. If the item is gone, `data` and `page` are None."""

    change: Change
    key: str
    data: dict[str, Any] | None = None
    page: PageLink | None = None

    @property
    def kind(self) -> str:
        """The kind of change as shown to readers. To a reader, a hidden item is gone."""
        return ChangeKind.GONE.value if self.change.kind == ChangeKind.HIDDEN else self.change.kind


@dataclass(frozen=True)
class FeedPage:
    """A page of rows, with the position after each row and after the page. `more` is true if further changes exist."""

    rows: list[FeedRow]
    positions: list[FeedPosition]
    next: FeedPosition
    more: bool


class FeedReader:
    """The change feed of one negotiation as read by one reader."""

    def __init__(self, reader: Reader, negotiation: Negotiation) -> None:
        self.reader = reader
        self.negotiation = negotiation
        self.version: FeedVersion = version_for(reader, negotiation)

    @property
    def rights(self) -> Rights:
        """The rights with which the feed is read."""
        return self.version.rights

    def start(self) -> FeedPosition:
        """Return the position from which a client without data receives every item in its current state."""
        return FeedPosition(0, self.version.number)

    def end(self) -> FeedPosition:
        """Return the position after all changes that can be read now."""
        return FeedPosition(self.version.number, self.version.number)

    def cursor(self, position: FeedPosition) -> str:
        """Return the cursor for a position.

        It is an opaque string that is valid only for this reader and negotiation.
        """
        content = CURSOR.pack(position.number, position.since, self.rights.mark.encode())
        return seal(PURPOSE, content, self._context())

    def position(self, cursor: str) -> FeedPosition:
        """Return the position in `cursor`.

        Raise InvalidCursor if the cursor is invalid, or RightsChanged if the reader's rights differ from those in the
        cursor.
        """
        content = unseal(PURPOSE, cursor, self._context()) if len(cursor) <= MAX_CURSOR_LENGTH else None
        if content is None:
            raise InvalidCursor
        number, since, mark = CURSOR.unpack(content)
        if mark.decode() != self.rights.mark:
            raise RightsChanged
        return FeedPosition(number, since)

    def page(self, position: FeedPosition, limit: int, only: Q | None = None) -> FeedPage:
        """Return a page of at most `limit` rows after `position`.

        If `only` is given, the page is restricted to changes that satisfy this condition. The number of queries does
        not depend on the number of rows. If there are no new changes, no query is run.
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
        """Return a row in the form sent to clients, with the cursor of `position`.

        `absolute` turns a path into a URL.
        """
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
        """Return the condition for changes to readable items and for changes that removed items from view."""
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
        # A client never received the items that were removed before it began, and a hidden item may have become
        # readable again.
        removed = Q(kind__in=REMOVALS, number__gt=position.since) & (Q(kind=ChangeKind.GONE) | ~readable)
        return ((~Q(kind__in=REMOVALS) & readable) | removed) & self._addressed()

    def _addressed(self) -> Q:
        """Return the condition for changes addressed to all readers of the item or to a scope of this reader."""
        addressed = Q(only="")
        for scope in self.rights.scopes:
            addressed |= Q(only__contains=encode_scopes([scope]))
        return addressed

    def _rows(self, changes: list[Change]) -> list[FeedRow]:
        """Return rows for `changes`, with the current data of their items.

        Changes to items that have since been removed are omitted, because a later row reports the removal.
        """
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
        """Return the key, the data and the page of each item of a resource that the reader may read.

        The result maps the primary keys of the items to these values.
        """
        resource = RESOURCES[name]
        items = fetched(resource, self.reader, self.negotiation).filter(pk__in=keys)
        return {item.pk: (resource.key(item), resource.data(item), resource.page(item)) for item in items}
