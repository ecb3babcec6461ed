"""Agreement as drawings: a matrix of every two members, and a map. SVG without style or script, like `charts`."""

from collections.abc import Sequence

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from issues.analysis import SMALL, Agreement

CELL, LABEL = 14, 44
FEW = 20  # drawn twice as large
MAP, MARGIN = 480, 46


def shade(share: float) -> str:
    """Return the class of a share: one of five steps, from opposite sides to the same side."""
    return "na" if np.isnan(share) else f"share-{min(4, int(share * 5))}"


def matrix(found: Agreement, codes: Sequence[str], order: Sequence[int]) -> SafeString:
    """Return the table of shares of columns in `order`; each cell says its figures, few ones are drawn small."""
    share, n = found.share, found.n
    size = LABEL + CELL * len(order)
    cells = []
    for row, first in enumerate(order):
        for column, second in enumerate(order[:row]):
            both = int(n[first, second])
            if not both:
                continue
            inset = 4 if both < SMALL else 0.5
            said = _("%(first)s and %(second)s: %(same)d of %(n)d on the same side") % {
                "first": codes[first],
                "second": codes[second],
                "same": found.same[first, second],
                "n": both,
            }
            place = (LABEL + CELL * column + inset, LABEL + CELL * row + inset, CELL - 2 * inset)
            mirrored = (place[1], place[0], place[2])
            cells += [(*one, shade(share[first, second]), said) for one in (place, mirrored)]
    drawn = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" class="{}"><title>{}</title></rect>',
        ((x, y, side, side, css, said) for x, y, side, css, said in cells),
    )
    names = [(LABEL + CELL * at + CELL * 0.75, codes[one]) for at, one in enumerate(order)]
    rows = format_html_join(
        "", '<text x="{}" y="{}" class="end">{}</text>', ((LABEL - 4, y, code) for y, code in names)
    )
    columns = format_html_join(
        "", '<text transform="translate({} {}) rotate(-90)">{}</text>', ((x, LABEL - 4, code) for x, code in names)
    )
    label = _("Agreement of every two members; the same figures are in the table to download")
    return format_html(
        '<svg class="matrix" viewBox="0 0 {} {}" width="{}" role="img" aria-label="{}">{}</svg>',
        size,
        size,
        size * 2 if len(order) <= FEW else size,
        label,
        mark_safe(rows + columns + drawn),  # noqa: S308  each part comes from format_html
    )


def plane(
    places: NDArray[np.float64], codes: Sequence[str], before: dict[str, tuple[float, float]] | None = None
) -> SafeString:
    """Return a map of `places`, one for each of `codes`, with a line from where each stood `before`."""
    before = before or {}
    everything = np.array([*places.tolist(), *before.values()])
    least, most = everything.min(axis=0), everything.max(axis=0)
    scale = (MAP - 2 * MARGIN) / max(float((most - least).max()), 1e-9)

    def at(place: Sequence[float]) -> tuple[str, str]:
        x, y = (MARGIN + (place[axis] - least[axis]) * scale for axis in (0, 1))
        return f"{x:.1f}", f"{y:.1f}"

    lines = format_html_join(
        "",
        '<line x1="{}" y1="{}" x2="{}" y2="{}"/>',
        ((*at(before[code]), *at(place)) for code, place in zip(codes, places.tolist(), strict=True) if code in before),
    )
    points = format_html_join(
        "",
        '<g transform="translate({} {})"><circle r="4"/><text x="7" y="4">{}</text></g>',
        ((*at(place), code) for code, place in zip(codes, places.tolist(), strict=True)),
    )
    height = 2 * MARGIN + float(most[1] - least[1]) * scale
    return format_html(
        '<svg class="plane" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        MAP,
        f"{height:.0f}",
        _("Map: members that stand near to each other mostly take the same side"),
        mark_safe(lines + points),  # noqa: S308  each part comes from format_html
    )
