"""Agreement as drawings: a matrix of every two members, and a map. SVG without style or script, like `charts`."""

from collections.abc import Iterator, Sequence

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from issues.reports.analysis import SMALL, Agreement

CELL, LABEL = 14, 44
# A matrix of few members is drawn larger, up to so wide, in pixels, and so many times.
WIDEST, LARGEST = 1120, 1.7
MAP, MARGIN = 480, 46
# From opposite sides to the same side; the style sheet says the same.
SHADES = ("#a12d26", "#d98c7f", "#c9c6bd", "#82b3d6", "#17487f")
# Where a name may stand beside its point: to the right, left, above, below, and further out.
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
    label = _("Agreement between each pair of members; the same figures are in the downloadable table")
    larger = max(1.0, min(LARGEST, WIDEST / size))
    return format_html(
        '<svg class="matrix{}" viewBox="0 0 {} {}" width="{}" role="img" aria-label="{}">{}</svg>',
        " few" if larger > 1 else "",
        size,
        size,
        round(size * larger),
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

    def at(place: Sequence[float]) -> tuple[float, float]:
        x, y = (round(MARGIN + (place[axis] - least[axis]) * scale, 1) for axis in (0, 1))
        return x, y

    lines = format_html_join(
        "",
        '<line x1="{}" y1="{}" x2="{}" y2="{}"/>',
        ((*at(before[code]), *at(place)) for code, place in zip(codes, places.tolist(), strict=True) if code in before),
    )
    spots = [at(place) for place in places.tolist()]
    points = format_html_join("", '<circle cx="{}" cy="{}" r="4"/>', spots)
    names = format_html_join(
        "",
        '<text x="{}" y="{}"{}>{}</text>',
        ((x, y, _anchor(to_the_left), code) for x, y, to_the_left, code in _named(spots, codes)),
    )
    height = 2 * MARGIN + float(most[1] - least[1]) * scale
    return format_html(
        '<svg class="plane" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        MAP,
        f"{height:.0f}",
        _("Map: members shown close together mostly take the same side"),
        mark_safe(lines + points + names),  # noqa: S308  each part comes from format_html
    )


def _named(spots: Sequence[tuple[float, float]], codes: Sequence[str]) -> Iterator[tuple[float, float, float, str]]:
    """Yield for each point where its name stands, how much of it lies to the left of there, and the name.

    Each takes the first place beside its point where it covers no point and no name before it; if there is none, the
    first of all: on a map, a name that is covered can still be guessed, one far away cannot.
    """
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in spots]
    for (x, y), code in zip(spots, codes, strict=True):
        width = LETTER * len(code)
        boxes = [
            (x + dx - width * part, y + dy - LINE + 2, x + dx + width * (1 - part), y + dy + 2)
            for dx, dy, part in BESIDE
        ]
        free = (at for at, box in enumerate(boxes) if not any(_meet(box, other) for other in taken))
        chosen = next(free, 0)
        taken.append(boxes[chosen])
        dx, dy, part = BESIDE[chosen]
        yield x + dx, y + dy, part, code


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _anchor(to_the_left: float) -> SafeString:
    return mark_safe({0.0: "", 0.5: ' text-anchor="middle"', 1.0: ' text-anchor="end"'}[to_the_left])  # noqa: S308
