"""Versions of the data a reader may read, for ETags and conditional requests. At most two short queries each.

The version of a negotiation for a reader follows from three values: the rights of the reader, the number of the last
change in any of the reader's scopes, and the number under which computed data were last recomputed. The counters per
scope (`ChangeCounter`) make this a lookup of a few rows, however long the feed is. The ETag is a keyed hash of these
values and therefore reveals nothing about changes that the reader may not read.
"""

import datetime
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import connections, router
from django.db.backends.utils import CursorWrapper
from django.utils.crypto import salted_hmac

from issues.access.audiences import COMPUTED, COUNTER, PUBLIC, Rights, rights_of
from issues.access.roles import Reader
from issues.models import ChangeCounter, Negotiation

# The number of the last change, and when it was published, by scope.
Counters = dict[str, tuple[int, datetime.datetime | None]]


@dataclass(frozen=True)
class FeedVersion:
    """The last change that a reader may read: when it was published, and its number (0: none), which is never shown.

    `computed` is the number of the last recomputation of variants, positions and figures.
    """

    rights: Rights
    number: int
    computed: int
    at: datetime.datetime | None

    @property
    def etag(self) -> str:
        """An opaque string that differs whenever the readable data, or the rights with which they are read, differ.

        The ETag does not depend on the date, the language or the reader's name.
        """
        return _signed(f"{self.rights.mark} {self.number} {self.computed}", settings.SECRET_KEY)


def version_for(reader: Reader, negotiation: Negotiation) -> FeedVersion:
    """Return the version of `negotiation` for `reader`. Runs two queries, or one for a reader without roles."""
    rights = rights_of(reader, negotiation)
    scopes = {COUNTER} if rights.secretariat else rights.scopes
    return _version(rights, _counters(negotiation.pk, [*scopes, COMPUTED]))


def public_version() -> FeedVersion | None:
    """Return the version of the default negotiation for the public, or None if there is no such negotiation.

    A single query, since it is the whole cost of most polls.
    """
    table = ChangeCounter._meta.db_table
    with _cursor() as cursor:
        cursor.execute(
            f"SELECT n.id, c.scope, c.number, c.at FROM issues_negotiation n LEFT JOIN {table} c "  # noqa: S608
            "ON c.negotiation_id = n.id AND c.scope IN (%s, %s) WHERE n.is_default",
            [PUBLIC, COMPUTED],
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    rights = Rights(rows[0][0], secretariat=False, scopes=frozenset({PUBLIC}))
    return _version(rights, {scope: (number, _aware(at)) for _, scope, number, at in rows if scope is not None})


def last_change_number(negotiation: int) -> int:
    """Return the number of the last change of a negotiation (a primary key), or 0 before the first.

    Numbers become visible in ascending order: a change that is committed later has a higher one.
    """
    counters = ChangeCounter.objects.filter(negotiation=negotiation, scope=COUNTER)
    return counters.values_list("number", flat=True).first() or 0


def _version(rights: Rights, counters: Counters) -> FeedVersion:
    at = max((at for _, at in counters.values() if at is not None), default=None)
    computed, _ = counters.pop(COMPUTED, (0, None))
    number = max((number for number, _ in counters.values()), default=0)
    return FeedVersion(rights, number, computed, at)


def _counters(negotiation: int, scopes: list[str]) -> Counters:
    """Return the counters of these scopes.

    Uses SQL because every poll needs the counters: the ORM takes longer than the database and the response together.
    """
    table, placeholders = ChangeCounter._meta.db_table, ", ".join(["%s"] * len(scopes))
    with _cursor() as cursor:
        cursor.execute(
            f"SELECT scope, number, at FROM {table} WHERE negotiation_id = %s AND scope IN ({placeholders})",  # noqa: S608
            [negotiation, *scopes],
        )
        return {scope: (number, _aware(at)) for scope, number, at in cursor.fetchall()}


def _cursor() -> CursorWrapper:
    """Return a cursor on the server that this request reads from, so that version and data come from one server."""
    return connections[router.db_for_read(ChangeCounter)].cursor()


def _aware(stored: datetime.datetime | None) -> datetime.datetime | None:
    """Return a stored time with its time zone; SQLite returns UTC times without one."""
    return stored.replace(tzinfo=datetime.UTC) if stored and stored.tzinfo is None else stored


@lru_cache(maxsize=1024)  # pollers ask for the same versions again and again
def _signed(content: str, key: str) -> str:
    return salted_hmac("issues.sync.versions", content, secret=key, algorithm="sha256").hexdigest()[:32]
