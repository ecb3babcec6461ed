"""Find where the last of several labelled options ends.

An option ends at the next label. There is no label after the last option, which therefore ends at the first of the
following:

- an empty line, unless the text after it is indented at least as far as the label and does not begin with emphasis;
- a heading, a numbered paragraph, an item of a list or an article, whether or not it is in a bracket. However, a list
  after a colon belongs to the option, unless an earlier option also ends with a colon: in that case, the list
  continues all of these options.

No option ends inside a bracket that it opened. Notes in braces on separate lines at the end of the last option belong
to the text that follows. For example, "{Accounting}" is the title of the next paragraph.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from bracketed_text.tree import Bracket

_NUMBER = r"[ \t]*(?:\#{1,6}|[\[*_]{0,4}(?:\d{1,3}[a-z]{0,8}\.|article\b))[ \t]"
_NEW_PARAGRAPH = re.compile(rf"\n(?={_NUMBER})", re.IGNORECASE)
_ITEM = r"[ \t]*[\[*_]{0,4}\(?([a-z])\)[ \t]"
_END = re.compile(rf"\n[ \t]*\n|\n(?={_NUMBER})|\n(?={_ITEM})", re.IGNORECASE)
_ITEM_HERE = re.compile(rf"\n{_ITEM}")
# An empty line after a label, before words that do not begin a paragraph, article or section.
_SET_APART = re.compile(
    r"[ \t]*\n[ \t]*\n\s*(?=[^\s#])(?!\d{1,3}[a-z]{0,8}\.[ \t]|\(?[a-z]\)|article\b|part\b|annex\b)", re.IGNORECASE
)
# A paragraph that begins with emphasis or a brace is a title or a note.
_PARAGRAPH = re.compile(r"\s*\n([ \t]*)[^\s*_{#]")
_BLANKS = re.compile(r"[ \t]*")
# The characters that may occur between a colon and the list after it, and between a note and the end of its line.
_BEHIND_A_COLON, _BEHIND_A_NOTE = " \t\n*_[]", " \t\n*_0123456789"
_FIRST, _ROMAN = frozenset("ai"), frozenset("ivx")
_MOST_NOTES = 8

Span = tuple[int, int]


class OptionEnds:
    """A search for the end of the last option in a container. `siblings` contains the brackets of this container."""

    def __init__(self, text: str, siblings: Sequence[Bracket]) -> None:
        self.text = text
        self.siblings = siblings

    def new_paragraph(self, start: int, end: int) -> int | None:
        """Return the first offset in `text[start:end]` at which a paragraph or an article begins outside brackets."""
        while (match := _NEW_PARAGRAPH.search(self.text, start, end)) is not None:
            bracket = self._around(match.start())
            if bracket is None:
                return match.start()
            start = bracket.end
        return None

    def of_last(self, labels: Sequence[Span], end: int) -> int:
        """Return the offset at which the option with the last of `labels` ends. This offset is at most `end`."""
        stop = self._stop(labels, end)
        return end if stop is None else stop

    def without_notes(self, label_end: int, stop: int) -> int:
        """Return the offset at which the notes at the end of `text[label_end:stop]` begin.

        Only notes on separate lines count. If there are no such notes, return `stop`.
        """
        text = self.text
        for _ in range(_MOST_NOTES):
            last = stop
            while last > label_end and text[last - 1] in _BEHIND_A_NOTE:
                last -= 1
            opening = text.rfind("{", label_end, last) if text[last - 1 : last] == "}" else -1
            line = text.rfind("\n", label_end, opening) if opening >= 0 else -1
            if line < 0 or text[line:opening].strip(" \t\n*_") or text.find("}", opening, last) != last - 1:
                break
            stop = line + 1
        return stop

    def _stop(self, labels: Sequence[Span], end: int) -> int | None:
        shared, indent = self._continue_all(labels), self._indent(labels[-1][0])
        start, letter = self._words_of_last(labels), ""
        while (match := _END.search(self.text, start, end)) is not None:
            at = match.start()
            bracket = self._around(at)
            if bracket is not None:
                start = bracket.end
                continue
            behind_a_colon = self._ends_with_a_colon(labels[-1][1], at)
            may_go_on = not (shared and behind_a_colon)
            item = _ITEM_HERE.match(self.text, at)
            if item is not None and _goes_on(letter, item[1], may_go_on and behind_a_colon):
                letter = item[1] if not letter or _follows(letter, item[1]) else letter
                start = item.end()
            elif item is None and may_go_on and self._is_indented(at, indent):
                start = match.end()
            else:
                return at
        return None

    def _words_of_last(self, labels: Sequence[Span]) -> int:
        """Return the offset from which to search for the end of the last option.

        If an empty line follows the label of another option, an empty line after the last label does not end the last
        option.
        """
        end = labels[-1][1]
        if any(_SET_APART.match(self.text, label[1]) for label in labels[:-1]):
            blank = _SET_APART.match(self.text, end)
            return blank.end() if blank else end
        return end

    def _around(self, offset: int) -> Bracket | None:
        at = bisect_right(self.siblings, offset, key=lambda bracket: bracket.start) - 1
        return self.siblings[at] if at >= 0 and offset < self.siblings[at].end else None

    def _indent(self, label_start: int) -> int:
        line = self.text.rfind("\n", 0, label_start) + 1
        blanks = _BLANKS.match(self.text, line)
        return len(blanks[0].expandtabs(4)) if blanks else 0

    def _is_indented(self, at: int, indent: int) -> bool:
        """Return whether the paragraph after `at` is indented at least as far as the last label, given by `indent`."""
        paragraph = _PARAGRAPH.match(self.text, at) if indent else None
        return paragraph is not None and len(paragraph[1].expandtabs(4)) >= indent

    def _ends_with_a_colon(self, start: int, end: int) -> bool:
        return self.text[max(start, end - 40) : end].rstrip(_BEHIND_A_COLON).endswith(":")

    def _continue_all(self, labels: Sequence[Span]) -> bool:
        """Return whether an earlier option also ends with a colon.

        In this case, a list after the last option continues all of these options.
        """
        return any(self._ends_with_a_colon(label[1], following[0]) for label, following in pairwise(labels))


def _goes_on(before: str, letter: str, may_begin: bool) -> bool:
    """Return whether the item `letter` may follow the item `before` or begin a list.

    An item may follow another item in the same list or in a list within it.
    """
    return (letter in _ROMAN or _follows(before, letter)) if before else (may_begin and letter in _FIRST)


def _follows(before: str, letter: str) -> bool:
    return ord(letter) == ord(before) + 1
