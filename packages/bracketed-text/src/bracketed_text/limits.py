"""How much one text may hold before it is refused unread: brackets, and brackets that are open at once.

Parsing takes linear time and stops at nothing; what comes after it (comparing, merging, indexing, drawing a page) is
made for texts that people wrote. The most heavily bracketed text known, the draft Paris Agreement of 4 December 2015,
has 1,629 pairs over all its articles, and nests seven deep; one provision is an article of such a text.
"""

import re

from bracketed_text.diagnostics import MOST_VARIANTS, Code, Diagnostic

# Open at once, whether or not they are ever closed: a text that has lost marks has a few more open than it nests.
MOST_OPEN = 100
# Slashes inside brackets: so many cannot but be alternatives, and to tell them apart would cost more than to parse.
MOST_SLASHES = 20 * MOST_VARIANTS
_MARK = re.compile(r"[\[\]]")
_FLAT = re.compile(r"\[[^\[\]]*\]")


def excess(text: str) -> Diagnostic | None:
    """Return what makes `text` more than any provision is, at the mark that goes too far; far cheaper than parsing."""
    for mark in "[]":
        if text.count(mark) > MOST_VARIANTS:
            place = _place_of(text, mark, MOST_VARIANTS)
            return Diagnostic(Code.TOO_MANY_BRACKETS, place, place + 1)
    if text.count("/") > MOST_SLASHES and (at := _crowded(text)) is not None:
        return Diagnostic(Code.TOO_MANY_BRACKETS, at, at + 1)
    open_now = 0
    for found in _MARK.finditer(text):
        open_now = open_now + 1 if found[0] == "[" else max(0, open_now - 1)
        if open_now > MOST_OPEN:
            return Diagnostic(Code.TOO_DEEP, found.start(), found.end())
    return None


def may_hold_too_many(text: str, options: int) -> bool:
    """Return whether `text`, in which `options` are labelled, could have more variants than it may."""
    return text.count("[") + text.count("/") + options > MOST_VARIANTS


def _crowded(text: str) -> int | None:
    """Return where the bracket begins with which there are more slashes in brackets than may be, or None."""
    slashes = 0
    for found in _FLAT.finditer(text):
        slashes += found[0].count("/")
        if slashes > MOST_SLASHES:
            return found.start()
    return None


def _place_of(text: str, mark: str, number: int) -> int:
    """Return where the mark stands before which `number` others do."""
    at = -1
    for _ in range(number + 1):
        at = text.index(mark, at + 1)
    return at
