"""Dates with a recording time, which combine the two time axes of queries.

A query as of a date selects entries by the dates of the events that they record. A `DayAsKnown` is a date that also has
a recording time, `known_at`. Entries recorded after that time are ignored.
"""

import datetime

from django.db.models import Q


class DayAsKnown(datetime.date):
    """A date that restricts queries to entries recorded no later than `known_at`."""

    known_at: datetime.datetime | None = None

    @classmethod
    def at(cls, day: datetime.date, known_at: datetime.datetime) -> "DayAsKnown":
        """Return `day` with the recording time `known_at`."""
        made = cls(day.year, day.month, day.day)
        made.known_at = known_at
        return made


def known_at(day: datetime.date | None) -> datetime.datetime | None:
    """Return the recording time of `day`, or None if it has no recording time."""
    return getattr(day, "known_at", None)


def on_record(day: datetime.date | None, recorded_at: str = "recorded_at") -> Q:
    """Return the condition that selects rows recorded no later than the recording time of `day`.

    If `day` has no recording time, the condition is always true.
    """
    moment = known_at(day)
    return Q() if moment is None else Q(**{f"{recorded_at}__lte": moment})


def not_on_record(day: datetime.date | None, recorded_at: str) -> Q:
    """Return the condition that selects rows recorded after the recording time of `day`, to be combined with `|`.

    If `day` has no recording time, the condition is empty.
    """
    moment = known_at(day)
    return Q() if moment is None else Q(**{f"{recorded_at}__gt": moment})
