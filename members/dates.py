"""Dates that may be known only to the month or the year."""

import datetime

from django.utils.formats import date_format

from members.choices import Precision


def partial_date(day: datetime.date | None, precision: str) -> str:
    """Return `day` as far as it is known, in the reader's words: "5 February 2021", "February 2021", "2021", or ""."""
    if day is None:
        return ""
    if precision == Precision.YEAR:
        return f"{day:%Y}"
    if precision == Precision.MONTH:
        return date_format(day, "YEAR_MONTH_FORMAT")
    return date_format(day)
