"""Divide a document into headings and provisions. Brackets pair within a provision and not across provisions.

The document is read line by line, and only the start of each line is examined. The rules are:

1. A heading is "Article 3", "Chapter", "Section", "Part", "Annex" or similar with a number; "I. TITLE" or "A. Title"; a
   line that begins with "#"; or a line in capitals after the first cut. A heading cannot be in the middle of a sentence
   or in a table of contents. Short lines after a bare heading are its title. Text without a number after a heading is a
   provision with the heading's label.
2. A numbered paragraph ("1.", "[CAN: 3.", "2bis.", "5.1" in Article 5, "Pp4") is a provision. Its number must have at
   most three digits, be indented no further than the document's leftmost "1.", and not follow a comma or a joining word
   ("of", "paragraph"). It must also be in sequence: it is the next number, 1 after a heading, or the last or next
   number with a suffix (bis, alt). If the previous line ended a sentence and no lower-case letter follows, further
   numbers are in sequence: 1 again, the same number again (a rival), a gap of up to eight numbers, and any number up to
   40 directly after a heading. As a result, a year never starts a provision. Preambular paragraphs need no sequence.
3. "Option 1:" belongs to its provision. An option is a heading only if it contains numbered paragraphs or articles. In
   that case, the other options of its series are also headings.
4. A bracket around whole paragraphs opens at the start of a provision and closes at the end of a later provision. These
   provisions are joined unless the bracket contains a heading or more than seven cuts. Other brackets across cuts are
   reported.
5. Page furniture remains in the document but is never read as text; see `furniture`.

For example, "Article 1\\nScope\\n1. Each Party shall act.\\n2. It shall report." is divided into the heading "Article
1" with the title "Scope" and the provisions "1" and "2".
"""

import re
from bisect import bisect_left
from enum import Enum
from typing import NamedTuple

from bracketed_text.cutting_rules import (
    FIRST,
    KEYWORD,
    LEAD_IN,
    LONGEST_TITLE,
    LONGEST_TITLE_LINE,
    LOOK,
    MAY_BEGIN,
    MOST_TITLE_LINES,
    NUMBER,
    OPTION,
    PREAMBULAR,
    RANKS,
    SECTION,
    VERB,
    is_capitals,
    is_title,
    joins_on,
    lead_end,
    match_after_heads,
    option_number,
    title_of,
)
from bracketed_text.furniture import ENDED, Line, read_lines

# Skips escaped marks and brackets that contain no other bracket. Group 1 opens a bracket; group 2 closes a bracket.
_BRACKETS = re.compile(r"\\[\[\]\\]|\[[^\[\]\\]*\]|(\[)|(\])")
_MOST_JOINED = 7


class Part(Enum):
    """The kind of a cut."""

    FRONT = "front"  # before the first heading or numbered paragraph
    HEADING = "heading"
    PROVISION = "provision"


class Cut(NamedTuple):
    """A heading, a provision or the front matter, `document[start:end]`, including its page furniture."""

    start: int
    end: int
    part: Part
    label: str  # as written, without markup; "1–3" for joined provisions
    title: str  # the heading on one line, with its brackets
    level: int  # 1 for an outermost heading
    furniture: tuple[tuple[int, int], ...]  # spans in the document


def cut(document: str) -> list[Cut]:
    """Return the pieces of `document` in order. Joined together, they reproduce the document.

    The function never raises an exception and takes linear time.
    """
    if not document:
        return []
    lines, furniture = read_lines(document)
    marks = _with_text(lines, _Reader(document, lines).marks())
    marks = _joined(marks, _joins(_blanked(document, furniture), marks))
    return _cuts(document, marks, furniture)


def without_furniture(document: str, cut: Cut) -> str:
    """Return the text of `cut` without page headers and page numbers."""
    kept = []
    position = cut.start
    for start, end in cut.furniture:
        kept.append(document[position:start])
        position = end
    return "".join([*kept, document[position : cut.end]])


class _Mark(NamedTuple):
    """The start of a cut. `behind` is the offset after the label, and `last` is the last line of the heading."""

    start: int
    behind: int
    last: int
    part: Part
    label: str = ""
    title: str = ""
    rank: int = 0


