"""The map by which the text of a file becomes one that may go on record; what it did is kept with the import.

A file is taken as it came, and its bytes are kept. The text that is read out of it passes the same door as everything
else (`members.plain_text`), so what may not pass is mapped, always in the same way, counted, and shown in the review:

    form feed                                         a page break
    line tabulation, next line, U+2028, U+2029        the end of a line
    other controls, marks that turn the direction     nothing
    noncharacters, halves of characters               U+FFFD

    >>> seen = Seen()
    >>> seen.mapped("Article 1\\fEach \\u202eMember", in_file)
    'Article 1\\nEach Member'
    >>> [(row.character, row.became, row.times, row.places) for row in seen.rows()]
    [('U+000C', 'page break', 1, ('line 1, column 10',)), ('U+202E', 'nothing', 1, ('line 1, column 16',))]
"""

from collections.abc import Callable, Iterator
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from issues.interchange.drafts import Comment, Draft, Mapped, Paragraph, Run
from members.plain_text import REPLACEMENT, Flaw, describe, first_flaw, flaws, is_direction_mark, written_out

# Of each character so many places are named.
PLACES = 5
# So many characters of a paragraph say which one it is.
_QUOTED = 40
_LINE_ENDS = frozenset("\v\x85\u2028\u2029")


class Became(StrEnum):
    """What a character becomes."""

    PAGE_BREAK = "page break"
    LINE_END = "line end"
    NOTHING = "nothing"
    REPLACEMENT = "replacement"


Place = Callable[[Flaw], str]


def in_file(flaw: Flaw) -> str:
    """Return where a character stood in a text file."""
    return _("line %(line)s, column %(column)s") % {"line": flaw.line, "column": flaw.column}


class Seen:
    """What was mapped so far in one file."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._places: dict[str, list[str]] = {}

    def mapped(self, text: str, place: Place, *, keep_page_breaks: bool = False) -> str:
        """Return `text` mapped; with `keep_page_breaks`, form feeds stay for the reader, who ends lines at them."""
        if first_flaw(text) is None:
            return text
        parts, at = [], 0
        for flaw in flaws(text):
            self._note(flaw, place)
            kept = keep_page_breaks and flaw.character == "\f"
            parts += [text[at : flaw.offset], "\f" if kept else _WRITTEN[became(flaw.character)]]
            at = flaw.offset + 1
        return "".join([*parts, text[at:]])

    def line(self, text: str, place: Place) -> str:
        """Return a value of one line, mapped, with one blank where lines ended."""
        return text if first_flaw(text, lines=False) is None else " ".join(self.mapped(text, place).split())

    def rows(self) -> tuple[Mapped, ...]:
        """Return what was mapped, a row for each character in order of its first place."""
        return tuple(
            Mapped(f"U+{ord(character):04X}", str(became(character)), count, tuple(self._places[character]))
            for character, count in self._counts.items()
        )

    def _note(self, flaw: Flaw, place: Place) -> None:
        self._counts[flaw.character] = self._counts.get(flaw.character, 0) + 1
        places = self._places.setdefault(flaw.character, [])
        if len(places) < PLACES:
            places.append(place(flaw))


_WRITTEN = {
    Became.PAGE_BREAK: "\n",
    Became.LINE_END: "\n",
    Became.NOTHING: "",
    Became.REPLACEMENT: REPLACEMENT,
}


def became(character: str) -> Became:
    """Return what a character that may not pass becomes."""
    if character == "\f":
        return Became.PAGE_BREAK
    if character in _LINE_ENDS:
        return Became.LINE_END
    is_control = ord(character) < 0xA0
    return Became.NOTHING if is_control or is_direction_mark(character) else Became.REPLACEMENT


def plain(draft: Draft, seen: Seen) -> Draft:
    """Return `draft` with all that it says mapped, and with what was `seen`; page breaks between paragraphs stay."""
    paragraphs = tuple(_paragraph(paragraph, seen) for paragraph in draft.paragraphs)
    comments = tuple(_comment(comment, seen) for comment in draft.comments)
    rows = seen.rows()
    warnings = (*map(written_out, draft.warnings), *sentences(rows))
    return draft._replace(paragraphs=paragraphs, comments=comments, warnings=warnings, mapped=rows)


def sentences(rows: tuple[Mapped, ...]) -> Iterator[str]:
    """Yield what was mapped, a sentence for each character."""
    for row in rows:
        where = ", ".join(row.places) + (" …" if row.times > len(row.places) else "")
        yield _sentence(row) % {"n": row.times, "character": describe(chr(int(row.character[2:], 16))), "where": where}


def _sentence(row: Mapped) -> str:
    if row.became == Became.PAGE_BREAK:
        return ngettext(
            "%(n)s form feed was read as a page break: %(where)s.",
            "%(n)s form feeds were read as page breaks: %(where)s.",
            row.times,
        )
    if row.became == Became.LINE_END:
        return ngettext(
            "%(n)s character %(character)s was read as a line ending: %(where)s.",
            "%(n)s characters %(character)s were read as line endings: %(where)s.",
            row.times,
        )
    if row.became == Became.REPLACEMENT:
        return ngettext(
            "%(n)s invalid character %(character)s was replaced by U+FFFD: %(where)s.",
            "%(n)s invalid characters %(character)s were replaced by U+FFFD: %(where)s.",
            row.times,
        )
    if is_direction_mark(chr(int(row.character[2:], 16))):
        return ngettext(
            "%(n)s invisible direction mark %(character)s was removed: %(where)s.",
            "%(n)s invisible direction marks %(character)s were removed: %(where)s.",
            row.times,
        )
    return ngettext(
        "%(n)s control character %(character)s was removed: %(where)s.",
        "%(n)s control characters %(character)s were removed: %(where)s.",
        row.times,
    )


def _paragraph(paragraph: Paragraph, seen: Seen) -> Paragraph:
    pieces = (*(piece for run in paragraph.runs for piece in (run.text, run.by, run.colour, run.on)), *paragraph[2:])
    if all(first_flaw(piece, lines=False) is None for piece in pieces):
        return paragraph

    def place(flaw: Flaw) -> str:
        return _quoted(paragraph.text)

    runs = tuple(_run(run, seen, place) for run in paragraph.runs)
    end = paragraph.end if paragraph.end == "\f" else seen.mapped(paragraph.end, place)
    return Paragraph(
        runs,
        paragraph.level,
        seen.line(paragraph.number, place),
        end,
        paragraph.change,
        seen.line(paragraph.by, place),
        paragraph.role,
        seen.line(paragraph.anchor, place),
    )


def _run(run: Run, seen: Seen, place: Place) -> Run:
    text, by, on = seen.mapped(run.text, place), seen.line(run.by, place), seen.line(run.on, place)
    return run._replace(text=text, by=by, on=on, colour=seen.line(run.colour, place))


def _comment(comment: Comment, seen: Seen) -> Comment:
    def place(flaw: Flaw) -> str:
        return _("in a comment, %(words)s") % {"words": _quoted(comment.text)}

    number, author, on = (seen.line(value, place) for value in (comment.number, comment.author, comment.on))
    return Comment(number, author, on, seen.mapped(comment.text, place))


def _quoted(text: str) -> str:
    words = " ".join(written_out(text).split())
    return f"“{words[:_QUOTED]}…”" if len(words) > _QUOTED else f"“{words}”"


def file_name(name: str) -> str:
    """Return what a file is called, on one line and without what may not pass; "" for nothing."""
    return Seen().line(name, in_file).strip()
