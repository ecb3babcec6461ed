"""Cut a composed text into provisions at this site's bookmarks or, failing that, where the engine finds articles."""

from collections.abc import Iterator
from typing import NamedTuple

from bracketed_text import Register
from bracketed_text.advanced import articles
from issues.interchange.composition import Composed


class Cut(NamedTuple):
    """A provision, which is the slice `text[start:end]` of the composed text.

    `stored` is the text to store, without the “#” signs that are needed only for cutting, and with line breaks in place
    of page breaks. `furniture` gives the offsets of page headers and page numbers in `stored`. `under` lists the
    headings of the parts that begin with this provision. `slug` is the provision's bookmark in a file written by this
    site, or "".
    """

    start: int
    end: int
    heading: str
    under: tuple[str, ...]
    slug: str
    stored: str
    furniture: tuple[tuple[int, int], ...]


def cut_into_provisions(composed: Composed, register: Register) -> Iterator[Cut]:
    """Yield the provisions in order, omitting empty ones."""
    all_cuts = _marked(composed) if composed.anchors else _cut(composed, register)
    for position, cut in enumerate((cut for cut in all_cuts if cut.stored.strip()), start=1):
        cut = cut._replace(stored=cut.stored.replace("\f", "\n"))
        yield cut if cut.heading else cut._replace(heading=f"Text {position}")


def _cut(composed: Composed, register: Register) -> Iterator[Cut]:
    for article in articles(composed.text, register):
        # The text of a file with heading styles contains no page headers or page numbers.
        furniture = [] if composed.signs else [(a - article.start, b - article.start) for a, b in article.furniture]
        stored = _without_signs(composed, article.start, article.end)
        yield Cut(article.start, article.end, article.title, article.under, "", stored, tuple(furniture))


def _marked(composed: Composed) -> Iterator[Cut]:
    text = composed.text
    ends = [anchor.start for anchor in composed.anchors[1:]] + [len(text)]
    for anchor, end in zip(composed.anchors, ends, strict=True):
        # The blank line after the last paragraph does not belong to the text.
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