class _Reader:
    """A reader that examines the lines in order and finds the starts of the cuts."""

    def __init__(self, document: str, lines: list[Line]) -> None:
        self.document = document
        self.lines = lines
        self.found: list[_Mark] = []
        self.last = 0  # the number of the last paragraph
        # The current line: its number, its text, and the number of blanks and marks before its words. The flags state
        # whether the previous line is blank, a heading or the end of a sentence, and whether it ends with a comma or a
        # joining word.
        self.at, self.text, self.lead, self.free, self.runs_on = 0, "", 0, True, False
        self.fresh = True  # whether no number has followed the last heading
        self.begun = False  # whether a heading or a labelled paragraph has been found
        self.label = ""  # the label of the last heading
        self.options: dict[bool, int] = {}  # the last option that was cut, by whether its label is a digit
        self.spots = [at for at, line in enumerate(lines) if MAY_BEGIN.match(line.text) or line.text.isupper()]
        ones = (at for at in self.spots if FIRST.match(lines[at].text))
        self.margin = min(map(self._indent, ones), default=99) + 1

    def marks(self) -> list[_Mark]:
        """Return the headings and numbered paragraphs in order."""
        for at in self.spots:
            if self.found and at <= self.found[-1].last:
                continue
            self._go(at)
            # A line that begins with a digit can only be a paragraph or a heading in capitals.
            plain = self.text[0].isdigit() and not self.text.isupper()
            mark = None if plain else self._option() or self._heading() or self._preambular()
            mark = mark or self._number()
            if mark:
                self.found.append(mark)
                self.begun = self.begun or bool(mark.label)
                if mark.part is Part.HEADING:
                    self.fresh, self.label = True, mark.label
        return self.found

    def _go(self, at: int) -> None:
        """Make line `at` the current line."""
        line = self.lines[at]
        self.at = at
        self.text = line.text[:LOOK]
        self.lead = 0 if self.text[0].isalnum() else lead_end(self.text)
        before = self.lines[at - 1].text[-24:] if at and not line.gap else ""
        self.free = not before or before.endswith(ENDED) or self._under_heading()
        self.runs_on = not self.free and joins_on(before)

    def _under_heading(self) -> bool:
        return bool(self.found) and self.found[-1].last == self.at - 1 and self.found[-1].part is Part.HEADING

    def _text(self, at: int) -> str:
        return self.lines[at].text[:LOOK] if at < len(self.lines) else ""

    def _offset(self, behind: int) -> int:
        """Return the offset in the document after the first `behind` characters of the current line's text."""
        return self.document.index(self.text[0], self.lines[self.at].start) + behind

    def _indent(self, at: int) -> int:
        start, text, _ = self.lines[at]
        words = self.document.index(text[0], start)
        return len(self.document[start:words].expandtabs(4)) if words > start else 0

    def _option(self) -> _Mark | None:
        """Return the option that begins on this line if it is a heading or provision (rule 3), or None."""
        match = OPTION.match(self.text, self.lead)
        if not match:
            return None
        digit = match["n"].isdigit()
        number = int(match["n"]) if digit else option_number(match["n"])
        alone = not self.text[match.end() :].strip("]")
        at = self.at + 1
        holds = alone and (self._starts(at) or (is_title(self._text(at)) and self._starts(at + 1)))
        if self.options.pop(digit, -1) != number - 1 and not holds:
            return None
        self.options[digit] = number
        if alone:
            return self._headed(match.end("label"), match["label"], "", "option")
        return self._provision(match.end("label"), match["label"])

    def _starts(self, at: int) -> bool:
        """Return whether an article, or a numbered paragraph in sequence, begins on line `at`."""
        text = self._text(at)
        lead = lead_end(text)
        if KEYWORD.match(text, lead):
            return True
        match = NUMBER.match(text, lead)
        return match is not None and int(match["n"]) <= self.last + 1 and self._indent(at) <= self.margin

    def _heading(self) -> _Mark | None:
        """Return the heading that begins on this line (rule 1), or None."""
        text = self.text
        if "....." in text or (self.runs_on and text[0] != "#"):
            return None
        if match := match_after_heads(KEYWORD, text, self.lead):
            return self._article(match)
        if text[self.lead :].rstrip("]}*_ ").lower() == "preamble":
            return self._headed(self.lead, "", text, "article")
        match = SECTION.match(text, self.lead)
        if match and (is_title(match["rest"]) if match["rest"] else is_capitals(self._text(self.at + 1))):
            kind = "roman" if set(match["label"]) <= set("IVXL") else "letter"
            return self._headed(match.end("label"), match["label"], match["rest"] or "", kind)
        if text[0] == "#" and text.strip("# "):
            return self._headed(self.lead, "", text, "part")
        if self.begun and self.free and is_capitals(text) and not OPTION.match(text, self.lead):
            return self._headed(self.lead, "", text, "capitals")
        return None

    def _article(self, match: re.Match[str]) -> _Mark | None:
        """Return a heading with a keyword and a number, or None if the text after it is part of a sentence.

        "Article 3: Ships shall …" is a provision, because it contains an article and its text on one line.
        """
        kind = match["word"].lower()
        if is_title(match["rest"], LONGEST_TITLE):
            return self._headed(match.end("label"), match["label"], match["rest"], kind)
        if kind == "article" and match["mark"] == ":" and self.free:
            self.label, self.fresh = match["label"], True
            return self._provision(match.end("label"), match["label"])
        return None

    def _headed(self, behind: int, label: str, title: str, kind: str) -> _Mark:
        """Return a heading together with the lines of its title."""
        last = self.at
        while (label or kind == "capitals") and last < self.at + MOST_TITLE_LINES and self._titles(last + 1, title):
            last += 1
            title = f"{title} {self._text(last)}"
        if kind != "option":
            self.options = {}
        return _Mark(
            self.lines[self.at].start, self._offset(behind), last, Part.HEADING, label, title_of(title), RANKS[kind]
        )

    def _titles(self, at: int, title: str) -> bool:
        """Return whether line `at` continues the heading `title`, or is the title of a heading that has no title."""
        text = self._text(at)
        if not text or any(form.match(text, lead_end(text)) for form in (KEYWORD, NUMBER, PREAMBULAR, OPTION)):
            return False
        gap = self.lines[at].gap
        if not title.strip():
            return is_title(text) and (not gap or is_capitals(text))
        if gap or len(text) > LONGEST_TITLE_LINE or text.endswith((".", ";", ":")) or VERB.search(text):
            return False
        still_open = title.count("[") - title.count("]")
        if still_open > 0:
            return text.count("]") - text.count("[") >= still_open
        return text[0].islower() or (is_capitals(text) and is_capitals(title))

    def _preambular(self) -> _Mark | None:
        match = PREAMBULAR.match(self.text)
        return self._provision(match.end(), match["label"]) if match else None

    def _number(self) -> _Mark | None:
        """Return the numbered paragraph that begins on this line (rule 2), or None."""
        match = match_after_heads(NUMBER, self.text, self.lead)
        if not match or self.runs_on or self._indent(self.at) > self.margin:
            return None
        label, number, rival, sub = match.group("label", "n", "rival", "sub")
        if sub and re.split(r"[^0-9]", self.label)[-1] == number:  # "5.1" in Article 5
            label, number = f"{label}.{sub}", sub
        elif sub and not match["gap"] and not self.free:  # "2.5 candles"
            return None
        if rival and not self._fits(int(number), match):  # "[4][2]." is 2 or 4
            number = rival
        if not self._fits(int(number), match):
            return None
        self.last, self.fresh = int(number), False
        return self._provision(match.end(), number if rival else label)

    def _fits(self, number: int, match: re.Match[str]) -> bool:
        """Return whether `number` is in sequence (rule 2)."""
        last = self.last
        if match["bis"]:
            return number in (last, last + 1)
        if number == last + 1 or (number == 1 and self.fresh):
            return True
        if not self.free or self.text[match.end() :].lstrip(']*_ “"')[:1].islower():
            return False
        return number == 1 or last <= number <= last + 9 or (self.fresh and number <= 40)

    def _provision(self, behind: int, label: str) -> _Mark:
        """Return a provision, including the previous line if that line only opens the bracket around the provision."""
        at = self.at
        before = self.lines[at - 1] if at and (not self.found or self.found[-1].last < at - 1) else None
        line = before if before and LEAD_IN.fullmatch(before.text) else self.lines[at]
        return _Mark(line.start, self._offset(behind), at, Part.PROVISION, label)


