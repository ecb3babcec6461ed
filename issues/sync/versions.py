"""Versions of the data that a reader may read, for ETags and conditional requests.

The version of a negotiation for a reader follows from three values: the reader's rights, the number of the last change
in any of the reader's scopes, and the number of the last recomputation of derived data. Because a counter is stored for
each scope (`ChangeCounter`), a version requires at most two short queries, regardless of the length of the feed. The
ETag is a keyed hash of the three values and therefore reveals nothing about changes that the reader may not read.
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

# For each scope, the number of the last change and the time at which it was published.
Counters = dict[str, tuple[int, datetime.datetime | None]]


@dataclass(frozen=True)
class FeedVersion:
    """The version of a negotiation for one reader.

    `number` is the number of the last change that the reader may read, or 0 if there is no such change. It is never
    disclosed. `computed` is the number of the last recomputation of variants, positions and figures. `at` is the time
    of the last change or of the last recomputation, whichever is later.
    """

    rights: Rights
    number: int
    computed: int
    at: datetime.datetime | None

    @property
    def etag(self) -> str:
        """An opaque string that changes whenever the readable data or the reader's rights change.

        The ETag does not depend on the date, the language or the reader's name.
        """
        return _signed(f"{self.rights.mark} {self.number} {self.computed}", settings.SECRET_KEY)


def version_for(reader: Reader, negotiation: Negotiation) -> FeedVersion:
    """Return the version of `negotiation` for `reader`.

    The function runs two queries, or one query for a reader without roles.
    """
    rights = rights_of(reader, negotiation)
    scopes = {COUNTER} if rights.secretariat else rights.scopes
    return _version(rights, _counters(negotiation.pk, [*scopes, COMPUTED]))


def public_version() -> FeedVersion | None:
    """Return the version of the default negotiation for the public, or None if there is no such negotiation.

    The function runs only one query. For most polls, this query is the only cost.
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
    """Return the number of the last change in a negotiation, or 0 if there are no changes.

    `negotiation` is a primary key. Numbers become visible in ascending order: a change that is committed later has a
    higher number.
    """
    counters = ChangeCounter.objects.filter(negotiation=negotiation, scope=COUNTER)
    return counters.values_list("number", flat=True).first() or 0


def _version(rights: Rights, counters: Counters) -> FeedVersion:
    at = max((at for _, at in counters.values() if at is not None), default=None)
    computed, _ = counters.pop(COMPUTED, (0, None))
    number = max((number for number, _ in counters.values()), default=0)
    return FeedVersion(rights, number, computed, at)


def _counters(negotiation: int, scopes: list[str]) -> Counters:
    """Return the counters of `scopes`.

    The query is written in SQL because every poll needs the counters. The ORM would take longer than the database query
    and the response together.
    """
    table, placeholders = ChangeCounter._meta.db_table, ", ".join(["%s"] * len(scopes))
    with _cursor() as cursor:
        cursor.execute(
            f"SELECT scope, number, at FROM {table} WHERE negotiation_id = %s AND scope IN ({placeholders})",  # noqa: S608
            [negotiation, *scopes],
        )
        return {scope: (number, _aware(at)) for scope, number, at in cursor.fetchall()}


def _cursor() -> CursorWrapper:
    """Return a cursor on the database server from which this request reads.

    The version and the data must come from the same server.
    """
    return connections[router.db_for_read(ChangeCounter)].cursor()


def _aware(stored: datetime.datetime | None) -> datetime.datetime | None:
    """Return a stored time with its time zone, which SQLite omits from its UTC times."""
    return stored.replace(tzinfo=datetime.UTC) if stored and stored.tzinfo is None else stored


@lru_cache(maxsize=1024)  # clients that poll request the same versions repeatedly
def _signed(content: str, key: str) -> str:
    return salted_hmac("issues.sync.versions", content, secret=key, algorithm="sha256").hexdigest()[:32]
