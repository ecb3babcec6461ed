"""Limit the number of brackets and the depth of nesting. A text that exceeds a limit is refused before parsing.

Parsing takes linear time for any text, but the subsequent operations (comparison, merging, indexing and rendering) are
designed for texts that people write. The most heavily bracketed text known is the draft Paris Agreement of 4 December
2015. It contains 1,629 pairs of brackets in total, nested up to seven levels deep. The limits apply to each provision.
"""

import re

from bracketed_text.diagnostics import MOST_VARIANTS, Code, Diagnostic

# The maximum number of brackets open at the same time, including brackets that are never closed.
MOST_OPEN = 100
# The maximum number of slashes inside brackets. Examining more slashes would cost more than parsing.
MOST_SLASHES = 20 * MOST_VARIANTS
_MARK = re.compile(r"[\[\]]")
_FLAT = re.compile(r"\[[^\[\]]*\]")


def excess(text: str) -> Diagnostic | None:
    """Return a diagnostic at the first mark that exceeds a limit, or None. This check takes less time than `parse`."""
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
    """Return whether `text` may have too many variants. `options` is the number of labelled options in the text."""
    return text.count("[") + text.count("/") + options > MOST_VARIANTS


def _crowded(text: str) -> int | None:
    """Return the start of the first bracket at which the number of slashes in brackets exceeds the limit, or None."""
    slashes = 0
    for match in _FLAT.finditer(text):
        slashes += match[0].count("/")
        if slashes > MOST_SLASHES:
            return match.start()
    return None


def _place_of(text: str, mark: str, number: int) -> int:
    """Return the offset of the first mark that is preceded by `number` marks of the same kind."""
    at = -1
    for _ in range(number + 1):
        at = text.index(mark, at + 1)
    return at
