"""A composed text cut into provisions: where this site marked them, else where the engine finds articles."""

from collections.abc import Iterator
from typing import NamedTuple

from bracketed_text import Register
from bracketed_text.advanced import articles
from issues.interchange.compose import Composed


class Cut(NamedTuple):
    """One provision: `text[start:end]` of what was composed, and how it is stored.

    `stored` lacks the signs that only the cut needed, and ends lines where pages end; `furniture` is where page headers
    and numbers stand in it.
    `under` are the headings that begin with it; `slug` is its mark in a file of this site.
    """

    start: int
    end: int
    heading: str
    under: tuple[str, ...]
    slug: str
    stored: str
    furniture: tuple[tuple[int, int], ...]


def cuts(composed: Composed, register: Register) -> Iterator[Cut]:
    """Yield the provisions in order; those without a word are left out."""
    found = _marked(composed) if composed.anchors else _cut(composed, register)
    for position, one in enumerate((cut for cut in found if cut.stored.strip()), start=1):
        one = one._replace(stored=one.stored.replace("\f", "\n"))
        yield one if one.heading else one._replace(heading=f"Text {position}")


def _cut(composed: Composed, register: Register) -> Iterator[Cut]:
    for one in articles(composed.text, register):
        # Files with headings as styles have no pages, and texts with pages no styles.
        furniture = [] if composed.signs else [(a - one.start, b - one.start) for a, b in one.furniture]
        stored = _without_signs(composed, one.start, one.end)
        yield Cut(one.start, one.end, one.title, one.under, "", stored, tuple(furniture))


def _marked(composed: Composed) -> Iterator[Cut]:
    text = composed.text
    ends = [anchor.start for anchor in composed.anchors[1:]] + [len(text)]
    for anchor, end in zip(composed.anchors, ends, strict=True):
        # Behind each paragraph stands an empty line; behind the last it is none of the text.
        last = end - 2 if end - 2 >= anchor.start and text.startswith("\n\n", end - 2) else end
        under = (anchor.section,) if anchor.section else ()
        yield Cut(anchor.start, last, anchor.heading, under, anchor.slug, text[anchor.start : last], ())


def _without_signs(composed: Composed, start: int, end: int) -> str:
    parts, at = [], start
    for first, last in composed.signs:
        if start <= first < end:
            parts.append(composed.text[at:first])
            at = last
    return "".join([*parts, composed.text[at:end]])
