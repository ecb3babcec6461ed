"""The one door for text: what a string may hold that comes in by any way, and how stored text is written out.

Two functions from which the rest follows. `require` is asked of every string that comes in, in this order:

1. Its length, which is known without reading it: nothing too long is ever searched.
2. Whether there is anything in it, where a value is required. Blanks, and what nobody sees, are nothing.
3. Its characters. Refused is what XML 1.0 cannot carry, and what makes a text read other than it is stored: controls,
   lone surrogates, noncharacters, and the marks that turn the direction of writing (Unicode Standard Annex 9). So are
   the line and paragraph separators U+2028 and U+2029: some programs end a line there and others do not, so that
   places in a text would be counted differently.
4. Its lines: a value of one line holds no line end and no tab.

The marks LRM, RLM and ALM and the joiners ZWJ and ZWNJ pass: texts in Arabic, Persian and Indic scripts need them.

`written_out` is asked of every string that leaves. What was stored before there was a door, and cannot be carried or
would mislead, leaves as U+FFFD, one for one, so that offsets into the text stay what they are.

    >>> require("A line\\nand another", PROSE)
    >>> flaw = first_flaw("Each Member\\nshall \\u202eton act")
    >>> describe(flaw.character), flaw.line, flaw.column
    ('U+202E RIGHT-TO-LEFT OVERRIDE', 2, 7)
    >>> written_out("shall \\u202eton act") == "shall \\ufffdton act"
    True
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REPLACEMENT = "\ufffd"
# What no page, file or feed can carry, or what would make them read other than what is stored.
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane + low) for plane in range(0, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF)
)
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_DIRECTIONS = "\u202a-\u202e\u2066-\u2069"
_HALVES = "\ud800-\udfff"
_SEPARATORS = "\u2028\u2029"
_DIRECTION = re.compile(f"[{_DIRECTIONS}]")
_UNWRITABLE = re.compile(f"[{_CONTROLS}{_DIRECTIONS}{_HALVES}{_NONCHARACTERS}]")
_REFUSED = re.compile(f"[{_CONTROLS}{_DIRECTIONS}{_HALVES}{_NONCHARACTERS}{_SEPARATORS}]")
_REFUSED_IN_A_LINE = re.compile(f"[\t\n\r{_CONTROLS}{_DIRECTIONS}{_HALVES}{_NONCHARACTERS}{_SEPARATORS}]")
# The same in UTF-8; by its first bytes each is found far faster than in a string.
_CONTROL_BYTES = bytes(code for code in range(0x80) if chr(code) not in "\t\n\r" and not chr(code).isprintable())
_SUSPECT_BYTES = tuple(
    re.compile(pattern)
    for pattern in (
        rb"\xc2[\x80-\x9f]",
        rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])",
        rb"\xed[\xa0-\xbf]",
        rb"\xef\xb7[\x90-\xaf]",
        rb"[\x8f\x9f\xaf\xbf\xef]\xbf[\xbe\xbf]",
    )
)
# How JSON writes controls; found behind a backslash that is itself escaped, too, which costs a second look.
_ESCAPED_CONTROL = re.compile(r"\\(?:[bf]|u00[0189])")
# Blanks, and what nobody sees: soft hyphens, marks and joiners, fillers, the mark of byte order.
_NOTHING = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2064\u2800\u3164\ufeff\uffa0]*"
)
# Unicode gives controls no names of their own; these are its aliases.
_C0 = (
    "NULL|START OF HEADING|START OF TEXT|END OF TEXT|END OF TRANSMISSION|ENQUIRY|ACKNOWLEDGE|ALERT|BACKSPACE|"
    "CHARACTER TABULATION|LINE FEED|LINE TABULATION|FORM FEED|CARRIAGE RETURN|SHIFT OUT|SHIFT IN|DATA LINK ESCAPE|"
    "DEVICE CONTROL ONE|DEVICE CONTROL TWO|DEVICE CONTROL THREE|DEVICE CONTROL FOUR|NEGATIVE ACKNOWLEDGE|"
    "SYNCHRONOUS IDLE|END OF TRANSMISSION BLOCK|CANCEL|END OF MEDIUM|SUBSTITUTE|ESCAPE|INFORMATION SEPARATOR FOUR|"
    "INFORMATION SEPARATOR THREE|INFORMATION SEPARATOR TWO|INFORMATION SEPARATOR ONE"
).split("|")
_C1 = (
    "DELETE|PADDING CHARACTER|HIGH OCTET PRESET|BREAK PERMITTED HERE|NO BREAK HERE|INDEX|NEXT LINE|"
    "START OF SELECTED AREA|END OF SELECTED AREA|CHARACTER TABULATION SET|CHARACTER TABULATION WITH JUSTIFICATION|"
    "LINE TABULATION SET|PARTIAL LINE FORWARD|PARTIAL LINE BACKWARD|REVERSE LINE FEED|SINGLE SHIFT TWO|"
    "SINGLE SHIFT THREE|DEVICE CONTROL STRING|PRIVATE USE ONE|PRIVATE USE TWO|SET TRANSMIT STATE|CANCEL CHARACTER|"
    "MESSAGE WAITING|START OF GUARDED AREA|END OF GUARDED AREA|START OF STRING|SINGLE GRAPHIC CHARACTER INTRODUCER|"
    "SINGLE CHARACTER INTRODUCER|CONTROL SEQUENCE INTRODUCER|STRING TERMINATOR|OPERATING SYSTEM COMMAND|"
    "PRIVACY MESSAGE|APPLICATION PROGRAM COMMAND"
).split("|")
_CONTROL_NAMES = dict(enumerate(_C0)) | {0x7F + at: name for at, name in enumerate(_C1)}


@dataclass(frozen=True)
class Kind:
    """What a value may be: at most `longest` characters, on several lines or on one, and whether it may be empty."""

    longest: int
    lines: bool = True
    required: bool = False


# What people write beside the text itself: notes, sources, reasons. Far above every one on record.
PROSE = Kind(20_000)
# One line of words, such as a title or the source of an entry.
LINE = Kind(500, lines=False)
# What is looked for: words of a search, a name in a filter, an argument of a command.
ASKED = Kind(2_000, lines=False)


@dataclass(frozen=True)
class Flaw:
    """A character that may not stand where it stands: its offset, and line and column, both from 1."""

    character: str
    offset: int
    line: int
    column: int


class NotPlain(ValueError):
    """Why a value does not pass: it holds `flaw`, else it is longer than `longest`, else (0) it is empty.

    As a string it is a sentence with the place and the way out, in the language of whoever reads.
    """

    def __init__(self, flaw: Flaw | None = None, longest: int = 0) -> None:
        super().__init__(flaw, longest)
        self.flaw = flaw
        self.longest = longest

    @property
    def is_too_long(self) -> bool:
        """Whether it is its length."""
        return self.longest > 0

    def __str__(self) -> str:
        if self.flaw is not None:
            return said_of(self.flaw)
        if self.is_too_long:
            return _("This text is longer than %(longest)s characters: shorten it.") % {"longest": f"{self.longest:,}"}
        return _("This field is empty: enter some text.")


def require(text: str, kind: Kind) -> None:
    """Raise NotPlain unless `text` is what `kind` says."""
    if len(text) > kind.longest:
        raise NotPlain(longest=kind.longest)
    if kind.required and says_nothing(text):
        raise NotPlain
    flaw = first_flaw(text, lines=kind.lines)
    if flaw is not None:
        raise NotPlain(flaw)


def says_nothing(text: str) -> bool:
    """Whether `text` is empty, or holds only blanks and what nobody sees."""
    return _NOTHING.fullmatch(text) is not None


def is_plain(text: str, kind: Kind) -> bool:
    """Whether `text` is what `kind` says."""
    try:
        require(text, kind)
    except NotPlain:
        return False
    return True


def first_flaw(text: str, *, lines: bool = True) -> Flaw | None:
    """Return the first character that is refused, None where there is none."""
    if _is_printable(text) if lines else text.isprintable():
        return None
    return next(flaws(text, lines=lines), None)


def flaws(text: str, *, lines: bool = True) -> Iterator[Flaw]:
    """Yield every character that is refused, in order."""
    for found in (_REFUSED if lines else _REFUSED_IN_A_LINE).finditer(text):
        yield _flaw(text, found.start())


def unwritable(text: str) -> Iterator[Flaw]:
    """Yield every character that `written_out` replaces."""
    for found in _UNWRITABLE.finditer(text):
        yield _flaw(text, found.start())


def written_out(text: str) -> str:
    """Return `text` as it leaves this site: U+FFFD stands for each character that cannot be carried, or misleads."""
    return text if _is_printable(text) else _UNWRITABLE.sub(REPLACEMENT, text)


def written_out_encoded(data: bytes) -> bytes:
    """Return text in UTF-8 as it leaves this site; costs next to nothing where there is nothing to replace."""
    plain = len(data.translate(None, _CONTROL_BYTES)) == len(data)
    if plain and (data.isascii() or not any(suspect.search(data) for suspect in _SUSPECT_BYTES)):
        return data
    return written_out(data.decode("utf-8", "surrogatepass")).encode("utf-8", "surrogatepass")


def strings_in(value: Any) -> list[str]:
    """Return every string in a value of JSON, the names of its members too."""
    found: list[str] = []
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, str):
            found.append(inner)
        elif isinstance(inner, dict):
            waiting += [*inner.keys(), *inner.values()]
        elif isinstance(inner, list | tuple):
            waiting += inner
    return found


def legible(value: Any) -> Any:
    """Return `value`, made of what JSON knows, with all its strings as they leave this site, names of members too."""
    if isinstance(value, str):
        return written_out(value)
    if isinstance(value, dict):
        return {legible(name): legible(inner) for name, inner in value.items()}
    return [legible(inner) for inner in value] if isinstance(value, list | tuple) else value


def written_as_json(value: Any, **options: Any) -> str:
    """Return `value` as JSON writes it, its strings as they leave this site; `options` are those of `json.dumps`."""
    said = json.dumps(value, ensure_ascii=False, **options)
    if is_written_out_json(said):
        return said
    return json.dumps(legible(value), ensure_ascii=False, **options)


def is_written_out_json(said: str) -> bool:
    """Whether nothing in a document of JSON is to be replaced; where in doubt, False."""
    return written_out(said) == said and _ESCAPED_CONTROL.search(said) is None


def is_direction_mark(character: str) -> bool:
    """Whether a character turns the direction of writing."""
    return _DIRECTION.match(character) is not None


def describe(character: str) -> str:
    """Return what Unicode calls a character, such as "U+202E RIGHT-TO-LEFT OVERRIDE"."""
    code = ord(character)
    name = unicodedata.name(character, "") or _CONTROL_NAMES.get(code, "")
    if not name:
        name = "SURROGATE" if 0xD800 <= code <= 0xDFFF else "NONCHARACTER" if _UNWRITABLE.match(character) else ""
    return f"U+{code:04X} {name}".rstrip()


def said_of(flaw: Flaw) -> str:
    """Return what is wrong with a character, where it stands, and the way out."""
    why = next(reason for members, reason in _REASONS if members.match(flaw.character))
    return _("Line %(line)s, column %(column)s: %(character)s is not allowed here. %(why)s") % {
        "line": flaw.line,
        "column": flaw.column,
        "character": describe(flaw.character),
        "why": why,
    }


_REASONS: tuple[tuple[re.Pattern[str], str | Promise], ...] = (
    (
        re.compile("[\t\n\r]"),
        gettext_lazy("This value must be on one line: replace the character with a space."),
    ),
    (
        re.compile(f"[{_SEPARATORS}]"),
        gettext_lazy("Some programs treat it as the end of a line and others do not: end the line with the Enter key."),
    ),
    (
        re.compile(f"[{_DIRECTIONS}]"),
        gettext_lazy(
            "It invisibly changes the writing direction, so that the text would read differently from "
            "what is stored: delete it. Texts written from right to left do not need it."
        ),
    ),
    (
        re.compile(f"[{_HALVES}]"),
        gettext_lazy("It is half of a character, as found in damaged files: delete it, or paste the text again."),
    ),
    (
        re.compile(f"[{_NONCHARACTERS}]"),
        gettext_lazy("It is not a valid character; damaged files contain them: delete it, or paste the text again."),
    ),
    (
        re.compile(f"[{_CONTROLS}]"),
        gettext_lazy("It is a control character, as found in binary files: delete it, or paste plain text."),
    ),
)


def _is_printable(text: str) -> bool:
    """Whether all is letters, line ends and tabs, as in most texts; seen at a tenth of the cost of a search."""
    return text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable()


def _flaw(text: str, offset: int) -> Flaw:
    """Return the flaw at `offset`; lines end as in the engine, with a line feed."""
    before = text.rfind("\n", 0, offset)
    return Flaw(text[offset], offset, text.count("\n", 0, offset) + 1, offset - before)
