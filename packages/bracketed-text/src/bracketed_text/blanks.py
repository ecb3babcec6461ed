"""Decide which blanks around a bracket belong to the text and which were inserted with the bracket.

A bracket inserted between two words needs an additional blank, and a bracketed paragraph needs a line break. Removing
the bracket must restore the original text. `needed` returns the blanks to insert with a bracket. `left_over` returns
the blanks that remain when the bracket is removed, and so reverses `needed`.

    "act now"  → "act [x] now"     one blank was inserted
    "act."     → "act [x]."        one blank was inserted before the bracket, since no blank precedes a full stop
    "A\\nB"     → "A\\n[x]\\nB"       one line break was inserted
"""

import re
from collections.abc import Sequence

# A longer run of blanks was not inserted with a bracket.
_LONGEST = 40
# No blank precedes a closing sign, and no blank follows an opening sign.
_CLOSING = frozenset(",.;:!?)]}”’»\"'")
_OPENING = frozenset("([{“‘«„\"'")
_BEHIND = re.compile(r"\s*")


def left_over(before: str, left: str, right: str, after: str) -> str:
    """Return the blanks that remain when a bracket between the blanks `left` and `right` is removed.

    `before` and `after` are the characters next to these blanks, or empty strings at the ends of the text.
    """
    if not before and not left:
        return _first_line(right)
    if not after:
        return right if len(left) <= _LONGEST else left + right
    breaks_before, breaks_after = "\n" in left, "\n" in right
    if breaks_before and breaks_after:
        return _one_break(left, right)
    if breaks_before:
        return left + right.removeprefix(" ")
    if breaks_after:
        return left.removesuffix(" ") + right
    if left and right:
        return left[:-1] + right if left.endswith(" ") else left + right.removeprefix(" ")
    if left:
        return left.removesuffix(" ") if after in _CLOSING else left
    return right.removeprefix(" ") if before in _OPENING else right


def _first_line(right: str) -> str:
    """Return the blanks that remain at the start of a text. They are the indentation of the new first line."""
    if "\n" in right:
        return right[right.rindex("\n") + 1 :] if len(right) <= _LONGEST else right
    return right.removeprefix(" ")


def _one_break(left: str, right: str) -> str:
    """Return the single break that replaces two breaks, with the indentation of the following line.

    The result is a paragraph break if at least one of the two is a paragraph break.
    """
    behind_left, behind_right = left.rindex("\n") + 1, right.rindex("\n") + 1
    longer, shorter = left[:behind_left], right[:behind_right]
    if longer.count("\n") < shorter.count("\n"):
        longer, shorter = shorter, longer
    if len(shorter) > _LONGEST or len(left) - behind_left > _LONGEST:
        return left + right
    return longer + right[behind_right:]


def around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span from `start` to `end`, extended by the blanks on both sides."""
    while start and text[start - 1].isspace():
        start -= 1
    match = _BEHIND.match(text, end)
    return start, match.end() if match else end


def taken_out(text: str, start: int, end: int) -> tuple[int, int, str]:
    """Return the replacement that removes the text from `start` to `end` and the blanks that were inserted with it.

    The result consists of the start and end of the replaced text, and the new text.
    """
    first, last = around(text, start, end)
    left, right = text[first:start], text[end:last]
    blanks = left_over(text[first - 1 : first] if first else "", left, right, text[last : last + 1])
    if left.startswith(blanks):
        return first + len(blanks), last, ""
    if blanks.startswith(left) and right.endswith(blanks[len(left) :]):
        return start, last - len(blanks) + len(left), ""
    return first, last, blanks


def needed(text: str, offset: int, preferred: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return the blanks to insert before and after a bracket at `offset`.

    The result is the first pair of blanks that `left_over` would remove again. The `preferred` pairs are tried before
    the usual pairs. If no pair qualifies, the result is the first preferred pair.
    """
    start, end = around(text, offset, offset)
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    left, right = text[start:offset], text[offset:end]
    for before_mark, after_mark in (*preferred, ("", ""), (" ", ""), ("", " "), (" ", " "), ("", left)):
        if left_over(before, left + before_mark, after_mark + right, after) == left + right:
            return before_mark, after_mark
    return preferred[0]
