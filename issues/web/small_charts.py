"""Small charts as SVG without style or script, suitable for print and for a strict content security policy."""

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.reports.convergence import Point

WIDTH, HEIGHT, MARGIN = 120.0, 32.0, 3.0
DEMONSTRATION_LINE = gettext_lazy("Demonstration: the text and the positions are invented")
# The shortest span of the scale, so that a change of one percentage point does not look large.
LEAST_SPAN = 0.3


def percent(share: float | None) -> str:
    """Return a share as "87 %", or "no words" for None. Only an exact 0 or 1 is written as 0 % or 100 %."""
    if share is None:
        return _("no words")
    rounded = round(share * 100)
    if rounded == 100 and share < 1:
        rounded = 99
    if rounded == 0 and share > 0:
        rounded = 1
    return f"{rounded} %"


def share_bar(share: float | None) -> SafeString:
    """Return a bar filled to `share`, a number from 0 to 1, or no bar for a text without words."""
    if share is None:
        return SafeString("")
    width = round(share * 100, 2)
    return format_html(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="bar-all" width="100" height="8"/><rect class="bar-clean" width="{}" height="8"/></svg>',
        _("%(share)s of the words are clean") % {"share": percent(share)},
        width,
    )


def demonstration_line(x: float, y: float, anchor: str = "start", size: int = 9) -> SafeString:
    """Return a line of text for a drawing, which states that the drawing shows invented data."""
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}" font-size="{}" font-style="italic" class="invented"'
        ' fill="currentColor">{}</text>',
        *(x, y, anchor, size, DEMONSTRATION_LINE),
    )


def _scale(shares: list[float]) -> tuple[float, float]:
    """Return the lowest share on the scale, and its span: the range of the shares, at least 30 percentage points."""
    span = max(LEAST_SPAN, max(shares) - min(shares))
    lowest = min(max(0.0, (max(shares) + min(shares) - span) / 2), 1 - span)
    return lowest, span


def sparkline(points: tuple[Point, ...], *, demonstration: bool = False) -> SafeString:
    """Return a chart of the clean share over time with its first and last values, or "" for a single point.

    Points at which the text has no words are left out.

    With `demonstration`, the title of the drawing states that the values were measured in demonstration text.
    """
    values = [(point, share) for point in points if (share := point.figures.clean_share) is not None]
    if len(values) < 2:
        return SafeString("")
    points = tuple(point for point, _share in values)
    lowest, span = _scale([share for _point, share in values])
    first, last = points[0].day.toordinal(), points[-1].day.toordinal()
    days = max(last - first, 1)
    places = [
        (
            MARGIN + (WIDTH - 2 * MARGIN) * (point.day.toordinal() - first) / days,
            HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (share - lowest) / span,
        )
        for point, share in values
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    label = _("Clean share: ") + ", ".join(
        f"{date_format(point.day, 'SHORT_DATE_FORMAT')} {percent(point.figures.clean_share)}" for point in points
    )
    if demonstration:
        label = f"{label}. {DEMONSTRATION_LINE}"
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="2.6"/></svg>'
        '<span class="small from-to">{} → {}</span>',
        f"{WIDTH:g}",
        f"{HEIGHT:g}",
        label,
        label,
        line,
        f"{places[-1][0]:.1f}",
        f"{places[-1][1]:.1f}",
        percent(points[0].figures.clean_share),
        percent(points[-1].figures.clean_share),
    )
