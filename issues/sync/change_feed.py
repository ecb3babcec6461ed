"""The feed of changes as somebody may read it: rows behind a place, oldest first, each with the thing as it is now.

A place in the feed is written as a cursor. It holds what nobody is to see, the number of the last row that was read,
and is sealed; it belongs to one reader, one negotiation, and the rights by which the reader read.
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
from issues.sync.encryption import opened, seal
from issues.sync.feed_entries import encode_scopes
from issues.sync.resources import RESOURCES, fetched, plain
from issues.sync.versions import Reached, reached

PURPOSE = "issues.sync.change_feed"
CURSOR = struct.Struct(">QQ16s")
# No cursor is longer, so that nobody has us decrypt a novel.
LONGEST = 100
GUARDED = ("document", "provision", "revision", "proposal", "proposal-step", "request")


class BadCursor(ValueError):
    """What was given is no cursor of this feed, or another reader's."""


class OtherRights(Exception):
    """The reader may read other things than when it began to follow, or by other rights: it has to start again."""


@dataclass(frozen=True)
class Place:
    """How far somebody has read, and where the feed stood when it began; both are numbers of changes."""

    number: int = 0
    since: int = 0


@dataclass(frozen=True)
class Row:
    """A change, as it is sent: `data` is None, and `page` "", for a thing that is gone."""

    change: Change
    key: str
    data: dict[str, Any] | None = None
    page: str = ""

    @property
    def kind(self) -> str:
        """What happened, as far as readers are told: to them, hidden is gone."""
        return ChangeKind.GONE.value if self.change.kind == ChangeKind.HIDDEN else self.change.kind


@dataclass(frozen=True)
class Page:
    """Some rows, the place behind each, the place behind them all, and whether there are more at once."""

    rows: list[Row]
    places: list[Place]
    next: Place
    more: bool


class Follower:
    """Somebody who follows the changes of a negotiation."""

    def __init__(self, reader: Reader, negotiation: Negotiation) -> None:
        self.reader = reader
        self.negotiation = negotiation
        self.reached: Reached = reached(reader, negotiation)

    @property
    def rights(self) -> Rights:
        """By what the follower reads."""
        return self.reached.rights

    def beginning(self) -> Place:
        """Return where who has nothing yet begins: everything is told as it is now."""
        return Place(0, self.reached.number)

    def here(self) -> Place:
        """Return the place behind all that there is to read."""
        return Place(self.reached.number, self.reached.number)

    def cursor(self, place: Place) -> str:
        """Return `place` in letters that mean nothing to anybody."""
        return seal(PURPOSE, CURSOR.pack(place.number, place.since, self.rights.mark.encode()), self._bound_to())

    def place(self, cursor: str) -> Place:
        """Return where `cursor` is; raises BadCursor or OtherRights."""
        said = opened(PURPOSE, cursor, self._bound_to()) if len(cursor) <= LONGEST else None
        if said is None:
            raise BadCursor
        number, since, mark = CURSOR.unpack(said)
        if mark.decode() != self.rights.mark:
            raise OtherRights
        return Place(number, since)

    def said(self, row: Row, place: Place, absolute: Callable[[str], str]) -> dict[str, Any]:
        """Return a row as it is sent, with the cursor of the place behind it; `absolute` makes an address of a path."""
        return {
            "cursor": self.cursor(place),
            "at": plain(row.change.at),
            "kind": row.kind,
            "type": row.change.resource,
            "key": row.key,
            "url": absolute(row.page) if row.page else None,
            "data": row.data,
        }

    def _bound_to(self) -> str:
        return f"{self.negotiation.pk} {self.reader.user}"

    def page(self, place: Place, limit: int, only: Q | None = None) -> Page:
        """Return at most `limit` rows behind `place`, of those that meet `only` where it is given.

        A bounded number of queries, whatever the number of rows, and none where nothing was told meanwhile.
        """
        if place.number >= self.reached.number:
            return Page([], [], place, more=False)
        behind = Change.objects.filter(self._readable(place), negotiation=self.negotiation, number__gt=place.number)
        behind = behind.filter(only) if only is not None else behind
        found = list(behind.order_by("number")[: limit + 1])
        more, found = len(found) > limit, found[:limit]
        rows = self._rows(found)
        reads = [Place(row.change.number, place.since) for row in rows]
        return Page(rows, reads, Place(found[-1].number, place.since) if found else place, more)

    def _readable(self, place: Place) -> Q:
        """Return the condition on changes that the follower may read now, or of which it is to hear that they went."""
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
        went = (ChangeKind.HIDDEN, ChangeKind.GONE)
        # Of what went before somebody began, nobody has to hear; nor of what can be read again, or still.
        gone = Q(kind__in=went, number__gt=place.since) & (Q(kind=ChangeKind.GONE) | ~readable)
        return ((~Q(kind__in=went) & readable) | gone) & self._meant()

    def _meant(self) -> Q:
        """Return the condition on changes that they are for the follower, and not for others alone."""
        meant = Q(only="")
        for scope in self.rights.scopes:
            meant |= Q(only__contains=encode_scopes([scope]))
        return meant

    def _rows(self, changes: list[Change]) -> list[Row]:
        """Return changes with their things as they are now. What went meanwhile is left out: a later row says so."""
        went = (ChangeKind.HIDDEN, ChangeKind.GONE)
        wanted: defaultdict[str, set[int]] = defaultdict(set)
        for one in changes:
            if one.kind not in went:
                wanted[one.resource].add(one.row)
        said = {name: self._said(name, keys) for name, keys in wanted.items()}
        rows = []
        for one in changes:
            if one.kind in went:
                rows.append(Row(one, one.key))
            elif (found := said[one.resource].get(one.row)) is not None:
                rows.append(Row(one, *found))
        return rows

    def _said(self, name: str, keys: Iterable[int]) -> dict[int, tuple[str, dict[str, Any], str]]:
        resource = RESOURCES[name]
        things = fetched(resource, self.reader, self.negotiation).filter(pk__in=keys)
        return {one.pk: (resource.key(one), resource.data(one), resource.page(one)) for one in things}
