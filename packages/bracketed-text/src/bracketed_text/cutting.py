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
   Preambular paragraphs need no sequence.
3. "Option 1:" belongs to its provision. Only an option that holds numbered paragraphs or articles is a heading, and
   then its sisters are cut as well.
4. A bracket around whole paragraphs (it opens at the beginning of a provision and closes at the end of a later one)
   joins them if it holds no other heading and at most seven cuts. Any other bracket stays cut, and is reported.
5. Page furniture stays where it is and is no word of any line, see `furniture`.
"""

import re
from bisect import bisect_left
from enum import Enum
from typing import NamedTuple

from bracketed_text.furniture import ENDED, Line, read_lines

# No pattern sees more of a line than this, so that each line costs the same however long it is.
_LOOK = 240
_LEAD = r"[\s\[{*_#>“\"]*"
_BIS = r"(?:bis|ter|quat(?:er)?|quinquies|sexies|septies|octies|novies|decies|BIS|TER|alt|Alt|ALT)(?![A-Za-z])"
_WORDS = r"(?=[A-Z])(?i:article|subsection|section|chapter|part|title|annex|appendix|schedule|attachment)"
# Most lines are prose: what no rule can match is passed over at once. Lines in capitals come on top.
_MAY_BEGIN = re.compile(
    rf"{_LEAD}(?:[0-9#]|{_WORDS}|(?i:preamble)|[A-Z]\.|[IVXL]{{1,6}}\.|ALT|Alt|PP|Pp|OP|OPTION|Option)"
    r"|[\s\[{*_>“\"]*\[[^\[\]:]{1,160}:"
)
_MARKS = re.compile(_LEAD)
_FIRST = re.compile(r"[\[*_]{0,4}1\.")
_NUMBER = re.compile(
    rf"(?P<label>(?:(?:ALT|Alt)\.?\s)?(?:\[?(?P<rival>[0-9]{{1,3}})\]\s?\[)?(?P<n>[0-9]{{1,3}})(?P<bis>\s?{_BIS})?)\]?"
    rf"(?:\s?\.(?:(?P<gap>\s?)(?P<sub>[0-9]{{1,3}})(?:{_BIS})?)?(?=[\s\[\]“\"*_(A-Z]|$)|(?<=[a-zT])(?=\s|$))"
)
_PREAMBULAR = re.compile(rf"(?P<label>(?:PP|Pp|OP)\s?[0-9]{{1,3}}(?:\s?{_BIS})?)\.?(?=\s|$)")
# "CAN propose; USA oppose:13 " before a number: a head, with a footnote mark or without.
_HEAD = re.compile(r"[^\[\]:]{1,160}:(?:[0-9]{1,3}(?=\s))?[\s\[*_]*")
_MOST_HEADS = 2
# A line that opens the bracket around the paragraph on the next line: "[CAN alternative proposal:".
_LEAD_IN = re.compile(r"\[[^\[\]]{0,60}:|[\[*_\s]+")
_OPTION = re.compile(r"(?P<label>(?:Option|OPTION) (?P<n>[IVX]+|[A-Z]|[0-9]{1,2}))(?![\w-])(?:[*_:\s]|\([^()]*\))*")
_KEYWORD = re.compile(
    rf"(?P<label>(?P<word>{_WORDS})"
    r"(?:(?<=[Xx])(?=\W*$)|(?<=[Xx])\s+to\s+(?i:article)\s+\S+"
    r"|\s+\[?(?:ante\s)?-?(?!(?:OF|TO|AND|IN|FOR|THE)\b)[A-Z0-9]{1,8}(?:\.[A-Za-z0-9]{1,9}){0,4}"
    rf"(?:\s?{_BIS})?(?![A-Za-z0-9])))"
    r"[\]}*_]*(?:\s?[0-9]{1,3}(?=[\s:])){0,2}(?:\[\^?[0-9]+\])?\s*(?P<mark>[:.–—-]?)\s*(?P<rest>.*)",
    re.DOTALL,
)
_SECTION = re.compile(r"(?P<label>[IVXL]{1,6}|[A-Z])\.(?:\s+(?P<rest>.*)|$)", re.DOTALL)
# Which heading holds which: one with a smaller rank holds those with a larger one.
_RANKS = {"annex": 1, "appendix": 1, "schedule": 1, "attachment": 1, "part": 2, "title": 2, "chapter": 3}
_RANKS |= {"roman": 4, "section": 5, "letter": 6, "subsection": 6, "capitals": 7, "article": 8, "option": 9}
_ROMANS = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]
_LONGEST_TITLE = 200
_LONGEST_TITLE_LINE = 90
_MOST_TITLE_LINES = 4
_VERB = re.compile(r"\b(?:shall|may|should|must|will|is|are|has|have|agree)\b")
# A line that ends with one of these goes on with the next.
_JOINING = frozenset(
    "of in and or with to under by the from its that this see at for on per as no nos article articles "
    "paragraph paragraphs section sections annex annexes chapter chapters part parts".split()
)
# A whole bracket that holds no other is passed over; what hides a mark too. Group 1 opens, group 2 closes.
_BRACKETS = re.compile(r"\\[\[\]\\]|\[[^\[\]\\]*\]|(\[)|(\])")
_MOST_JOINED = 7


class Part(Enum):
    """What a cut of a document is."""

    FRONT = "front"  # what stands before the first heading or numbered paragraph
    HEADING = "heading"
    PROVISION = "provision"


class Cut(NamedTuple):
    """`document[start:end]`: one heading or one provision, with the page furniture inside it."""

    start: int
    end: int
    part: Part
    label: str  # as written, without markup; of joined provisions "1–3"
    title: str  # the words of a heading on one line, brackets kept
    level: int  # 1 for the outermost headings
    furniture: tuple[tuple[int, int], ...]  # offsets into the document


def cut(document: str) -> list[Cut]:
    """Return the cuts of `document` in order: they tile it. Never raises; time grows linearly."""
    if not document:
        return []
    lines, furniture = read_lines(document)
    marks = _with_text(lines, _Reader(document, lines).marks())
    marks = _joined(marks, _joins(_blanked(document, furniture), marks))
    return _cuts(document, marks, furniture)


def without_furniture(document: str, cut: Cut) -> str:
    """Return the text of `cut` as it reads without page headers and page numbers."""
    kept = []
    position = cut.start
    for start, end in cut.furniture:
        kept.append(document[position:start])
        position = end
    return "".join([*kept, document[position : cut.end]])


class _Mark(NamedTuple):
    """Where a cut begins, and the offset behind its label; the line it is on, of a heading the last one."""

    start: int
    behind: int
    last: int
    part: Part
    label: str = ""
    title: str = ""
    rank: int = 0


class _Reader:
    """Reads the lines in order and finds where cuts begin."""

    def __init__(self, document: str, lines: list[Line]) -> None:
        self.document = document
        self.lines = lines
        self.found: list[_Mark] = []
        self.last = 0  # the number of the last paragraph
        # The line that is read: its number, its words, how many blanks and marks stand before them; whether the line
        # before is a blank, a heading or the end of a sentence, or breaks off at a comma or a joining word.
        self.at, self.text, self.lead, self.free, self.runs_on = 0, "", 0, True, False
        self.fresh = True  # no number yet behind the last heading
        self.begun = False  # a heading or a paragraph with a label has been found
        self.label = ""  # of the last heading
        self.options: dict[bool, int] = {}  # the last option that was cut; the key says whether it is a digit
        self.spots = [at for at, line in enumerate(lines) if _MAY_BEGIN.match(line.text) or line.text.isupper()]
        ones = (at for at in self.spots if _FIRST.match(lines[at].text))
        self.margin = min(map(self._indent, ones), default=99) + 1

    def marks(self) -> list[_Mark]:
        """Return the headings and the numbered paragraphs in order."""
        for at in self.spots:
            if self.found and at <= self.found[-1].last:
                continue
            self._go(at)
            # What begins with a digit can be nothing but a paragraph or a heading in capitals.
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
        """Make `at` the line that is read."""
        line = self.lines[at]
        self.at = at
        self.text = line.text[:_LOOK]
        self.lead = 0 if self.text[0].isalnum() else _lead(self.text)
        before = self.lines[at - 1].text[-24:] if at and not line.gap else ""
        self.free = not before or before.endswith(ENDED) or self._under_heading()
        self.runs_on = not self.free and _joins_on(before)

    def _under_heading(self) -> bool:
        return bool(self.found) and self.found[-1].last == self.at - 1 and self.found[-1].part is Part.HEADING

    def _text(self, at: int) -> str:
        return self.lines[at].text[:_LOOK] if at < len(self.lines) else ""

    def _offset(self, behind: int) -> int:
        """Return where in the document the first `behind` characters of the words end."""
        return self.document.index(self.text[0], self.lines[self.at].start) + behind

    def _indent(self, at: int) -> int:
        start, text, _ = self.lines[at]
        words = self.document.index(text[0], start)
        return len(self.document[start:words].expandtabs(4)) if words > start else 0

    def _option(self) -> _Mark | None:
        """Return the option that begins here if it is to be cut (rule 3)."""
        found = _OPTION.match(self.text, self.lead)
        if not found:
            return None
        digit = found["n"].isdigit()
        number = int(found["n"]) if digit else _counted(found["n"])
        alone = not self.text[found.end() :].strip("]")
        at = self.at + 1
        holds = alone and (self._starts(at) or (_is_title(self._text(at)) and self._starts(at + 1)))
        if self.options.pop(digit, -1) != number - 1 and not holds:
            return None
        self.options[digit] = number
        if alone:
            return self._headed(found.end("label"), found["label"], "", "option")
        return self._provision(found.end("label"), found["label"])

    def _starts(self, at: int) -> bool:
        """Return whether an article or a numbered paragraph in sequence starts here."""
        text = self._text(at)
        lead = _lead(text)
        if _KEYWORD.match(text, lead):
            return True
        found = _NUMBER.match(text, lead)
        return found is not None and int(found["n"]) <= self.last + 1 and self._indent(at) <= self.margin

    def _heading(self) -> _Mark | None:
        """Return the heading that begins here (rule 1)."""
        text = self.text
        if "....." in text or (self.runs_on and text[0] != "#"):
            return None
        if found := _behind_heads(_KEYWORD, text, self.lead):
            return self._article(found)
        if text[self.lead :].rstrip("]}*_ ").lower() == "preamble":
            return self._headed(self.lead, "", text, "article")
        found = _SECTION.match(text, self.lead)
        if found and (_is_title(found["rest"]) if found["rest"] else _capitals(self._text(self.at + 1))):
            kind = "roman" if set(found["label"]) <= set("IVXL") else "letter"
            return self._headed(found.end("label"), found["label"], found["rest"] or "", kind)
        if text[0] == "#" and text.strip("# "):
            return self._headed(self.lead, "", text, "part")
        if self.begun and self.free and _capitals(text) and not _OPTION.match(text, self.lead):
            return self._headed(self.lead, "", text, "capitals")
        return None

    def _article(self, found: re.Match[str]) -> _Mark | None:
        """Return the heading with a keyword and a number, unless the words behind it are those of a sentence.

        "Article 3: Ships shall …" is an article and its text on one line: a provision.
        """
        kind = found["word"].lower()
        if _is_title(found["rest"], _LONGEST_TITLE):
            return self._headed(found.end("label"), found["label"], found["rest"], kind)
        if kind == "article" and found["mark"] == ":" and self.free:
            self.label, self.fresh = found["label"], True
            return self._provision(found.end("label"), found["label"])
        return None

    def _headed(self, behind: int, label: str, title: str, kind: str) -> _Mark:
        """Return a heading, with the lines below it that are its title."""
        last = self.at
        while (label or kind == "capitals") and last < self.at + _MOST_TITLE_LINES and self._titles(last + 1, title):
            last += 1
            title = f"{title} {self._text(last)}"
        if kind != "option":
            self.options = {}
        return _Mark(
            self.lines[self.at].start, self._offset(behind), last, Part.HEADING, label, _title(title), _RANKS[kind]
        )

    def _titles(self, at: int, title: str) -> bool:
        """Return whether the line goes on with the heading `title`, or is the title of a heading that has none."""
        text = self._text(at)
        if not text or any(form.match(text, _lead(text)) for form in (_KEYWORD, _NUMBER, _PREAMBULAR, _OPTION)):
            return False
        gap = self.lines[at].gap
        if not title.strip():
            return _is_title(text) and (not gap or _capitals(text))
        if gap or len(text) > _LONGEST_TITLE_LINE or text.endswith((".", ";", ":")) or _VERB.search(text):
            return False
        still_open = title.count("[") - title.count("]")
        if still_open > 0:
            return text.count("]") - text.count("[") >= still_open
        return text[0].islower() or (_capitals(text) and _capitals(title))

    def _preambular(self) -> _Mark | None:
        found = _PREAMBULAR.match(self.text)
        return self._provision(found.end(), found["label"]) if found else None

    def _number(self) -> _Mark | None:
        """Return the numbered paragraph that begins here (rule 2)."""
        found = _behind_heads(_NUMBER, self.text, self.lead)
        if not found or self.runs_on or self._indent(self.at) > self.margin:
            return None
        label, number, rival, sub = found.group("label", "n", "rival", "sub")
        if sub and re.split(r"[^0-9]", self.label)[-1] == number:  # "5.1" in Article 5
            label, number = f"{label}.{sub}", sub
        elif sub and not found["gap"] and not self.free:  # "2.5 candles"
            return None
        if rival and not self._fits(int(number), found):  # "[4][2]." is 2 or 4
            number = rival
        if not self._fits(int(number), found):
            return None
        self.last, self.fresh = int(number), False
        return self._provision(found.end(), number if rival else label)

    def _fits(self, number: int, found: re.Match[str]) -> bool:
        """Return whether `number` is in sequence."""
        last = self.last
        if found["bis"]:
            return number in (last, last + 1)
        if number == last + 1 or (number == 1 and self.fresh):
            return True
        if not self.free or self.text[found.end() :].lstrip(']*_ “"')[:1].islower():
            return False
        return number == 1 or last <= number <= last + 9 or (self.fresh and number <= 40)

    def _provision(self, behind: int, label: str) -> _Mark:
        """Return a provision; the line that opens the bracket around it belongs to it."""
        at = self.at
        before = self.lines[at - 1] if at and (not self.found or self.found[-1].last < at - 1) else None
        line = before if before and _LEAD_IN.fullmatch(before.text) else self.lines[at]
        return _Mark(line.start, self._offset(behind), at, Part.PROVISION, label)


def _lead(text: str, start: int = 0) -> int:
    """Return the offset behind the blanks and marks at `start`."""
    found = _MARKS.match(text, start)
    return found.end() if found else start


def _joins_on(before: str) -> bool:
    """Return whether a line that ends so goes on with the next."""
    word = before.replace("/", " ").rpartition(" ")[2].lstrip("([“")
    return word.endswith(",") or word.lower() in _JOINING


def _behind_heads(form: re.Pattern[str], text: str, at: int) -> re.Match[str] | None:
    """Return the match of `form` behind the marks that end at `at`, and behind the heads of their brackets."""
    for _ in range(_MOST_HEADS):
        found = form.match(text, at)
        head = None if found or "[" not in text[:at] else _HEAD.match(text, at)
        if not head:
            return found
        at = head.end()
    return form.match(text, at)


def _capitals(text: str) -> bool:
    """Return whether the line is a heading in capitals: several words, or one long one."""
    if not text.isupper() or len(text) > 120 or text.endswith((".", ";")):
        return False
    letters = sum(map(str.isalpha, text))
    return letters >= 6 and letters * 10 >= len(text) * 6


def _is_title(text: str, most: int = _LONGEST_TITLE_LINE) -> bool:
    """Return whether the words can be the title of a heading: short, a capital first, no verb, no end."""
    words = text.strip("*_ ")
    if len(words) > most or _VERB.search(words) or (words.endswith((".", ";", ",", ":")) and not _capitals(words)):
        return False
    if words.startswith("("):
        return words.endswith(")")
    return not next((letter for letter in words if letter.isalnum()), "A").islower()


def _title(text: str) -> str:
    """Return the words of a heading on one line, without markup and without the marks around the whole."""
    words = " ".join(re.sub(r"[*_#]+", "", text).split())
    for opening, closing in ("()", "{}"):
        if words.startswith(opening) and words.endswith(closing):
            words = words[1:-1]
        words = words.removesuffix(closing) if opening not in words else words
    if words.count("]") > words.count("["):
        words = words.removesuffix("]")
    return words.strip()


def _counted(letters: str) -> int:
    """Return the number of an option: IV is 4, B is 2."""
    return _ROMANS.index(letters) + 1 if letters in _ROMANS else ord(letters[0]) - ord("A") + 1


def _with_text(lines: list[Line], found: list[_Mark]) -> list[_Mark]:
    """Return the marks with those of text without a number: what stands in front, and what follows a heading."""
    if not found:
        return [_Mark(0, 0, 0, Part.PROVISION if lines else Part.FRONT)]
    marks = []
    if found[0].start > lines[0].start:
        marks.append(_Mark(0, 0, 0, Part.FRONT))
    for mark, end in zip(found, [*(mark.start for mark in found[1:]), lines[-1].start + 1], strict=True):
        marks.append(mark)
        start = lines[mark.last + 1].start if mark.last + 1 < len(lines) else end
        if mark.part is Part.HEADING and start < end:
            marks.append(_Mark(start, start, mark.last + 1, Part.PROVISION, mark.label))
    marks[0] = marks[0]._replace(start=0)
    return marks


def _blanked(document: str, furniture: list[tuple[int, int]]) -> str:
    """Return the document with blanks for its furniture."""
    kept = []
    position = 0
    for start, end in furniture:
        kept += [document[position:start], " " * (end - start)]
        position = end
    return "".join([*kept, document[position:]])


def _joins(words: str, marks: list[_Mark]) -> list[tuple[int, int]]:
    """Return the first and the last of the marks that one bracket holds (rule 4); no two overlap."""
    joins: list[tuple[int, int]] = []
    waiting: list[tuple[int, bool]] = []  # open brackets: whose they are, and whether they open at its beginning
    for at, (mark, end) in enumerate(zip(marks, _ends(marks, words), strict=True)):
        if mark.part is Part.HEADING:
            waiting = []
        opening = words.find("[", mark.start, end)
        begin = _lead(words, max(mark.start, mark.behind)) if opening >= 0 else 0
        if not waiting and not 0 <= opening < begin:
            continue  # nothing can begin or end here
        closes, opens = _unpaired(words, mark.start, end)
        if closes and waiting:
            # Behind the last word closing marks and the marks of footnotes may stand.
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
    """Return the closing and the opening marks that find no partner in `words[start:end]`."""
    closes: list[int] = []
    opens: list[int] = []
    for found in _BRACKETS.finditer(words, start, end):
        if found[1]:
            opens.append(found.start())
        elif found[2] and opens:
            opens.pop()
        elif found[2]:
            closes.append(found.start())
    return closes, opens


def _joined(marks: list[_Mark], joins: list[tuple[int, int]]) -> list[_Mark]:
    """Return the marks with one for each join; a heading that is joined keeps its label."""
    kept = []
    position = 0
    for first, last in joins:
        mark = marks[first]
        label = mark.label if mark.part is Part.HEADING else f"{mark.label}–{marks[last].label}"
        kept += [*marks[position:first], mark._replace(part=Part.PROVISION, label=label)]
        position = last + 1
    return [*kept, *marks[position:]]


def _ends(marks: list[_Mark], document: str) -> list[int]:
    """Return where the cut of each mark ends."""
    return [*(mark.start for mark in marks[1:]), len(document)]


def _cuts(document: str, marks: list[_Mark], furniture: list[tuple[int, int]]) -> list[Cut]:
    cuts = []
    ranks: list[int] = []  # of the headings that hold what follows
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
