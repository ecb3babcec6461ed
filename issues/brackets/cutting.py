"""A whole document in, provisions out: brackets pair inside one provision, never across the document.

The cut reads line by line and looks at the beginning of a line alone. Its rules:
1. Headings: "Article 3", "Chapter", "Section", "Part", "Annex" … with a number; "I. TITLE", "A. Title"; "#"; a line in
   capitals behind the first other cut. Never in the middle of a sentence and never a line of a table of contents.
   Short words on the lines below a bare heading are its title. Behind a heading, text that has no number is one
   provision and bears the heading's label.
2. Numbered paragraphs ("1.", "[CAN: 3.", "2bis.", "5.1" in Article 5, "Pp4") are provisions if the number has at most
   three digits, stands no deeper than the document's leftmost "1.", does not follow a comma or a joining word ("of",
   "paragraph"), and is in sequence: the next number; 1 behind a heading; the last or the next number with letters
   (bis, alt). Where the line before has ended its sentence and no small letter follows, also: 1 again, the same number
   again (a rival), up to eight numbers left out, any number up to 40 right behind a heading. So a year never cuts.
3. "Option 1:" belongs to its provision. Only an option that holds numbered paragraphs or articles is a heading, and
   then its sisters under the same heading are cut as well.
4. A bracket around whole paragraphs (it opens at the beginning of a provision and closes at the end of a later one)
   joins them if no other heading and at most six provisions lie inside. Any other bracket stays cut, and is reported.
5. Furniture: form feeds; "Page 3 of 9", "- 3 -"; "3/56" if the total repeats; bare numbers that count up page by page;
   lines that repeat beside the page numbers; repeated symbols and classifications. Never a line with square brackets.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple


class Part(Enum):
    """What a piece of a document is."""

    FRONT = "front"  # what stands before the first heading or numbered paragraph
    HEADING = "heading"
    PROVISION = "provision"


class Piece(NamedTuple):
    """`document[start:end]`: one heading or one provision, with the page furniture inside it."""

    start: int
    end: int
    part: Part
    label: str  # as written, without markup; of joined provisions "1–3"
    title: str  # the words of a heading on one line, brackets kept
    level: int  # 1 for the outermost headings
    furniture: tuple[tuple[int, int], ...]  # offsets into the document


class _Mark(NamedTuple):
    """A line at which a piece begins; the label ends at offset `behind` and the heading with line `last`."""

    line: int
    last: int
    behind: int
    part: Part
    label: str = ""
    title: str = ""
    rank: int = 0


# No pattern sees more of a line than this, so that each line costs the same however long it is.
_LOOK = 240
_LINE = re.compile(r"[^\n\f]*[\n\f]|[^\n\f]+")
_LEFTMOST = re.compile(r"^([ \t]{0,40})[\[*_]{0,4}1\.", re.MULTILINE)
_LEAD = re.compile(r"[\s\[{*_#>“\"]*")
_BIS = r"(?:bis|ter|quat(?:er)?|quinquies|sexies|septies|octies|novies|decies|BIS|TER|alt|Alt|ALT)(?![A-Za-z])"
_NUMBER = re.compile(
    rf"(?P<label>(?:(?:ALT|Alt)\.?\s)?(?:\[?(?P<rival>[0-9]{{1,3}})\]\s?\[)?(?P<n>[0-9]{{1,3}})(?P<bis>\s?{_BIS})?)\]?"
    rf"(?:\s?\.(?:(?P<gap>\s?)(?P<sub>[0-9]{{1,3}}(?:{_BIS})?))?(?=[\s\[\]“\"*_(A-Z]|$)|(?<=[a-zT])(?=\s|$))"
)
_PREAMBULAR = re.compile(rf"(?P<label>(?:PP|Pp|OP)\s?(?P<n>[0-9]{{1,3}})(?:\s?{_BIS})?)\.?(?=\s|$)")
# "CAN propose; USA oppose:13 " before a number: a head, with a footnote mark or without.
_HEAD = re.compile(r"[^\[\]:]{1,160}:(?:[0-9]{1,3}(?=\s))?[\s\[*_]*")
_LEAD_IN = re.compile(r"\[[^\[\]]{0,60}:|[\[*_\s]+")
_OPTION = re.compile(r"(?P<label>(?:Option|OPTION) (?P<n>[IVX]+|[A-Z]|[0-9]{1,2}))(?![\w-])(?:[*_:\s]|\([^()]*\))*")
_KEYWORD = re.compile(
    r"(?P<label>(?P<word>(?i:article|subsection|section|chapter|part|title|annex|appendix|schedule|attachment))"
    r"(?:(?<=[Xx])(?=\W*$)|(?<=[Xx])\s+to\s+(?i:article)\s+\S+"
    r"|\s+\[?(?:ante\s)?-?(?!(?:OF|TO|AND|IN|FOR|THE)\b)[A-Z0-9]{1,8}(?:\.[A-Za-z0-9]{1,9}){0,4}"
    rf"(?:\s?{_BIS})?(?![A-Za-z0-9])))"
    r"[\]}*_]*(?:\s?[0-9]{1,3}(?=[\s:])){0,2}(?:\[\^?[0-9]+\])?\s*(?P<mark>[:.–—-]?)\s*(?P<rest>.*)",
    re.DOTALL,
)
_SECTION = re.compile(r"(?P<label>[IVXL]{1,6}|[A-Z])\.(?:\s+(?P<rest>.*)|$)", re.DOTALL)
_RANKS = {"annex": 1, "appendix": 1, "schedule": 1, "attachment": 1, "part": 2, "title": 2, "chapter": 3}
_RANKS |= {"roman": 4, "section": 5, "letter": 6, "subsection": 6, "capitals": 7, "article": 8, "option": 9}
_VERB = re.compile(r"\b(?:shall|may|should|must|will|is|are|has|have|agree)\b")
_JOINING = re.compile(
    r"(?:,|\b(?i:of|in|and|or|with|to|under|by|the|from|its|that|this|see|at|for|on|per|as|nos?\.?"
    r"|articles?|paragraphs?|sections?|annex(?:es)?|chapters?|parts?))$"
)
_ENDED = tuple('.;:!?])}”"*>')
_PAGE = re.compile(r"[#*_ ]*(?:(?i:page)\s*[0-9]{1,4}(?:\s*(?:of|/)\s*[0-9]{1,4})?|[-–—]\s*[0-9]{1,4}\s*[-–—])[*_ ]*")
_PAGE_OF = re.compile(r"(?:[\w-]{2,20}\s+)?([0-9]{1,4})\s*(?:of|/)\s*([0-9]{1,4})(?:\s+[\w-]{2,20})?")
_CLASSIFIED = re.compile(
    r"[A-Z]{1,8}(?:[/.][A-Z0-9()]{1,12}){2,6}|.*\b(?i:confidential|restricted|secret|classified|prejudice|limited)\b.*"
)
_BRACKETS = re.compile(r"\\[\[\]\\]|[\[\]]")
# A page has at least so many characters; the numbers of footnotes stand closer together.
_SHORTEST_PAGE = 400
_MOST_JOINED = 6


def cut(document: str) -> list[Piece]:
    """Return the pieces of `document` in order: they tile it. Never raises; time grows linearly."""
    if not document:
        return []
    lines = _Lines(document)
    marks = _Reader(document, lines).marks()
    return _joined(document, _pieces(document, lines, marks))


def without_furniture(document: str, piece: Piece) -> str:
    """Return the text of `piece` as it reads without page headers and page numbers."""
    kept = []
    position = piece.start
    for start, end in piece.furniture:
        kept.append(document[position:start])
        position = end
    return "".join([*kept, document[position : piece.end]])


class _Lines:
    """The lines of a document; those that are furniture; and the solid ones: neither blank nor furniture."""

    def __init__(self, document: str) -> None:
        spans = [found.span() for found in _LINE.finditer(document)]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.texts = [document[start:end].strip() for start, end in spans]
        self.feeds = [document[end - 1] == "\f" for end in self.ends]
        self.flags = bytearray(len(spans))
        for line in (*self._page_numbers(), *(at for at, text in enumerate(self.texts) if self.feeds[at] and not text)):
            self.flags[line] = 1
        for line in self._repeated():
            self.flags[line] = 1
        self.solid = [line for line, text in enumerate(self.texts) if text and not self.flags[line]]
        self._fill()

    def gap(self, at: int) -> bool:
        """Return whether a blank line stands before the solid line number `at`; page breaks leave none."""
        line = self.solid[at]
        return line > 0 and not self.texts[line - 1] and not self.flags[line - 1]

    def furniture(self) -> Iterator[tuple[int, int]]:
        """Yield the stretches of furniture."""
        start = -1
        for line, flag in enumerate(self.flags):
            if flag and start < 0:
                start = self.starts[line]
            elif not flag and start >= 0:
                yield start, self.starts[line]
                start = -1
            if not flag and self.feeds[line]:
                start = self.ends[line] - 1
        if start >= 0:
            yield start, self.ends[-1]

    def _page_numbers(self) -> Iterator[int]:
        of_total = {}
        bare = []
        for line, text in enumerate(self.texts):
            if not text or len(text) > 60 or not any("0" <= letter <= "9" for letter in text):
                continue
            if len(text) <= 4 and text.isdecimal() and text.isascii():
                bare.append(line)
            elif _PAGE.fullmatch(text):
                yield line
            elif (found := _PAGE_OF.fullmatch(text)) and int(found[1]) <= int(found[2]):
                of_total[line] = found[2]
        totals = Counter(of_total.values())
        yield from (line for line, total in of_total.items() if totals[total] >= 2)
        yield from (line for line in bare if self.feeds[line] or (line and self.feeds[line - 1]))
        yield from self._counted(bare)

    def _counted(self, bare: list[int]) -> list[int]:
        """Return the longest chain of bare numbers that count up and stand at least a page apart."""
        chains: dict[int, tuple[int, int]] = {}  # line: (how good its chain is, the line before it)
        settled: dict[int, int] = {}  # number: the line of its best chain that lies a page behind
        first = 0
        for line in bare:
            while self.starts[bare[first]] <= self.starts[line] - _SHORTEST_PAGE:
                number = int(self.texts[bare[first]])
                if number not in settled or chains[bare[first]] >= chains[settled[number]]:
                    settled[number] = bare[first]
                first += 1
            number = int(self.texts[line])
            # A page without a number costs as much as a page with one gains, so that footnotes do not win.
            before = [
                (chains[at][0] + 2 - gap, at) for gap in range(1, 7) if (at := settled.get(number - gap, -1)) >= 0
            ]
            chains[line] = max([*before, (1, -1)])
        chain = []
        line = max(chains, key=lambda at: chains[at], default=-1)
        while line >= 0:
            chain.append(line)
            line = chains[line][1]
        return chain if len(chain) >= 3 else []

    def _repeated(self) -> Iterator[int]:
        """Yield the running headers: lines that repeat beside the page numbers, and repeated classifications."""
        forms = {line: _form(text) for line, text in enumerate(self.texts) if not self.flags[line] and _runs(text)}
        counts = Counter(forms.values())
        least = max(3, sum(self.flags) * 2 // 5)
        beside: set[int] = set()
        for direction in (range(len(self.texts)), range(len(self.texts) - 1, -1, -1)):
            reach = 0
            for line in direction:
                if self.flags[line]:
                    reach = 5
                elif self.texts[line]:
                    reach = reach - 1 if reach and line in forms and counts[forms[line]] >= least else 0
                    if reach:
                        beside.add(line)
        near = Counter(forms[line] for line in beside)
        for line, form in forms.items():
            if counts[form] >= 3 and (near[form] >= counts[form] * 0.8 or _CLASSIFIED.fullmatch(self.texts[line])):
                yield line

    def _fill(self) -> None:
        """Flag the blank lines inside a page break; around it too where it stands in the middle of a sentence."""
        for before, behind in zip([-1, *self.solid], [*self.solid, len(self.texts)], strict=True):
            first, last = self.flags.find(1, before + 1, behind), self.flags.rfind(1, before + 1, behind)
            if first < 0:
                continue
            inside = before >= 0 and behind < len(self.texts)
            if inside and not self.texts[before].endswith(_ENDED) and self.texts[behind][0].islower():
                first, last = before + 1, behind - 1
            self.flags[first : last + 1] = b"\1" * (last + 1 - first)


def _runs(text: str) -> bool:
    """Return whether the line may be a running header: short, without brackets and number, no end of a sentence."""
    return (
        2 < len(text) <= 120
        and not text.endswith((".", ";", ":", ","))
        and "[" not in text
        and "]" not in text
        and any(letter.isalpha() for letter in text)
        and not _NUMBER.match(text)
    )


def _form(text: str) -> str:
    """Return what stays the same of a running header from page to page; headings differ by their numbers."""
    return text if _KEYWORD.match(text) else re.sub(r"[0-9]+", "#", text)


class _Reader:
    """Reads the solid lines in order and finds where pieces begin."""

    def __init__(self, document: str, lines: _Lines) -> None:
        self.document = document
        self.lines = lines
        self.found: list[_Mark] = []
        self.last = {"paragraph": 0, "preamble": 0}  # the last number of each kind
        self.fresh = True  # no number yet behind the last heading
        self.begun = False  # a heading or paragraph with a label, or a preamble, has been found
        self.label = ""  # of the last heading, and so of the text behind it
        self.options: dict[bool, int] = {}  # the last option that was cut; the key says whether it is a digit
        margins = [len(found[1].expandtabs(4)) for found in _LEFTMOST.finditer(document)]
        self.margin = min(margins, default=99) + 1

    def marks(self) -> list[_Mark]:
        """Return the beginnings of the pieces in order."""
        at = 0
        while at < len(self.lines.solid):
            mark = self._option(at) or self._heading(at) or self._number(at) or self._text(at)
            if mark:
                self.found.append(mark)
                self.begun = self.begun or bool(mark.label) or mark.rank == _RANKS["article"]
                if mark.part is Part.HEADING:
                    self.fresh = True
                    self.label = mark.label
                    if mark.rank != _RANKS["option"]:
                        self.options = {}
                at = bisect_left(self.lines.solid, mark.last, at)
            at += 1
        return self.found or [_Mark(0, 0, 0, Part.PROVISION)] * bool(self.lines.solid)

    def _line(self, at: int) -> str:
        return self.lines.texts[self.lines.solid[at]][:_LOOK] if at < len(self.lines.solid) else ""

    def _behind(self, at: int, length: int) -> int:
        """Return the offset behind the first `length` characters of the line's text."""
        line = self.lines.solid[at]
        start = self.lines.starts[line]
        return self.document.index(self.lines.texts[line][:1], start) + length

    def _free(self, at: int) -> bool:
        """Return whether the line before is a blank, a heading or the end of a sentence."""
        return self._apart(at) or self.lines.texts[self.lines.solid[at - 1]].endswith(_ENDED)

    def _runs_on(self, at: int) -> bool:
        """Return whether the line before breaks off at a comma or a joining word."""
        return not self._apart(at) and bool(_JOINING.search(self.lines.texts[self.lines.solid[at - 1]][-24:]))

    def _apart(self, at: int) -> bool:
        if at == 0 or self.lines.gap(at):
            return True
        last = self.found[-1] if self.found else None
        return bool(last and last.part is Part.HEADING and last.last == self.lines.solid[at - 1])

    def _heading(self, at: int) -> _Mark | None:
        text = self._line(at)
        if "....." in text or (self._runs_on(at) and not text.startswith("#")):
            return None
        lead = _lead(text)
        if found := _behind_heads(_KEYWORD, text):
            return self._article(at, found)
        if text[lead:].rstrip("]}*_ ").lower() == "preamble":
            return self._mark(at, lead, "", text, "article")
        found = _SECTION.match(text, lead)
        if found and (_is_title(found["rest"]) if found["rest"] else _capitals(self._line(at + 1))):
            kind = "roman" if set(found["label"]) <= set("IVXL") else "letter"
            return self._mark(at, found.end("label"), found["label"], found["rest"] or "", kind)
        if text.startswith("#") and text.strip("# "):
            level = min(len(text) - len(text.lstrip("#")), 6)
            return self._mark(at, lead, "", text, "article" if level > 2 else "part")
        if self.begun and _capitals(text) and self._free(at) and not _OPTION.match(text, lead):
            return self._mark(at, lead, "", text, "capitals")
        return None

    def _article(self, at: int, found: re.Match[str]) -> _Mark | None:
        """Return the heading with a keyword and a number, unless the words behind it are those of a sentence."""
        rest = found["rest"]
        kind = found["word"].lower()
        if found["word"].islower():
            return None
        if _is_title(rest, 90 if found["mark"] in ("", ".") else 200):
            return self._mark(at, found.end("label"), found["label"], rest, kind)
        if kind == "article" and found["mark"] == ":" and self._free(at) and not rest[:1].islower():
            self.label, self.fresh = found["label"], True
            behind = self._behind(at, found.end("label"))
            return _Mark(self.lines.solid[at], self.lines.solid[at], behind, Part.PROVISION, found["label"])
        return None

    def _mark(self, at: int, behind: int, label: str, title: str, kind: str) -> _Mark:
        """Return a heading, with the lines below it that are its title."""
        title = title.lstrip("#")
        last = at
        while (label or kind == "capitals") and last < at + 4 and self._titles(last + 1, title):
            last += 1
            title = f"{title} {self._line(last).lstrip('#')}"
        line, last = self.lines.solid[at], self.lines.solid[last]
        return _Mark(line, last, self._behind(at, behind), Part.HEADING, label, _title(title), _RANKS[kind])

    def _titles(self, at: int, title: str) -> bool:
        """Return whether the line goes on with the heading `title`, or is the title of a heading that has none."""
        text = self._line(at)
        if not text or any(form.match(text, _lead(text)) for form in (_KEYWORD, _NUMBER, _PREAMBULAR, _OPTION)):
            return False
        loud = _capitals(text)
        if not title.strip():
            return _is_title(text.lstrip("# ")) and (loud or text[0] in "#{" or not self.lines.gap(at))
        if self.lines.gap(at) or len(text) > 90 or text.endswith((".", ";", ":")) or _VERB.search(text):
            return False
        if title.count("[") > title.count("]"):
            return title.count("[") - title.count("]") <= text.count("]") - text.count("[")
        return (loud and _capitals(title)) or text[0].islower()

    def _option(self, at: int) -> _Mark | None:
        text = self._line(at)
        found = _OPTION.match(text, _lead(text))
        if not found:
            return None
        digit = found["n"].isdigit()
        number = int(found["n"]) if digit else _roman(found["n"])
        alone = not text[found.end() :].strip("]")
        holds = alone and (self._starts(at + 1) or (_is_title(self._line(at + 1)) and self._starts(at + 2)))
        if not holds and self.options.get(digit, -1) != number - 1:
            self.options.pop(digit, None)
            return None
        self.options[digit] = number
        if alone:
            return self._mark(at, found.end("label"), found["label"], "", "option")
        line = self.lines.solid[at]
        return _Mark(line, line, self._behind(at, found.end("label")), Part.PROVISION, found["label"])

    def _starts(self, at: int) -> bool:
        """Return whether an article or a numbered paragraph in sequence starts here."""
        text = self._line(at)
        lead = _lead(text)
        article, number = _KEYWORD.match(text, lead), _NUMBER.match(text, lead)
        if not text or (not article and self._indent(at) > self.margin):
            return False
        return bool(article or (number and int(number["n"]) <= self.last["paragraph"] + 1))

    def _number(self, at: int) -> _Mark | None:
        text = self._line(at)
        found = _PREAMBULAR.match(text)
        kind = "preamble" if found else "paragraph"
        found = found or _behind_heads(_NUMBER, text)
        if not found:
            return None
        label = found["label"]
        number: int | None = int(found["n"])
        if kind == "preamble":
            if number not in (1, self.last[kind] + 1):
                return None
        else:
            sub = re.match(r"[0-9]+", found["sub"] or "")
            numbers = [int(digits) for digits in (found["n"], found["rival"]) if digits]
            if sub and re.split(r"[^0-9]", self.label)[-1] == found["n"]:
                label, numbers = f"{label}.{found['sub']}", [int(sub[0])]
            elif sub and not found["gap"] and not found["bis"] and not self._free(at):
                return None
            number = next((number for number in numbers if self._fits(at, number, found)), None)
            if number is None:
                return None
            label = str(number) if found["rival"] else label
        self.last[kind] = number
        self.fresh = False
        behind = self._behind(at, found.end())
        line = last = self.lines.solid[at]
        if at and _LEAD_IN.fullmatch(self._line(at - 1)):
            before = self.lines.solid[at - 1]
            if self.found and self.found[-1].behind == self.lines.starts[before]:
                self.found.pop()
            if not self.found or self.found[-1].last < before:
                line = before
        return _Mark(line, last, behind, Part.PROVISION, label)

    def _fits(self, at: int, number: int, found: re.Match[str]) -> bool:
        """Return whether `number` can be the number of a paragraph here (rule 2)."""
        last = self.last["paragraph"]
        if self._runs_on(at) or self._indent(at) > self.margin:
            return False
        if found["bis"]:
            return number in (last, last + 1)
        if number == last + 1 or (number == 1 and self.fresh):
            return True
        words = found.string[found.end() :].lstrip(']*_ “"')
        if words[:1].islower() or not self._free(at):
            return False
        return number in (1, last) or last < number <= last + 9 or (self.fresh and number <= 40)

    def _indent(self, at: int) -> int:
        start = self.lines.starts[self.lines.solid[at]]
        raw = self.document[start : start + 80].expandtabs(4)
        return len(raw) - len(raw.lstrip())

    def _text(self, at: int) -> _Mark | None:
        """Return the provision that text without a number makes behind a heading."""
        if not self.found or self.found[-1].part is not Part.HEADING:
            return None
        line = self.lines.solid[at]
        return _Mark(line, line, self.lines.starts[line], Part.PROVISION, self.label)


