"""Dates that may be known only to the month or the year."""

import calendar
import datetime

from django.utils.formats import date_format

from members.choices import Precision


def last_possible_day(day: datetime.date, precision: str) -> datetime.date:
    """Return the day by which a date has come for certain: of one known to the month or year, the last day of that."""
    if precision == Precision.YEAR:
        return day.replace(month=12, day=31)
    if precision == Precision.MONTH:
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day


def partial_date(day: datetime.date | None, precision: str) -> str:
    """Return `day` as far as it is known, in the reader's words: "5 February 2021", "February 2021", "2021", or ""."""
    if day is None:
        return ""
    if precision == Precision.YEAR:
        return f"{day:%Y}"
    if precision == Precision.MONTH:
        return date_format(day, "YEAR_MONTH_FORMAT")
    return date_format(day)
