"""Recognise page furniture, which is repeated on the pages of a document and is not part of the text.

The following are furniture:

- form feeds;
- "Page 3 of 9" and "- 3 -", and "3/56" if the total is always the same;
- bare numbers that are next to a form feed or increase from page to page;
- lines that are repeated next to page numbers;
- document symbols and classifications that are repeated anywhere.

A line with square brackets is never furniture.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate, compress
from typing import NamedTuple

_PAGE_NUMBER = re.compile(
    r"(?P<bare>[0-9]{1,4})"
    r"|(?P<page>[#*_ ]*(?:(?i:page)\s*[0-9]{1,4}(?:\s*(?:of|/)\s*[0-9]{1,4})?|[-–—]\s*[0-9]{1,4}\s*[-–—])[*_ ]*)"
    r"|(?:[\w-]{2,20}\s+)?[0-9]{1,4}\s*(?:of|/)\s*(?P<total>[0-9]{1,4})(?:\s+[\w-]{2,20})?"
)
_LONGEST_NUMBER = 60
_LONGEST_HEADER = 120
# Paragraphs that begin alike on every page are text.
_PARAGRAPH = re.compile(r"[0-9]{1,3}\s?[a-z]*\s?\.")
# Headings that differ only in their numbers are text, whereas headers that differ only in the page number are
# furniture.
_HEADING = re.compile(r"(?i:article|(?:sub)?section|chapter|part|title|annex|appendix|schedule|attachment)\b")
_CLASSIFIED = re.compile(
    r"[A-Z]{1,8}(?:[/.][A-Z0-9()]{1,12}){2,6}|.*\b(?i:confidential|restricted|secret|classified|prejudice|limited)\b.*"
)
# The number of times that a line must occur in the document to count as repeated.
_REPEATED = 3
# The maximum number of lines in a header or footer, not counting blank lines.
_LINES_OF_A_HEADER = 4
# The minimum number of characters on a page. Footnote numbers are closer together.
_SHORTEST_PAGE = 400
# The maximum number of consecutive pages without a number.
_MOST_PAGES_LEFT_OUT = 5
# A line that ends with one of these characters may end a sentence.
ENDED = tuple('.;:!?])}”"*>')


class Line(NamedTuple):
    """A line that is neither blank nor furniture."""

    start: int  # the offset of the line, before its leading blanks
    text: str  # without the surrounding blanks
    gap: bool  # whether a blank line outside a page break precedes it


def read_lines(document: str) -> tuple[list[Line], list[tuple[int, int]]]:
    """Return the lines of `document` that are text, and the spans of its furniture."""
    pages = _Pages(document)
    pages.flag_page_numbers()
    pages.flag_headers()  # requires the page numbers
    pages.flag_blank_lines()
    return pages.text(), pages.furniture()


class _Pages:
    """The lines of a document, with a flag for each line that is furniture.

    A form feed ends a line, just as "\\n" does.
    """

    def __init__(self, document: str) -> None:
        lines = document.replace("\f", "\n").split("\n")
        if not lines[-1]:
            lines.pop()  # no line follows the last "\\n"
        self.texts = [line.strip() for line in lines]
        self.starts = [0, *accumulate(len(line) + 1 for line in lines)]  # the start of each line, then the end
        self.starts[-1] = len(document)
        ends = enumerate(self.starts[1:]) if "\f" in document else ()
        self.feeds = {line for line, end in ends if document[end - 1] == "\f"}  # the lines that end with a form feed
        self.flags = bytearray(len(lines))

    def text(self) -> list[Line]:
        """Return the lines that are neither blank nor furniture."""
        lines = []
        blank = False
        for start, text, flag in zip(self.starts, self.texts, self.flags, strict=False):
            if text and not flag:
                lines.append(Line(start, text, blank))
            blank = not text and not flag
        return lines

    def furniture(self) -> list[tuple[int, int]]:
        """Return the spans of furniture, which are flagged lines and form feeds at the end of other lines."""
        stretches: list[tuple[int, int]] = []
        for line in sorted(self.feeds.union(self._flagged())):
            end = self.starts[line + 1]
            start = self.starts[line] if self.flags[line] else end - 1
            if stretches and stretches[-1][1] == start:
                start = stretches.pop()[0]
            stretches.append((start, end))
        return stretches

    def flag_page_numbers(self) -> None:
        """Flag page numbers, and lines that contain only a form feed."""
        bare = []
        totals = {}
        for line, text in enumerate(self.texts):
            if len(text) > _LONGEST_NUMBER or not (match := _PAGE_NUMBER.fullmatch(text)):
                continue
            if match["bare"]:
                bare.append(line)
            elif match["page"]:
                self.flags[line] = 1
            else:
                totals[line] = match["total"]
        counts = Counter(totals.values())
        self._flag(line for line, total in totals.items() if counts[total] >= 2)
        feeds_alone = {line for line in self.feeds if not self.texts[line]}
        self._flag(line for line in bare if not self.feeds.isdisjoint((line, line - 1)) or line + 1 in feeds_alone)
        self._flag(feeds_alone)
        self._flag(self._counted(bare))

    def flag_headers(self) -> None:
        """Flag repeated lines next to page numbers, and repeated symbols and classifications."""
        forms = self._forms()
        counts = Counter(forms.values())
        beside = Counter(forms[line] for line in self._beside(forms, counts))
        for line, form in forms.items():
            mostly_beside = beside[form] >= counts[form] * 0.8
            if counts[form] >= _REPEATED and (mostly_beside or _CLASSIFIED.fullmatch(self.texts[line])):
                self.flags[line] = 1

    def flag_blank_lines(self) -> None:
        """Flag the blank lines inside a page break, and those around a page break that interrupts a sentence."""
        first = self.flags.find(1)
        while first >= 0:
            before, behind = self._next(first, -1, True), self._next(first, 1, True)
            last = self.flags.rfind(1, first, behind)
            inside = before >= 0 and behind < len(self.texts)
            if inside and not self.texts[before].endswith(ENDED) and self.texts[behind][0].islower():
                first, last = before + 1, behind - 1
            self.flags[first : last + 1] = b"\1" * (last + 1 - first)
            first = self.flags.find(1, behind)

    def _flag(self, lines: Iterable[int]) -> None:
        for line in lines:
            self.flags[line] = 1

    def _flagged(self) -> list[int]:
        return list(compress(range(len(self.flags)), self.flags))

    def _next(self, line: int, step: int, over_furniture: bool) -> int:
        """Return the number of the next line that is not blank, from `line` in direction `step`.

        If `over_furniture` is true, furniture is also skipped. If there is no such line, the result is a number outside
        the document.
        """
        while 0 <= line < len(self.texts) and (over_furniture if self.flags[line] else not self.texts[line]):
            line += step
        return line

    def _counted(self, bare: list[int]) -> list[int]:
        """Return the lines that form the best sequence of bare numbers.

        The numbers increase and are at least a page apart.
        """
        chains: dict[int, tuple[int, int]] = {}  # by line: the value of its chain and the previous line in the chain
        passed: dict[int, int] = {}  # by number: the last line with that number at least a page earlier
        first = 0
        for line in bare:
            while self.starts[bare[first]] <= self.starts[line] - _SHORTEST_PAGE:
                passed[int(self.texts[bare[first]])] = bare[first]
                first += 1
            number = int(self.texts[line])
            # A page without a number costs as much as a page with a number gains, so that footnote numbers do not win.
            last = [(missing, passed.get(number - 1 - missing, -1)) for missing in range(_MOST_PAGES_LEFT_OUT + 1)]
            before = [(chains[at][0] + 1 - missing, at) for missing, at in last if at >= 0]
            chains[line] = max([*before, (1, -1)])
        chain = []
        line = max(chains, key=lambda at: chains[at], default=-1)
        while line >= 0:
            chain.append(line)
            line = chains[line][1]
        return chain if len(chain) >= _REPEATED else []

    def _forms(self) -> dict[int, bytes]:
        """Return the constant part of each line that may be a header. The keys are the numbers of the lines."""
        forms = {
            line: text.encode("utf-8", "replace").translate(None, b"0123456789")  # much faster than a pattern
            for line, text in enumerate(self.texts)
            if 2 < len(text) <= _LONGEST_HEADER and text[-1] not in ".;:," and not self.flags[line]
        }
        counts = Counter(forms.values())
        return {
            line: self.texts[line].encode("utf-8", "replace") if _HEADING.match(self.texts[line]) else form
            for line, form in forms.items()
            if counts[form] >= _REPEATED
            and not {"[", "]"}.intersection(self.texts[line])
            and any(map(str.isalpha, self.texts[line]))
            and not _PARAGRAPH.match(self.texts[line])
        }

    def _beside(self, forms: dict[int, bytes], counts: Counter[bytes]) -> set[int]:
        """Return the repeated lines next to a page number or next to another repeated line."""
        flagged = self._flagged()
        least = max(_REPEATED, len(flagged) * 2 // 5)  # headers are on most pages, unlike terms that repeat by chance
        beside = set()
        for step in (1, -1):
            for line in flagged:
                at = line
                for _ in range(_LINES_OF_A_HEADER):
                    at = self._next(at + step, step, over_furniture=False)
                    if at not in forms or counts[forms[at]] < least:
                        break
                    beside.add(at)
        return beside