def _lead(text: str) -> int:
    found = _LEAD.match(text)
    return found.end() if found else 0


def _behind_heads(form: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the match of `form` at the beginning of the line, also behind brackets and up to three heads."""
    at = _lead(text)
    for _ in range(3):
        found = form.match(text, at)
        head = None if found or "[" not in text[:at] else _HEAD.match(text, at)
        if not head:
            return found
        at = head.end()
    return form.match(text, at)


def _capitals(text: str) -> bool:
    """Return whether the line is a heading in capitals: several words, or one long one."""
    letters = [letter for letter in text if letter.isalpha()]
    return (
        len(letters) >= 6
        and len(text) <= 120
        and not text.endswith((".", ";"))
        and len(letters) * 10 >= len(text) * 6
        and text == text.upper()
    )


def _is_title(text: str, most: int = 90) -> bool:
    """Return whether the words can be the title of a heading: short, a capital first, no verb, no end."""
    words = text.strip("*_ ")
    if len(words) > most or _VERB.search(words) or (words.endswith((".", ";", ",", ":")) and not _capitals(words)):
        return False
    if words.startswith("("):
        return words.rstrip("0123456789*_ ").endswith(")")
    first = next((letter for letter in words if letter.isalnum()), "A")
    return not first.islower() and words[:1] not in (",", ";", ")")


def _title(text: str) -> str:
    """Return the words of a heading on one line, without markup and without the marks around the whole."""
    words = " ".join(re.sub(r"[*_#]+", "", text).split())
    for opening, closing in ("()", "{}"):
        if words.startswith(opening) and words.endswith(closing):
            words = words[1:-1]
        words = words.removesuffix(closing) if opening not in words else words
        words = words.removeprefix(opening) if closing not in words else words
    if words.count("]") > words.count("["):
        words = words.removesuffix("]")
    return words.strip()


def _roman(digits: str) -> int:
    romans = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]
    return romans.index(digits) + 1 if digits in romans else ord(digits[0]) - ord("A") + 1


def _pieces(document: str, lines: _Lines, marks: list[_Mark]) -> list[tuple[Piece, int]]:
    """Return the pieces, each with the offset behind its label."""
    furniture = list(lines.furniture())
    if not marks or any(line < marks[0].line for line in lines.solid[:1]):
        marks = [_Mark(0, 0, 0, Part.FRONT), *marks]
    starts = [0, *(lines.starts[mark.line] for mark in marks[1:])]
    pieces = []
    ranks: list[int] = []
    at = 0
    for mark, start, end in zip(marks, starts, [*starts[1:], len(document)], strict=True):
        if mark.part is Part.HEADING:
            while ranks and ranks[-1] >= mark.rank:
                ranks.pop()
        level = len(ranks) + 1
        if mark.part is Part.HEADING:
            ranks.append(mark.rank)
        first = at
        while at < len(furniture) and furniture[at][0] < end:
            at += 1
        piece = Piece(start, end, mark.part, mark.label, mark.title, level, tuple(furniture[first:at]))
        pieces.append((piece, mark.behind))
    return pieces


def _joined(document: str, pieces: list[tuple[Piece, int]]) -> list[Piece]:
    """Return the pieces with those joined that one bracket holds (rule 4)."""
    joins: list[tuple[int, int]] = []
    waiting: list[tuple[int, bool]] = []  # open brackets: their piece, and whether they open at its beginning
    for at, (piece, behind) in enumerate(pieces):
        if piece.part is Part.HEADING:
            waiting = []
        closes, opens = _unpaired(document, piece)
        end = _last_word(document, piece)
        for close in closes:
            if waiting:
                first, beginning = waiting.pop()
                if (
                    beginning
                    and close >= end
                    and at - first <= _MOST_JOINED - (pieces[first][0].part is Part.PROVISION)
                ):
                    joins.append((first, at))
        start = max(behind, piece.start)
        waiting += [(at, opened < start or _near(document, start, opened)) for opened in opens]
    joined: list[Piece] = []
    for first, last in _merged(joins, len(pieces)):
        one, other = pieces[first][0], pieces[last][0]
        if first < last:
            label = one.label if one.part is Part.HEADING else f"{one.label}–{other.label}"
            furniture = tuple(span for piece, _ in pieces[first : last + 1] for span in piece.furniture)
            one = one._replace(end=other.end, part=Part.PROVISION, label=label, furniture=furniture)
        joined.append(one)
    return joined


def _near(document: str, start: int, opened: int) -> bool:
    """Return whether nothing but marks stands between the label of a provision and the bracket."""
    return opened - start < _LOOK and not document[start:opened].strip(" [*_\t\n")


def _unpaired(document: str, piece: Piece) -> tuple[list[int], list[int]]:
    """Return the closing and the opening marks that find no partner in the piece."""
    closes: list[int] = []
    opens: list[int] = []
    for found in _BRACKETS.finditer(document, piece.start, piece.end):
        if found[0] == "[":
            opens.append(found.start())
        elif found[0] == "]":
            if opens:
                opens.pop()
            else:
                closes.append(found.start())
    return closes, opens


def _last_word(document: str, piece: Piece) -> int:
    """Return the offset behind the last word, before closing marks, footnote marks and furniture."""
    end = piece.end
    for start, behind in reversed(piece.furniture):
        if document[behind:end].strip():
            break
        end = start
    return piece.start + len(document[piece.start : end].rstrip("] \t\r\n.;,*_0123456789"))


def _merged(joins: list[tuple[int, int]], count: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last index of each piece to come, overlapping joins made one."""
    reach: dict[int, int] = {}
    for first, last in joins:
        reach[first] = max(last, reach.get(first, 0))
    at = 0
    while at < count:
        last = step = at
        while step <= last:
            last = max(last, reach.get(step, 0))
            step += 1
        yield at, last
        at = last + 1
