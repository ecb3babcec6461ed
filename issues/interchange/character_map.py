"""Map characters that a stored text must not contain, and report each mapping.

The bytes of an imported file are stored unchanged. The text decoded from those bytes must comply with the rules that
apply to all text (`members.plain_text`). Characters that violate these rules are counted, listed in the review, and
mapped as follows:

    form feed                                         page break
    line tabulation, next line, U+2028, U+2029        line break
    other control characters, direction marks         removed
    noncharacters, lone surrogates                    U+FFFD

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
from members.plain_text import (
    REPLACEMENT,
    InvalidCharacter,
    describe,
    first_invalid_character,
    invalid_characters,
    is_bidi_control,
    sanitize,
)

# The number of locations reported for each character.
PLACES = 5
# The number of characters that identify a paragraph in a message.
_QUOTED = 40
_LINE_ENDS = frozenset("\v\x85\u2028\u2029")


class Outcome(StrEnum):
    """The result of mapping a character."""

    PAGE_BREAK = "page break"
    LINE_END = "line end"
    NOTHING = "nothing"
    REPLACEMENT = "replacement"


Locate = Callable[[InvalidCharacter], str]


def location_in_file(flaw: InvalidCharacter) -> str:
    """Return the location of a character in a text file."""
    return _("line %(line)s, column %(column)s") % {"line": flaw.line, "column": flaw.column}


class CharacterMapper:
    """A mapper for the characters of one file, which counts the mapped characters."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._places: dict[str, list[str]] = {}

    def map_text(self, text: str, locate: Locate, *, keep_page_breaks: bool = False) -> str:
        """Return `text` with its invalid characters mapped.

        With `keep_page_breaks`, form feeds are counted but left in place for the reader of the format to handle.
        """
        if first_invalid_character(text) is None:
            return text
        parts, at = [], 0
        for flaw in invalid_characters(text):
            self._note(flaw, locate)
            kept = keep_page_breaks and flaw.character == "\f"
            parts += [text[at : flaw.offset], "\f" if kept else _WRITTEN[outcome_of(flaw.character)]]
            at = flaw.offset + 1
        return "".join([*parts, text[at:]])

    def map_line(self, text: str, locate: Locate) -> str:
        """Return a one-line value with its invalid characters mapped and its line breaks replaced by spaces."""
        return (
            text
            if first_invalid_character(text, multiline=False) is None
            else " ".join(self.map_text(text, locate).split())
        )

    def rows(self) -> tuple[Mapped, ...]:
        """Return the characters mapped so far, in order of first occurrence."""
        return tuple(
            Mapped(f"U+{ord(character):04X}", str(outcome_of(character)), count, tuple(self._places[character]))
            for character, count in self._counts.items()
        )

    def _note(self, flaw: InvalidCharacter, locate: Locate) -> None:
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
    """Return the result of mapping an invalid character."""
    if character == "\f":
        return Outcome.PAGE_BREAK
    if character in _LINE_ENDS:
        return Outcome.LINE_END
    is_control = ord(character) < 0xA0
    return Outcome.NOTHING if is_control or is_bidi_control(character) else Outcome.REPLACEMENT


def map_draft(draft: Draft, mapper: CharacterMapper) -> Draft:
    """Return `draft` with all its strings mapped and with a warning for each mapped character.

    Page breaks between paragraphs are retained.
    """
    paragraphs = tuple(_paragraph(paragraph, mapper) for paragraph in draft.paragraphs)
    comments = tuple(_comment(comment, mapper) for comment in draft.comments)
    rows = mapper.rows()
    warnings = (*map(sanitize, draft.warnings), *mapping_warnings(rows))
    return draft._replace(paragraphs=paragraphs, comments=comments, warnings=warnings, mapped=rows)


def mapping_warnings(rows: tuple[Mapped, ...]) -> Iterator[str]:
    """Yield a warning for each mapped character."""
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
    if is_bidi_control(chr(int(row.character[2:], 16))):
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
    if all(first_invalid_character(piece, multiline=False) is None for piece in pieces):
        return paragraph

    def locate(flaw: InvalidCharacter) -> str:
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
    def locate(flaw: InvalidCharacter) -> str:
        return _("in a comment, %(words)s") % {"words": _quoted(comment.text)}

    number, author, on = (mapper.map_line(value, locate) for value in (comment.number, comment.author, comment.on))
    return Comment(number, author, on, mapper.map_text(comment.text, locate))


def _quoted(text: str) -> str:
    words = " ".join(sanitize(text).split())
    return f"“{words[:_QUOTED]}…”" if len(words) > _QUOTED else f"“{words}”"


def clean_file_name(name: str) -> str:
    """Return a file name on one line and without invalid characters. The result may be empty."""
    return CharacterMapper().map_line(name, location_in_file).strip()
