"""Limits above which a text is refused before parsing: brackets, and brackets open at the same time.

Parsing takes linear time for any text. The operations that follow (comparing, merging, indexing, drawing a page) are
designed for texts that people write. The most heavily bracketed text known, the draft Paris Agreement of 4 December
2015, has 1,629 pairs in all its articles, nested up to seven deep; one provision is one article of it.
"""

import re

from bracketed_text.diagnostics import MOST_VARIANTS, Code, Diagnostic

# Open at the same time, whether or not they are closed: a text with lost marks has a few more open than it nests.
MOST_OPEN = 100
# Slashes inside brackets: so many must be alternatives, and examining each would cost more than parsing.
MOST_SLASHES = 20 * MOST_VARIANTS
_MARK = re.compile(r"[\[\]]")
_FLAT = re.compile(r"\[[^\[\]]*\]")


def excess(text: str) -> Diagnostic | None:
    """Return what makes `text` larger than any provision, at the mark that exceeds a limit; cheaper than `parse`."""
    for mark in "[]":
        if text.count(mark) > MOST_VARIANTS:
            offset = _place_of(text, mark, MOST_VARIANTS)
            return Diagnostic(Code.TOO_MANY_BRACKETS, offset, offset + 1)
    if text.count("/") > MOST_SLASHES and (at := _crowded(text)) is not None:
        return Diagnostic(Code.TOO_MANY_BRACKETS, at, at + 1)
    open_now = 0
    for match in _MARK.finditer(text):
        open_now = open_now + 1 if match[0] == "[" else max(0, open_now - 1)
        if open_now > MOST_OPEN:
            return Diagnostic(Code.TOO_DEEP, match.start(), match.end())
    return None


def may_hold_too_many(text: str, options: int) -> bool:
    """Return whether `text`, with these labelled `options`, could have too many variants."""
    return text.count("[") + text.count("/") + options > MOST_VARIANTS


def _crowded(text: str) -> int | None:
    """Return the start of the bracket at which the slashes in brackets exceed the limit, or None."""
    slashes = 0
    for match in _FLAT.finditer(text):
        slashes += match[0].count("/")
        if slashes > MOST_SLASHES:
            return match.start()
    return None


def _place_of(text: str, mark: str, number: int) -> int:
    """Return the offset of the mark that `number` others precede."""
    at = -1
    for _ in range(number + 1):
        at = text.index(mark, at + 1)
    return at
