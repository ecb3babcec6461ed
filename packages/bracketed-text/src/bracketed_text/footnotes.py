"""Recognise footnote numbers in running text, because they do not count as words.

Examples are "data³", "data3", "records.4", and "[5]" after a word. Plain digits are a footnote number only directly
after a word in lower case or after the punctuation at its end, whereas "COP21", "CO2", "Annex1" and "art.5" are names
and references. In a head, footnote numbers follow codes, as in "CA5/MX6".
"""

import re
from bisect import bisect_right
from functools import cached_property

from bracketed_text.tree import Kind, Tree
from bracketed_text.words import RAISED, words

# A word, perhaps followed by a mark that ends a sentence, a quotation or a bracket.
_BEHIND_A_WORD = re.compile(r"([^\W\d_]+)([.,;:)\]”’\"'»]{0,2})\Z")
_NUMBER = re.compile(rf"[\d{RAISED}]{{1,3}}\s*")
_MARK = re.compile(r"\s*\[{1,2}\^?\w{1,4}\]{1,2}\s*")
# A number after a word in the first set is part of a name. A number after a word in the second set is an exponent.
_NUMBERED = frozenset(
    "add alt annex app appendix art article chap chapter cl clause corr eq fig fn item mod no note nos number option "
    "para paragraph paras part pp ref rev sec section step table vol".split()
)
_UNITS = frozenset({"m", "km", "cm", "mm", "dm", "ft", "in"})
_FAR = 40


class Footnotes:
    """The footnote numbers of a text."""

    def __init__(self, tree: Tree) -> None:
        self.text = tree.text
        self.tree = tree

    @cached_property
    def marks(self) -> list[tuple[int, int]]:
        """The spans of bracketed footnote marks, in order."""
        return [
            (start, end)
            for start, end, role, bracket in self.tree.pieces()
            if role == "aside" and bracket is not None and bracket.kind is Kind.FOOTNOTE
        ]

    def holds(self, start: int, end: int, in_head: bool = False) -> bool:
        """Return whether `text[start:end]` is a footnote number or mark.

        If `in_head` is true, a number after any word is a footnote number.
        """
        characters = self.text[start:end]
        before_it = self.text[start - 1 : start]
        if _MARK.fullmatch(characters) or before_it == "^" or (before_it == "[" and characters.strip().isdecimal()):
            return self._in_mark(start + len(characters) - len(characters.lstrip()), start + len(characters.rstrip()))
        if not _NUMBER.fullmatch(characters) or (self.text[end : end + 1].isalnum() and characters[-1].isalnum()):
            return False
        before = _BEHIND_A_WORD.search(self.text, max(0, start - _FAR), start)
        if before is None or in_head:
            return before is not None
        word, stop = before.groups()
        if not characters.strip().isdecimal():
            return word not in _UNITS
        return len(word) > 2 + bool(stop) and word[-1].islower() and word.casefold() not in _NUMBERED

    def _in_mark(self, start: int, end: int) -> bool:
        at = bisect_right(self.marks, start, key=lambda mark: mark[1])
        return at < len(self.marks) and self.marks[at][0] <= start and end <= self.marks[at][1]


def plain_words(text: str) -> list[str]:
    """Return the words of `text` for comparison, without footnote numbers and without notes on separate lines."""
    return words(_GLUED.sub(" ", _NOTE.sub("", text) if "{" in text else text))


_NOTE = re.compile(r"^[ \t*_]*\{[^{}]*\}[ \t*_]*$", re.MULTILINE)
# The lookbehind is placed after the digit because it is slow and digits are rare.
_GLUED = re.compile(
    rf"\d(?<=[^\W\d_A-Z]{{3}}\d)\d{{0,2}}(?!\w|[.,]\d)"
    rf"|\d(?<=[^\W\d_A-Z]{{3}}[.,;:”’)\]]\d)\d{{0,2}}(?!\w|[.,]\d)"
    rf"|[{RAISED}](?<=[^\W\d_].)[{RAISED}]*"
    rf"|\[(?<=\w\[)\^?\d{{1,3}}\]"
)