def _with_text(lines: list[Line], marks: list[_Mark]) -> list[_Mark]:
    """Return `marks`, with additional marks for unnumbered text: the front matter and text after a heading."""
    if not marks:
        return [_Mark(0, 0, 0, Part.PROVISION if lines else Part.FRONT)]
    result = []
    if marks[0].start > lines[0].start:
        result.append(_Mark(0, 0, 0, Part.FRONT))
    for mark, end in zip(marks, [*(mark.start for mark in marks[1:]), lines[-1].start + 1], strict=True):
        result.append(mark)
        start = lines[mark.last + 1].start if mark.last + 1 < len(lines) else end
        if mark.part is Part.HEADING and start < end:
            result.append(_Mark(start, start, mark.last + 1, Part.PROVISION, mark.label))
    result[0] = result[0]._replace(start=0)
    return result


def _blanked(document: str, furniture: list[tuple[int, int]]) -> str:
    """Return the document with its furniture replaced by blanks."""
    kept = []
    position = 0
    for start, end in furniture:
        kept += [document[position:start], " " * (end - start)]
        position = end
    return "".join([*kept, document[position:]])


def _joins(words: str, marks: list[_Mark]) -> list[tuple[int, int]]:
    """Return the indices of the first and last marks that each bracket joins (rule 4). Joins do not overlap."""
    joins: list[tuple[int, int]] = []
    waiting: list[tuple[int, bool]] = []  # open brackets: the index of the mark, and whether they open at its start
    for at, (mark, end) in enumerate(zip(marks, _ends(marks, words), strict=True)):
        if mark.part is Part.HEADING:
            waiting = []
        opening = words.find("[", mark.start, end)
        begin = lead_end(words, max(mark.start, mark.behind)) if opening >= 0 else 0
        if not waiting and not 0 <= opening < begin:
            continue  # no bracket can begin or end in this cut
        closes, opens = _unpaired(words, mark.start, end)
        if closes and waiting:
            # Closing marks and footnote marks may follow the last word.
            last = mark.start + len(words[mark.start : end].rstrip("] \t\r\n.;,*_0123456789"))
            for close in closes[: len(waiting)]:
                first, whole = waiting.pop()
                if whole and close >= last and at - first < _MOST_JOINED:
                    while joins and joins[-1][1] >= first:
                        first = min(first, joins.pop()[0])
                    joins.append((first, at))
        waiting += [(at, opened < begin) for opened in opens]
    return joins


