"""Blanks around a bracket: which of them are the text's, and which came with the bracket.

A bracket that is put between two words needs a blank of its own, a paragraph an end of line. So two questions have
one answer, from which both follow: which blanks are left when a bracket is taken out (`left_over`), and which ones a
new bracket needs, so that taking it out gives back the text as it was (`needed`).

    "act now"  → "act [x] now"     one blank came with the bracket
    "act."     → "act [x]."        likewise: none stands before a full stop
    "A\\nB"     → "A\\n[x]\\nB"       one end of line came with it
"""

import re
from collections.abc import Sequence

# No more characters come with a bracket: what is longer was there, or is padding.
_LONGEST = 40
# Before these no blank stands, behind those none.
_CLOSING = frozenset(",.;:!?)]}”’»\"'")
_OPENING = frozenset("([{“‘«„\"'")
_BEHIND = re.compile(r"\s*")


def left_over(before: str, left: str, right: str, after: str) -> str:
    """Return the blanks that are left where a bracket is taken out that stood between the blanks `left` and `right`.

    `before` and `after` are the characters beside these blanks, empty at an end of the text.
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
    """Return what is left at the beginning of a text: the indentation of what is then its first line."""
    if "\n" in right:
        return right[right.rindex("\n") + 1 :] if len(right) <= _LONGEST else right
    return right.removeprefix(" ")


def _one_break(left: str, right: str) -> str:
    """Return one end of line for two: a paragraph's where either was, with the indentation of what follows."""
    behind_left, behind_right = left.rindex("\n") + 1, right.rindex("\n") + 1
    longer, shorter = left[:behind_left], right[:behind_right]
    if longer.count("\n") < shorter.count("\n"):
        longer, shorter = shorter, longer
    if len(shorter) > _LONGEST or len(left) - behind_left > _LONGEST:
        return left + right
    return longer + right[behind_right:]


def around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return `start` to `end` with the blanks on both sides."""
    while start and text[start - 1].isspace():
        start -= 1
    found = _BEHIND.match(text, end)
    return start, found.end() if found else end


def taken_out(text: str, start: int, end: int) -> tuple[int, int, str]:
    """Return from where to where to delete, and what to put there, so that `start` to `end` goes with its blanks."""
    first, last = around(text, start, end)
    left, right = text[first:start], text[end:last]
    blanks = left_over(text[first - 1 : first] if first else "", left, right, text[last : last + 1])
    if left.startswith(blanks):
        return first + len(blanks), last, ""
    if blanks.startswith(left) and right.endswith(blanks[len(left) :]):
        return start, last - len(blanks) + len(left), ""
    return first, last, blanks


def needed(text: str, offset: int, wanted: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return the blanks before and behind a bracket that is put into `text` at `offset`.

    Of those `wanted`, and of the usual ones, the first that come with the bracket alone; else the first wanted.
    """
    start, end = around(text, offset, offset)
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    left, right = text[start:offset], text[offset:end]
    for one, other in (*wanted, ("", ""), (" ", ""), ("", " "), (" ", " "), ("", left)):
        if left_over(before, left + one, other + right, after) == left + right:
            return one, other
    return wanted[0]
