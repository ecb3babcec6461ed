"""Figures through time as drawings that one can read, print and take along: SVG that needs no style sheet's help."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 520, 170
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 14, 26
# What the names of the first and the last day need for themselves.
ROOM = 95


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day, such as a status that was stated."""

    day: datetime.date
    label: str


def steps(
    title: str,
    series: Sequence[tuple[datetime.date, float]],
    until: datetime.date,
    *,
    share: bool = False,
    marks: Sequence[Mark] = (),
) -> SafeString:
    """Return `series` as a line that keeps each value until the next day on which it changed, up to `until`.

    The axis begins at zero; with `share` it ends at 100 %. `marks` are upright lines with their names to hover.
    """
    if not series:
        return SafeString("")
    first, last = series[0][0].toordinal(), max(until, series[-1][0]).toordinal()
    top = 1.0 if share else max(1.0, *(value for _, value in series))

    def x(day: datetime.date) -> float:
        place = min(max(day.toordinal(), first), last)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (place - first) / max(last - first, 1), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top, 1)

    line = f"M{x(series[0][0])} {y(series[0][1])}"
    for day, value in series[1:]:
        line += f"H{x(day)}V{y(value)}"
    line += f"H{x(datetime.date.fromordinal(last))}"
    grid = format_html_join(
        "",
        '<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" stroke="#8b93a1" stroke-width=".5"/>'
        '<text x="{3}" y="{4}" text-anchor="end" font-size="11" fill="currentColor">{5}</text>',
        (
            (LEFT, WIDTH - RIGHT, y(value), LEFT - 6, y(value) + 4, _said(value, share))
            for value in (0.0, top / 2, top)
            if share or value == int(value)
        ),
    )
    upright = format_html_join(
        "",
        '<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" stroke="#7f5200" stroke-width="1.4" stroke-dasharray="3 3">'
        "<title>{3}</title></line>",
        ((x(mark.day), TOP, HEIGHT - BOTTOM, mark.label) for mark in marks if first <= mark.day.toordinal() <= last),
    )
    days = format_html(
        '<text x="{}" y="{}" font-size="11" fill="currentColor">{}</text>'
        '<text x="{}" y="{}" font-size="11" text-anchor="end" fill="currentColor">{}</text>',
        LEFT,
        HEIGHT - 8,
        _day(datetime.date.fromordinal(first)),
        WIDTH - RIGHT,
        HEIGHT - 8,
        _day(datetime.date.fromordinal(last)),
    )
    between = format_html_join(
        "",
        '<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" stroke="#8b93a1" stroke-width=".5"/>'
        '<text x="{0}" y="{3}" font-size="11" text-anchor="middle" fill="currentColor">{4}</text>',
        (
            (x(day), HEIGHT - BOTTOM, HEIGHT - BOTTOM + 4, HEIGHT - 8, date_format(day, "M Y"))
            for day in _between(first, last)
            if LEFT + ROOM < x(day) < WIDTH - RIGHT - ROOM
        ),
    )
    label = f"{title}: " + ", ".join(f"{_day(day)} {_said(value, share)}" for day, value in series)
    return format_html(
        '<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<path d="{}" fill="none" stroke="#2f6fb0" stroke-width="2.2"/>{}{}</svg>',
        WIDTH,
        HEIGHT,
        label,
        grid,
        line,
        upright,
        mark_safe(days + between),  # noqa: S308  made by format_html
    )


def _between(first: int, last: int) -> list[datetime.date]:
    """Return the days that are named between the first and the last: quarters, half-years or years, a few of them."""
    years = range(datetime.date.fromordinal(first).year, datetime.date.fromordinal(last).year + 1)
    span = (last - first) / 365
    months = (1, 4, 7, 10) if span <= 1.5 else (1, 7) if span <= 3 else (1,)
    every = max(1, round(span / 6))
    return [datetime.date(year, month, 1) for year in years if year % every == 0 for month in months]


def _said(value: float, share: bool) -> str:
    return f"{value * 100:.0f} %" if share else f"{value:.0f}"


def _day(day: datetime.date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
