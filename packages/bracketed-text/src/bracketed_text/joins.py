"""Join pieces of text where text was omitted, and repair double blanks, stray commas and empty list items."""

import re
from typing import NamedTuple

_LIST_MARK = re.compile(
    r"(?:^|\n)[ \t]*(?:\((?:[a-z]|[ivx]{1,4}|\d{1,3})\)|(?:[a-z]|[ivx]{1,4}|\d{1,3})[.)]|[-*•])[ \t]*\Z"
)
_STOPS = ",.;:)!?"


class Join(NamedTuple):
    """A repair at `offset` in the result. The characters `removed` were deleted there."""

    offset: int
    removed: str


class Joiner:
    """A text that is composed of pieces in order. `seam` records that text was omitted between two pieces."""

    __slots__ = ("_at_seam", "_parts", "_tail", "joins", "length")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._tail = ""  # the end of the text, which is all that a join examines
        self._at_seam = False
        self.length = 0
        self.joins: list[Join] = []

    def seam(self) -> None:
        """Record that text was omitted after the last piece."""
        self._at_seam = True

    def add(self, text: str) -> None:
        """Append `text`."""
        if not text:
            return
        if self._at_seam:
            text = self._joined(text)
        self._append(text)
        self._at_seam = False

    def text(self) -> str:
        """Return the whole text. An omission at its end is repaired first."""
        if self._at_seam:
            left = self._without_empty_item(self._tail, "\n").rstrip(" \t")
            self._replace_tail(left, "", "")
            self._at_seam = False
        self._flush("")
        return "".join(self._parts)

    def _append(self, text: str) -> None:
        self.length += len(text)
        keep = self._tail + text
        cut = max(keep.rfind("\n", 0, max(0, len(keep) - 200)), len(keep) - 400, 0)
        self._parts.append(keep[:cut])
        self._tail = keep[cut:]

    def _flush(self, tail: str) -> None:
        self._parts.append(self._tail)
        self._tail = tail

    def _joined(self, text: str) -> str:
        """Repair both sides of an omission, and return the remaining part of `text`."""
        left, right = self._tail, text
        at_start = not left and not self._parts_hold_text()
        left = self._without_empty_item(left, right)
        blank_right = len(right) - len(right.lstrip(" \t"))
        if right[blank_right : blank_right + 1] in ("\n", ""):
            left = left.rstrip(" \t")
        if at_start or left.endswith((" ", "\t", "\n", "[", "(")):
            right = right[blank_right:]
        if left.endswith("\n") and right.startswith("\n"):
            lines = min(len(left) - len(left.rstrip("\n")), len(right) - len(right.lstrip("\n")))
            right = right[lines:]
        right = right.lstrip("\n") if at_start else right
        first = right.lstrip(" \t")[:1]
        if first and first in _STOPS:
            left, right = left.rstrip(" \t"), right.lstrip(" \t")
            if first in ",.;:" and left.endswith(","):
                left = left[:-1]
            elif first == ")" and left.endswith("("):
                left, right = left[:-1].rstrip(" \t"), right[1:]
        self._replace_tail(left, text, right)
        return right

    def _parts_hold_text(self) -> bool:
        return any(self._parts)

    @staticmethod
    def _without_empty_item(left: str, right: str) -> str:
        """Return `left` without the marker of a list item that is now empty."""
        if right.lstrip(" \t")[:1] not in ("\n", ""):
            return left
        return _LIST_MARK.sub("", left)

    def _replace_tail(self, left: str, text: str, right: str) -> None:
        """Replace the tail by `left`, and record the repair on both sides of the omission."""
        if left == self._tail and right == text:
            return
        same = len(left) if self._tail.startswith(left) else 0
        lost = len(text) - len(right)
        self.joins.append(Join(self.length - len(self._tail) + len(left), self._tail[same:] + text[:lost]))
        self.length += len(left) - len(self._tail)
        self._tail = left
