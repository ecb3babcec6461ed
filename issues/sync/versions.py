"""How far the changes have come that a reader may read: for ETags and for whoever polls. At most two short queries."""

import datetime
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import connections, router
from django.db.backends.utils import CursorWrapper
from django.utils.crypto import salted_hmac

from issues.access.audiences import COMPUTED, COUNTER, PUBLIC, Rights, rights_of
from issues.access.roles import Reader
from issues.models import Negotiation, Tide


@dataclass(frozen=True)
class Reached:
    """The last change that a reader may read: its number (never to be shown), 0 for none, and when it was told."""

    rights: Rights
    number: int
    computed: int
    at: datetime.datetime | None

    @property
    def mark(self) -> str:
        """Another one whenever anything changed that the reader may read, or by which right; it tells nothing else.

        Computed figures count too; the day, the language and the name of the reader do not.
        """
        return _signed(f"{self.rights.mark} {self.number} {self.computed}", settings.SECRET_KEY)


@lru_cache(maxsize=1024)  # those who poll ask for the same again and again
def _signed(said: str, key: str) -> str:
    return salted_hmac("issues.sync.versions", said, secret=key, algorithm="sha256").hexdigest()[:32]


Tides = dict[str, tuple[int, datetime.datetime | None]]


def reached(reader: Reader, negotiation: Negotiation) -> Reached:
    """Return how far the changes have come for `reader`. Two queries; one for who acts for nobody."""
    rights = rights_of(reader, negotiation)
    scopes = {COUNTER} if rights.secretariat else rights.scopes
    return _reached(rights, _tides(negotiation.pk, [*scopes, COMPUTED]))


def last_number(negotiation: int) -> int:
    """Return the number of the last change of a negotiation (a primary key), 0 before the first.

    Numbers become visible in their order: whoever has read up to this one has missed none that is committed later.
    """
    counter = Tide.objects.filter(negotiation=negotiation, scope=COUNTER).values_list("number", flat=True).first()
    return counter or 0


def reached_by_anybody() -> Reached | None:
    """Return how far they have come for ANYBODY in the negotiation that the site opens with, None where there is none.

    One query, as short as it can be: it is what a poll costs.
    """
    with _cursor() as cursor:
        cursor.execute(
            "SELECT n.id, t.scope, t.number, t.at FROM issues_negotiation n LEFT JOIN issues_tide t "
            "ON t.negotiation_id = n.id AND t.scope IN (%s, %s) WHERE n.is_default",
            [PUBLIC, COMPUTED],
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    rights = Rights(rows[0][0], secretariat=False, scopes=frozenset({PUBLIC}))
    return _reached(rights, {scope: (number, _moment(at)) for _, scope, number, at in rows if scope is not None})


def _reached(rights: Rights, tides: Tides) -> Reached:
    at = max((at for _, at in tides.values() if at is not None), default=None)
    computed, _ = tides.pop(COMPUTED, (0, None))
    number = max((number for number, _ in tides.values()), default=0)
    return Reached(rights, number, computed, at)


def _tides(negotiation: int, scopes: list[str]) -> Tides:
    """Return number and moment by scope.

    By hand, since it is asked for at every poll: the ORM would take longer than the database and the answer together.
    """
    places = ", ".join(["%s"] * len(scopes))
    with _cursor() as cursor:
        cursor.execute(
            f"SELECT scope, number, at FROM issues_tide WHERE negotiation_id = %s AND scope IN ({places})",  # noqa: S608
            [negotiation, *scopes],
        )
        return {scope: (number, _moment(at)) for scope, number, at in cursor.fetchall()}


def _cursor() -> CursorWrapper:
    """Return a cursor of the server that this request reads from: mark and data are of the same one."""
    return connections[router.db_for_read(Tide)].cursor()


def _moment(stored: datetime.datetime | None) -> datetime.datetime | None:
    """Return a moment as the database gives it: SQLite's has no zone, and is in UTC."""
    return stored.replace(tzinfo=datetime.UTC) if stored and stored.tzinfo is None else stored
