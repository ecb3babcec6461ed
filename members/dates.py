"""Functions for dates that are known to the day, the month or the year."""

import calendar
import datetime

from django.utils.formats import date_format

from members.choices import Precision

# The number of characters of an ISO date that are known, by precision.
ISO_LENGTHS: dict[str, int] = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}


# A date, if it is known, with the precision to which it is known.
PartialDate = tuple[datetime.date | None, str]


def last_possible_day(day: datetime.date, precision: str) -> datetime.date:
    """Return `day`, or the last day of its month or year if only the month or year is known."""
    if precision == Precision.YEAR:
        return day.replace(month=12, day=31)
    if precision == Precision.MONTH:
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day


def partial_iso_date(day: datetime.date | None, precision: str) -> str:
    """Return `day` in ISO 8601, such as "2021-02-05", "2021-02" or "2021". None yields "".

    An empty precision is that of a day.
    """
    return day.isoformat()[: ISO_LENGTHS[precision or Precision.DAY]] if day else ""


def partial_date(day: datetime.date | None, precision: str) -> str:
    """Return `day` in the active language, such as "5 February 2021", "February 2021" or "2021". None yields ""."""
    if day is None:
        return ""
    if precision == Precision.YEAR:
        return f"{day:%Y}"
    if precision == Precision.MONTH:
        return date_format(day, "YEAR_MONTH_FORMAT")
    return date_format(day)
