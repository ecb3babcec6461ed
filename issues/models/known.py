"""A day as the record told of it at a moment.

Whatever is read "as of" a day takes the day. Where also what was on record at a moment is asked for, the day carries
that moment, and what was recorded after it does not count: two clocks, one for when something was so, and one for when
it came to be on record.
"""

import datetime

from django.db.models import Q


class DayAsKnown(datetime.date):
    """The end of a day, as far as it was on record at `known_at`."""

    known_at: datetime.datetime | None = None

    @classmethod
    def at(cls, day: datetime.date, known_at: datetime.datetime) -> "DayAsKnown":
        """Return `day` as it was on record at `known_at`."""
        made = cls(day.year, day.month, day.day)
        made.known_at = known_at
        return made


def known_at(day: datetime.date | None) -> datetime.datetime | None:
    """Return the moment after which nothing that was recorded counts; None where everything does."""
    return getattr(day, "known_at", None)


def on_record(day: datetime.date | None, recorded_at: str = "recorded_at") -> Q:
    """Return the condition that a row was on record at the moment that `day` carries; none where it carries none."""
    moment = known_at(day)
    return Q() if moment is None else Q(**{f"{recorded_at}__lte": moment})


def not_on_record(day: datetime.date | None, recorded_at: str) -> Q:
    """Return the condition that a row came on record later, to be added by "or"; none where `day` carries no moment."""
    moment = known_at(day)
    return Q() if moment is None else Q(**{f"{recorded_at}__gt": moment})
