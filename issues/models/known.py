"""Days as known at a moment: the two time axes of queries, valid time and recording time.

Queries "as of" a day take a date, which selects by valid time. A `DayAsKnown` also carries a moment, and entries
recorded after that moment are ignored.
"""

import datetime

from django.db.models import Q


class DayAsKnown(datetime.date):
    """A day, seen as it was on record at `known_at`."""

    known_at: datetime.datetime | None = None

    @classmethod
    def at(cls, day: datetime.date, known_at: datetime.datetime) -> "DayAsKnown":
        """Return `day` as it was on record at `known_at`."""
        made = cls(day.year, day.month, day.day)
        made.known_at = known_at
        return made


def known_at(day: datetime.date | None) -> datetime.datetime | None:
    """Return the moment that `day` carries, after which recorded entries are ignored, or None."""
    return getattr(day, "known_at", None)


def on_record(day: datetime.date | None, recorded_at: str = "recorded_at") -> Q:
    """Return the condition that a row was on record at the moment of `day`; always true if it carries none."""
    moment = known_at(day)
    return Q() if moment is None else Q(**{f"{recorded_at}__lte": moment})


def not_on_record(day: datetime.date | None, recorded_at: str) -> Q:
    """Return the condition that a row was recorded after the moment of `day`, for use with `|`; empty without one."""
    moment = known_at(day)
    return Q() if moment is None else Q(**{f"{recorded_at}__gt": moment})
