"""The map by which the text of a file becomes one that may go on record; what it did is kept with the import.

A file is taken as it came, and its bytes are kept. The text that is read out of it passes the same door as everything
else (`members.plain_text`), so what may not pass is mapped, always in the same way, counted, and shown in the review:

    form feed                                         a page break
    line tabulation, next line, U+2028, U+2029        the end of a line
    other controls, marks that turn the direction     nothing
    noncharacters, halves of characters               U+FFFD

    >>> mapper = CharacterMapper()
    >>> mapper.map_text("Article 1\\fEach \\u202eMember", location_in_file)
    'Article 1\\nEach Member'
    >>> [(row.character, row.outcome, row.times, row.places) for row in mapper.rows()]
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


class Outcome(StrEnum):
    """What a character becomes."""

    PAGE_BREAK = "page break"
    LINE_END = "line end"
    NOTHING = "nothing"
    REPLACEMENT = "replacement"


Locate = Callable[[Flaw], str]


def location_in_file(flaw: Flaw) -> str:
    """Return where a character stood in a text file."""
    return _("line %(line)s, column %(column)s") % {"line": flaw.line, "column": flaw.column}


class CharacterMapper:
    """What was mapped so far in one file."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._places: dict[str, list[str]] = {}

    def map_text(self, text: str, locate: Locate, *, keep_page_breaks: bool = False) -> str:
        """Return `text` mapped; with `keep_page_breaks`, form feeds stay for the reader, who ends lines at them."""
        if first_flaw(text) is None:
            return text
        parts, at = [], 0
        for flaw in flaws(text):
            self._note(flaw, locate)
            kept = keep_page_breaks and flaw.character == "\f"
            parts += [text[at : flaw.offset], "\f" if kept else _WRITTEN[outcome_of(flaw.character)]]
            at = flaw.offset + 1
        return "".join([*parts, text[at:]])

    def map_line(self, text: str, locate: Locate) -> str:
        """Return a value of one line, mapped, with one blank where lines ended."""
        return text if first_flaw(text, lines=False) is None else " ".join(self.map_text(text, locate).split())

    def rows(self) -> tuple[Mapped, ...]:
        """Return what was mapped, a row for each character in order of its first place."""
        return tuple(
            Mapped(f"U+{ord(character):04X}", str(outcome_of(character)), count, tuple(self._places[character]))
            for character, count in self._counts.items()
        )

    def _note(self, flaw: Flaw, locate: Locate) -> None:
        self._counts[flaw.character] = self._counts.get(flaw.character, 0) + 1
        places = self._places.setdefault(flaw.character, [])
        if len(places) < PLACES:
            places.append(locate(flaw))


_WRITTEN = {
    Outcome.PAGE_BREAK: "\n",
    Outcome.LINE_END: "\n",
    Outcome.NOTHING: "",
    Outcome.REPLACEMENT: REPLACEMENT,
}


def outcome_of(character: str) -> Outcome:
    """Return what a character that may not pass becomes."""
    if character == "\f":
        return Outcome.PAGE_BREAK
    if character in _LINE_ENDS:
        return Outcome.LINE_END
    is_control = ord(character) < 0xA0
    return Outcome.NOTHING if is_control or is_direction_mark(character) else Outcome.REPLACEMENT


def map_draft(draft: Draft, mapper: CharacterMapper) -> Draft:
    """Return `draft` with all that it says mapped, and with what was `seen`; page breaks between paragraphs stay."""
    paragraphs = tuple(_paragraph(paragraph, mapper) for paragraph in draft.paragraphs)
    comments = tuple(_comment(comment, mapper) for comment in draft.comments)
    rows = mapper.rows()
    warnings = (*map(written_out, draft.warnings), *mapping_warnings(rows))
    return draft._replace(paragraphs=paragraphs, comments=comments, warnings=warnings, mapped=rows)


def mapping_warnings(rows: tuple[Mapped, ...]) -> Iterator[str]:
    """Yield what was mapped, a sentence for each character."""
    for row in rows:
        where = ", ".join(row.places) + (" …" if row.times > len(row.places) else "")
        yield _sentence(row) % {"n": row.times, "character": describe(chr(int(row.character[2:], 16))), "where": where}


def _sentence(row: Mapped) -> str:
    if row.outcome == Outcome.PAGE_BREAK:
        return ngettext(
            "%(n)s form feed was read as a page break: %(where)s.",
            "%(n)s form feeds were read as page breaks: %(where)s.",
            row.times,
        )
    if row.outcome == Outcome.LINE_END:
        return ngettext(
            "%(n)s character %(character)s was read as a line ending: %(where)s.",
            "%(n)s characters %(character)s were read as line endings: %(where)s.",
            row.times,
        )
    if row.outcome == Outcome.REPLACEMENT:
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


def _paragraph(paragraph: Paragraph, mapper: CharacterMapper) -> Paragraph:
    pieces = (*(piece for run in paragraph.runs for piece in (run.text, run.by, run.colour, run.on)), *paragraph[2:])
    if all(first_flaw(piece, lines=False) is None for piece in pieces):
        return paragraph

    def locate(flaw: Flaw) -> str:
        return _quoted(paragraph.text)

    runs = tuple(_run(run, mapper, locate) for run in paragraph.runs)
    end = paragraph.end if paragraph.end == "\f" else mapper.map_text(paragraph.end, locate)
    return Paragraph(
        runs,
        paragraph.level,
        mapper.map_line(paragraph.number, locate),
        end,
        paragraph.change,
        mapper.map_line(paragraph.by, locate),
        paragraph.role,
        mapper.map_line(paragraph.anchor, locate),
    )


def _run(run: Run, mapper: CharacterMapper, locate: Locate) -> Run:
    text, by, on = mapper.map_text(run.text, locate), mapper.map_line(run.by, locate), mapper.map_line(run.on, locate)
    return run._replace(text=text, by=by, on=on, colour=mapper.map_line(run.colour, locate))


def _comment(comment: Comment, mapper: CharacterMapper) -> Comment:
    def locate(flaw: Flaw) -> str:
        return _("in a comment, %(words)s") % {"words": _quoted(comment.text)}

    number, author, on = (mapper.map_line(value, locate) for value in (comment.number, comment.author, comment.on))
    return Comment(number, author, on, mapper.map_text(comment.text, locate))


def _quoted(text: str) -> str:
    words = " ".join(written_out(text).split())
    return f"“{words[:_QUOTED]}…”" if len(words) > _QUOTED else f"“{words}”"


def clean_file_name(name: str) -> str:
    """Return what a file is called, on one line and without what may not pass; "" for nothing."""
    return CharacterMapper().map_line(name, location_in_file).strip()
