"""Step charts of figures over time, as SVG that needs no style sheet, for screen, print and download."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from issues.web.small_charts import demonstration_line, percent

WIDTH, HEIGHT = 520, 170
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 14, 26
# Width reserved for the labels of the first and last dates.
ROOM = 95

# Values by date. None stands for a share of a text without words.
Series = Sequence[tuple[datetime.date, float | None]]


@dataclass(frozen=True)
class Mark:
    """An event on a date, such as a stated status, drawn as a vertical line."""

    day: datetime.date
    label: str


@dataclass(frozen=True)
class _Axes:
    """The axes of a chart: dates, drawn to scale from left to right, and values from zero up to `top`."""

    first: int
    last: int
    top: float
    is_share: bool

    def x(self, day: datetime.date) -> float:
        """Return the horizontal position of a date. Dates beyond the axis are drawn at its end."""
        ordinal = min(max(day.toordinal(), self.first), self.last)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (ordinal - self.first) / max(self.last - self.first, 1), 1)

    def y(self, value: float) -> float:
        """Return the vertical position of a value."""
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top, 1)

    @property
    def first_day(self) -> datetime.date:
        """The date at the left end."""
        return datetime.date.fromordinal(self.first)

    @property
    def last_day(self) -> datetime.date:
        """The date at the right end."""
        return datetime.date.fromordinal(self.last)

    def label(self, value: float) -> str:
        """Return a value as it is displayed. A share is shown as a percentage."""
        return f"{value * 100:.0f} %" if self.is_share else f"{value:.0f}"


def steps(
    title: str,
    series: Series,
    until: datetime.date,
    *,
    share: bool = False,
    marks: Sequence[Mark] = (),
    demonstration: bool = False,
) -> SafeString:
    """Return a chart of `series`, in which each value lasts until the next date, and the last until `until`.

    The vertical axis begins at zero. With `share`, the axis ends at 100 %. An empty series gives an empty string.
    With `demonstration`, a line in the drawing states that the values were measured in demonstration text.
    """
    if not series:
        return SafeString("")
    axes = _Axes(
        first=series[0][0].toordinal(),
        last=max(until, series[-1][0]).toordinal(),
        top=1.0 if share else max([1.0, *(value for _, value in series if value is not None)]),
        is_share=share,
    )
    label = f"{title}: " + ", ".join(
        f"{_short(day)} {percent(None) if value is None else axes.label(value)}" for day, value in series
    )
    return format_html(
        '<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}'
        '<path d="{}" fill="none" stroke="#2f6fb0" stroke-width="2.2"/>{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        label,
        demonstration_line(WIDTH - RIGHT, TOP - 4, anchor="end") if demonstration else "",
        _grid(axes),
        _line(axes, series),
        _upright_lines(axes, marks),
        _end_labels(axes),
        _date_labels(axes),
    )


def _line(axes: _Axes, series: Series) -> str:
    """Return the path of the series, with a gap while the value is None."""
    line, drawing = "", False
    for day, value in series:
        line += f"H{axes.x(day)}" if drawing else ""
        if value is not None:
            line += f"V{axes.y(value)}" if drawing else f"M{axes.x(day)} {axes.y(value)}"
        drawing = value is not None
    return line + (f"H{axes.x(axes.last_day)}" if drawing else "")


def _grid(axes: _Axes) -> SafeString:
    """Return horizontal lines with values at zero, full height and, if the value is a whole number, half height."""
    return format_html_join(
        "",
        '<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" stroke="#8b93a1" stroke-width=".5"/>'
        '<text x="{3}" y="{4}" text-anchor="end" font-size="11" fill="currentColor">{5}</text>',
        (
            (LEFT, WIDTH - RIGHT, axes.y(value), LEFT - 6, axes.y(value) + 4, axes.label(value))
            for value in (0.0, axes.top / 2, axes.top)
            if axes.is_share or value == int(value)
        ),
    )


def _upright_lines(axes: _Axes, marks: Sequence[Mark]) -> SafeString:
    """Return a dashed line for each mark within the axis, with its label as a tooltip."""
    return format_html_join(
        "",
        '<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" stroke="#7f5200" stroke-width="1.4" stroke-dasharray="3 3">'
        "<title>{3}</title></line>",
        (
            (axes.x(mark.day), TOP, HEIGHT - BOTTOM, mark.label)
            for mark in marks
            if axes.first <= mark.day.toordinal() <= axes.last
        ),
    )


def _end_labels(axes: _Axes) -> SafeString:
    """Return the labels of the first and last dates."""
    return format_html(
        '<text x="{}" y="{}" font-size="11" fill="currentColor">{}</text>'
        '<text x="{}" y="{}" font-size="11" text-anchor="end" fill="currentColor">{}</text>',
        LEFT,
        HEIGHT - 8,
        _short(axes.first_day),
        WIDTH - RIGHT,
        HEIGHT - 8,
        _short(axes.last_day),
    )


def _date_labels(axes: _Axes) -> SafeString:
    """Return ticks between the ends, labelled with month and year, except where they would touch the end labels."""
    return format_html_join(
        "",
        '<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" stroke="#8b93a1" stroke-width=".5"/>'
        '<text x="{0}" y="{3}" font-size="11" text-anchor="middle" fill="currentColor">{4}</text>',
        (
            (axes.x(day), HEIGHT - BOTTOM, HEIGHT - BOTTOM + 4, HEIGHT - 8, date_format(day, "M Y"))
            for day in _days_between(axes.first_day, axes.last_day)
            if LEFT + ROOM < axes.x(day) < WIDTH - RIGHT - ROOM
        ),
    )


def _days_between(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    """Return about six dates on which a quarter, half-year or year begins, in the years from `first` to `last`.

    The unit depends on the span: quarters up to 18 months, half-years up to three years, and years beyond that.
    """
    span = (last - first).days / 365
    months = (1, 4, 7, 10) if span <= 1.5 else (1, 7) if span <= 3 else (1,)
    every = max(1, round(span / 6))
    years = range(first.year, last.year + 1)
    return [datetime.date(year, month, 1) for year in years if year % every == 0 for month in months]


def _short(day: datetime.date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
