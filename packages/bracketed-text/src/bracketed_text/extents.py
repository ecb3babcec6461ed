"""Find brackets and options of which it is not clear where they end, because a mark seems to be missing.

If a "]" is lost, its "[" is paired with a later "]", which may be many paragraphs away. Such a bracket is recognised by
the lines inside it: it contains a heading, the next option after the one in which it begins, or a numbered paragraph
whose predecessor is outside. The parser cannot know which mark is missing, and therefore only the first paragraph of
such a bracket is quoted.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

from bracketed_text.alternatives import Variant
from bracketed_text.words import WORD

_NUMBER = r"(?:(?P<number>\d{1,3})(?:bis|ter|quater)?\.|\((?P<letter>[a-z]|[ivx]{1,4})\))"
_LABEL = r"[*_]{0,3}(?:option|alt(?:ernative)?)\.?[ \t]+\(?\w{1,4}\)?[*_]{0,3}[ \t]*(?:[:.(*]|$)"
_HEADING = r"(?:\#{1,6}[ \t]|[*_]{0,3}article[ \t]+\d{1,3}[a-z]{0,6}[ \t]*(?:[(*:]|$))"
# The beginning of a paragraph, option or article.
_BEGINNING = re.compile(
    rf"\n[ \t]*(?:(?P<heading>{_HEADING})|(?P<label>{_LABEL})|[\[*_]{{0,4}}{_NUMBER}(?=\s))",
    re.IGNORECASE | re.MULTILINE,
)
_BEGINS_HERE = re.compile(
    rf"\s*(?:[({{][^(){{}}\[\]]*[)}}])?[\s\[*_]*(?:{_HEADING}|{_LABEL}|{_NUMBER})", re.IGNORECASE | re.MULTILINE
)
# What may precede the "[" of a bracket that begins a paragraph: its number, the label of an option, or a title.
_NUMBER_BEFORE = re.compile(rf"(?:^|\n)[ \t]*[*_]{{0,4}}{_NUMBER}[ \t*_]*\n?[ \t]*\Z", re.IGNORECASE)
_LABEL_BEFORE = re.compile(rf"(?:^|\n)[ \t]*(?:{_NUMBER}\s+)?{_LABEL}[ \t*_]*\n?[ \t]*\Z", re.IGNORECASE | re.MULTILINE)
_LABEL_BEHIND = re.compile(rf"\]*\d{{0,3}}\s*{_LABEL}", re.IGNORECASE | re.MULTILINE)
# A numbered paragraph or a bracket below the label of an option without words.
_TEXT_BELOW = re.compile(rf"\s*(?:\[(?!no[ \t]+text\b)|[*_]{{0,4}}{_NUMBER}\s)", re.IGNORECASE)
# A note behind a label, such as "(paragraphs 5 and 5bis)", perhaps with a title in braces.
_PARAGRAPHS_NAMED = re.compile(r"\(paragraphs?\b[^()\n]*\)(?:\s*\{[^{}]*\})?", re.IGNORECASE)
_END_OF_LINE = re.compile(r"[\]\s.;,*_]*?(?:\n|\Z)")
_FIRST = frozenset({"1", "a", "i"})
# So many characters before a bracket are examined. A bracket of fewer than `_SHORT` characters has its own mark.
_BEFORE, _SHORT = 80, 200


class Extents:
    """The ends of the variants of one text."""

    def __init__(self, text: str, variants: Sequence[Variant]) -> None:
        self.text = text
        self.variants = variants

    def is_unclear(self, variant: Variant) -> bool:
        """Return whether a mark of the bracket, or of a bracket partly in the option, seems to be missing.

        The end of an option without words of its own is also unclear if text follows that is not a label.
        """
        if variant.bracket is not None:
            return variant.end in self._unclear_ends and self._has_unclear_end(variant)
        first = bisect_left(self._unclear_starts, variant.start)
        has_unclear_bracket = first < len(self._unclear_starts) and self._unclear_starts[first] < variant.end
        return variant.end in self._unclear_ends or has_unclear_bracket or self.begins_below(variant)

    def certain_words(self, variant: Variant) -> str:
        """Return the text of `variant` or, if its end is unclear, only what certainly belongs to it.

        This is the text up to the next paragraph, or the label of an option whose words begin in the next paragraph.
        """
        return self.first_paragraph(variant) if self.is_unclear(variant) else variant.words(self.text)

    def has_unclear_end_at(self, offset: int) -> bool:
        """Return whether a bracket of which it is not clear where it ends is closed next to `offset`."""
        return not self._unclear_ends.isdisjoint(range(offset - 2, offset + 3))

    def first_paragraph(self, variant: Variant) -> str:
        """Return the text of `variant` up to the next paragraph, option or article, or the label of an option."""
        beginning = _BEGINNING.search(self.text, variant.start, variant.end)
        paragraph = self.text[variant.start : beginning.start() if beginning else variant.end]
        if variant.bracket is None and (self.begins_below(variant) or not WORD.search(paragraph)):
            return self.text[variant.begin : variant.start].strip("*_ \t\n")
        return paragraph

    def begins_below(self, option: Variant) -> bool:
        """Return whether an option has no words of its own because they are in the paragraphs below its label."""
        if option.bracket is not None:
            return False
        own, notes = _PARAGRAPHS_NAMED.subn("", self.text[option.start : option.end])
        return not own.strip(" \t\n*_:") and (notes > 0 or _TEXT_BELOW.match(self.text, option.end) is not None)

    @cached_property
    def _unclear(self) -> list[Variant]:
        return [variant for variant in self.variants if variant.bracket and self._has_unclear_end(variant)]

    @cached_property
    def _unclear_ends(self) -> set[int]:
        return {variant.end for variant in self._unclear}

    @cached_property
    def _unclear_starts(self) -> list[int]:
        return [variant.begin for variant in self._unclear]

    def _has_unclear_end(self, variant: Variant) -> bool:
        text, start, end = self.text, variant.start, variant.end
        begins_here = any(_BEGINS_HERE.match(text, at, end) for at in (variant.begin + 1, start))
        if end - start < _SHORT or variant.inside or begins_here:
            return False
        before = text[max(0, variant.begin - _BEFORE) : variant.begin]
        number = _NUMBER_BEFORE.search(before)
        in_an_option = _LABEL_BEFORE.search(before) is not None
        first = None
        for line in _BEGINNING.finditer(text, start, end):
            if line["heading"] or (line["label"] and (in_an_option or _LABEL_BEHIND.match(text, end + 1))):
                return True
            if line["label"] is None and first is None:
                first = line
                if not self._may_be_first(line, number, end):
                    return True
            elif line["label"] and first is not None and not _is_first(first):
                return True  # the options of a later paragraph
        return False

    def _may_be_first(self, line: re.Match[str], before: re.Match[str] | None, end: int) -> bool:
        """Return whether the first number inside a bracket may be there, given the number before the bracket."""
        if _is_first(line):
            return True
        if before is None or not _END_OF_LINE.match(self.text, end + 1):
            return False
        if line["number"] and before["number"]:
            return int(line["number"]) - int(before["number"]) in (0, 1)
        return bool(line["letter"] and before["letter"])


def _is_first(line: re.Match[str]) -> bool:
    """Return whether a numbered line is the first of its list."""
    return (line["number"] or line["letter"]).lower() in _FIRST