def _unpaired(words: str, start: int, end: int) -> tuple[list[int], list[int]]:
    """Return the offsets of the closing and opening marks without a partner in `words[start:end]`."""
    closes: list[int] = []
    opens: list[int] = []
    for match in _BRACKETS.finditer(words, start, end):
        if match[1]:
            opens.append(match.start())
        elif match[2] and opens:
            opens.pop()
        elif match[2]:
            closes.append(match.start())
    return closes, opens


def _joined(marks: list[_Mark], joins: list[tuple[int, int]]) -> list[_Mark]:
    """Return `marks`, in which a single mark replaces the marks of each join. A joined heading keeps its label."""
    kept = []
    position = 0
    for first, last in joins:
        mark = marks[first]
        label = mark.label if mark.part is Part.HEADING else f"{mark.label}–{marks[last].label}"
        kept += [*marks[position:first], mark._replace(part=Part.PROVISION, label=label)]
        position = last + 1
    return [*kept, *marks[position:]]


def _ends(marks: list[_Mark], document: str) -> list[int]:
    """Return the offset at which the cut of each mark ends."""
    return [*(mark.start for mark in marks[1:]), len(document)]


def _cuts(document: str, marks: list[_Mark], furniture: list[tuple[int, int]]) -> list[Cut]:
    cuts = []
    ranks: list[int] = []  # the ranks of the enclosing headings
    first = 0
    for mark, end in zip(marks, _ends(marks, document), strict=True):
        while mark.rank and ranks and ranks[-1] >= mark.rank:
            ranks.pop()
        level = len(ranks) + 1
        if mark.rank:
            ranks.append(mark.rank)
        last = bisect_left(furniture, (end,), first) if first < len(furniture) else first
        cuts.append(Cut(mark.start, end, mark.part, mark.label, mark.title, level, tuple(furniture[first:last])))
        first = last
    return cuts
