"""Drawings of agreement, as SVG without style or script: a matrix of all pairs of members, and a map."""

from collections.abc import Iterator, Sequence

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from issues.reports.analysis import SMALL, Agreement
from issues.web.small_charts import demonstration_line

CELL, LABEL = 14, 44
# Limits for enlarging a matrix with few members: the width in pixels, and the factor.
WIDEST, LARGEST = 1120, 1.7
MAP, MARGIN = 480, 46
# The height of the line about demonstration data below a drawing, and the width that the line needs.
CAPTION, LINE_WIDTH = 16, 300
# The colours of the classes in the style sheet, from opposite sides to the same side.
SHADES = ("#a12d26", "#d98c7f", "#c9c6bd", "#82b3d6", "#17487f")
# Possible positions of a label beside its point, in order of preference: the offset, and the share of the label to the
# left.
BESIDE = (
    (7, 4, 0.0),
    (-7, 4, 1.0),
    (0, -8, 0.5),
    (0, 16, 0.5),
    (7, -7, 0.0),
    (7, 15, 0.0),
    (-7, -7, 1.0),
    (-7, 15, 1.0),
)
LETTER, LINE = 7.2, 11


def shade(share: float) -> str:
    """Return the CSS class of a share, in five steps from opposite sides to the same side."""
    return "na" if np.isnan(share) else f"share-{min(4, int(share * 5))}"


def matrix(
    agreement: Agreement, codes: Sequence[str], order: Sequence[int], *, demonstration: bool = False
) -> SafeString:
    """Return the matrix of `agreement` in `order`, with figures as tooltips. Cells with few comparisons are small.

    With `demonstration`, a line below the matrix states that the positions are invented.
    """
    share, n = agreement.share, agreement.n
    size = LABEL + CELL * len(order)
    cells = []
    for row, first in enumerate(order):
        for column, second in enumerate(order[:row]):
            both = int(n[first, second])
            if not both:
                continue
            inset = 4 if both < SMALL else 0.5
            tooltip = _("%(first)s and %(second)s: %(same)d of %(n)d on the same side") % {
                "first": codes[first],
                "second": codes[second],
                "same": agreement.same[first, second],
                "n": both,
            }
            square = (LABEL + CELL * column + inset, LABEL + CELL * row + inset, CELL - 2 * inset)
            mirrored = (square[1], square[0], square[2])
            cells += [(*corner, shade(share[first, second]), tooltip) for corner in (square, mirrored)]
    drawn = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" class="{}"><title>{}</title></rect>',
        ((x, y, side, side, css, tooltip) for x, y, side, css, tooltip in cells),
    )
    names = [(LABEL + CELL * at + CELL * 0.75, codes[index]) for at, index in enumerate(order)]
    rows = format_html_join(
        "", '<text x="{}" y="{}" class="end">{}</text>', ((LABEL - 4, y, code) for y, code in names)
    )
    columns = format_html_join(
        "", '<text transform="translate({} {}) rotate(-90)">{}</text>', ((x, LABEL - 4, code) for x, code in names)
    )
    label = _("Agreement between each pair of members; the same figures are in the downloadable table")
    caption = demonstration_line(2, size + CAPTION - 5) if demonstration else SafeString("")
    width = max(size, LINE_WIDTH) if demonstration else size
    larger = max(1.0, min(LARGEST, WIDEST / width))
    return format_html(
        '<svg class="matrix{}" viewBox="0 0 {} {}" width="{}" role="img" aria-label="{}">{}</svg>',
        " few" if larger > 1 else "",
        width,
        size + CAPTION if demonstration else size,
        round(width * larger),
        label,
        mark_safe(rows + columns + drawn + caption),  # noqa: S308  each part comes from format_html
    )


def plane(
    places: NDArray[np.float64],
    codes: Sequence[str],
    before: dict[str, tuple[float, float]] | None = None,
    *,
    demonstration: bool = False,
) -> SafeString:
    """Return a map of `places`, labelled with `codes`, with a line to each place from its earlier place in `before`.

    With `demonstration`, a line at the bottom states that the positions are invented.
    """
    before = before or {}
    everything = np.array([*places.tolist(), *before.values()])
    least, most = everything.min(axis=0), everything.max(axis=0)
    scale = (MAP - 2 * MARGIN) / max(float((most - least).max()), 1e-9)

    def at(point: Sequence[float]) -> tuple[float, float]:
        x, y = (round(MARGIN + (point[axis] - least[axis]) * scale, 1) for axis in (0, 1))
        return x, y

    lines = format_html_join(
        "",
        '<line x1="{}" y1="{}" x2="{}" y2="{}"/>',
        ((*at(before[code]), *at(point)) for code, point in zip(codes, places.tolist(), strict=True) if code in before),
    )
    spots = [at(point) for point in places.tolist()]
    points = format_html_join("", '<circle cx="{}" cy="{}" r="4"/>', spots)
    names = format_html_join(
        "",
        '<text x="{}" y="{}"{}>{}</text>',
        ((x, y, _anchor(to_the_left), code) for x, y, to_the_left, code in _labels(spots, codes)),
    )
    height = 2 * MARGIN + float(most[1] - least[1]) * scale
    caption = demonstration_line(2, height - 5) if demonstration else SafeString("")
    return format_html(
        '<svg class="plane" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        MAP,
        f"{height:.0f}",
        _("Map: members shown close together mostly take the same side"),
        mark_safe(lines + points + names + caption),  # noqa: S308  each part comes from format_html
    )


def _labels(spots: Sequence[tuple[float, float]], codes: Sequence[str]) -> Iterator[tuple[float, float, float, str]]:
    """Yield the position of each label, the share of the label to the left of that position, and the label itself.

    A label takes the first position beside its point at which it covers no point and no earlier label. If there is no
    such position, the label takes the first one, because a partly covered label is easier to interpret than a label far
    from its point.
    """
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in spots]
    for (x, y), code in zip(spots, codes, strict=True):
        width = LETTER * len(code)
        boxes = [
            (x + dx - width * part, y + dy - LINE + 2, x + dx + width * (1 - part), y + dy + 2)
            for dx, dy, part in BESIDE
        ]
        free = (at for at, box in enumerate(boxes) if not any(_meet(box, label) for label in taken))
        chosen = next(free, 0)
        taken.append(boxes[chosen])
        dx, dy, part = BESIDE[chosen]
        yield x + dx, y + dy, part, code


def _meet(first: tuple[float, ...], second: tuple[float, ...]) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def _anchor(to_the_left: float) -> SafeString:
    return mark_safe({0.0: "", 0.5: ' text-anchor="middle"', 1.0: ' text-anchor="end"'}[to_the_left])  # noqa: S308
