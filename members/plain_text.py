"""Validate the characters of incoming text, and make outgoing text safe.

Theory of operation
-------------------

Text reaches the site through forms, the API, imports, tables and commands, and leaves it as HTML, XML, JSON, Word
documents, PDF, spreadsheets and e-mail. A character that one of these formats cannot represent would break the output
for every reader. An invisible character that changes the reading order could make the displayed text differ from the
stored text. The functions `validate` and `sanitize` prevent both problems.

`validate` checks every incoming string against its `TextRules`, in this order:

1. Length. The length is known without searching the text, so an oversized text is never searched.
2. Emptiness, if a value is required. A text that consists of spaces and invisible characters counts as empty.
3. Characters. Three kinds of character are rejected. Control characters, lone surrogates and noncharacters cannot be
   represented in XML 1.0. Bidirectional embeddings, overrides and isolates (Unicode Standard Annex 9) change the order
   in which text is displayed. Only some programs treat the separators U+2028 and U+2029 as line ends, so line numbers
   would differ between programs.
4. Lines. A single-line value must not contain line ends or tabs.

The marks LRM, RLM and ALM and the joiners ZWJ and ZWNJ are accepted, because Arabic, Persian and Indic scripts need
them.

`sanitize` is applied to every outgoing string. Text stored before the rules were introduced may contain rejected
characters. Each such character is replaced with one U+FFFD, so that offsets into the text remain valid. U+2028 and
U+2029 are not replaced, because every format can represent them.

The following example shows an override hidden in the text of an article.

    >>> validate("A line\\nand another", PROSE)
    >>> invalid = first_invalid_character("Each Member\\nshall \\u202eton act")
    >>> describe(invalid.character), invalid.line, invalid.column
    ('U+202E RIGHT-TO-LEFT OVERRIDE', 2, 7)
    >>> sanitize("shall \\u202eton act") == "shall \\ufffdton act"
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
# Regular expression ranges, one for each reason for rejection.
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane + low) for plane in range(0, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF)
)
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"
_SURROGATES = "\ud800-\udfff"
_SEPARATORS = "\u2028\u2029"
_BIDI_CONTROL = re.compile(f"[{_BIDI_CONTROLS}]")
_REPLACED = re.compile(f"[{_CONTROLS}{_BIDI_CONTROLS}{_SURROGATES}{_NONCHARACTERS}]")
_REJECTED = re.compile(f"[{_CONTROLS}{_BIDI_CONTROLS}{_SURROGATES}{_NONCHARACTERS}{_SEPARATORS}]")
_REJECTED_IN_LINE = re.compile(f"[\t\n\r{_CONTROLS}{_BIDI_CONTROLS}{_SURROGATES}{_NONCHARACTERS}{_SEPARATORS}]")
# Patterns for replaced characters in UTF-8, because searching bytes is much faster than searching a string.
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
# Control characters in their JSON escapes. The pattern also matches some text after an escaped backslash, in which case
# the document is serialized a second time without need.
_ESCAPED_CONTROL = re.compile(r"\\(?:[bf]|u00[0189])")
# Whitespace and invisible characters, which include soft hyphens, marks, joiners, fillers and the byte order mark.
_BLANK = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2064\u2800\u3164\ufeff\uffa0]*"
)
# Formal aliases of the control characters, which have no names in Unicode.
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
_CONTROL_NAMES = dict(enumerate(_C0)) | dict(enumerate(_C1, start=0x7F))


@dataclass(frozen=True)
class TextRules:
    """The rules for a value.

    `max_length` is the maximum length in characters. `multiline` allows several lines. `required` forbids empty values.
    """

    max_length: int
    multiline: bool = True
    required: bool = False


# Prose about the text, such as a note, a source or a reason. The limit far exceeds the longest value on record.
PROSE = TextRules(20_000)
# One line, such as a title or the source of an entry.
LINE = TextRules(500, multiline=False)
# A query, such as search terms, a name in a filter, or an argument of a command.
QUERY = TextRules(2_000, multiline=False)


@dataclass(frozen=True)
class InvalidCharacter:
    """A rejected character. The offset is counted from 0, and the line and column are counted from 1."""

    character: str
    offset: int
    line: int
    column: int


class InvalidText(ValueError):
    """Raised when a value violates its rules.

    If `character` is set, the value contains that character. If `max_length` is set, the value exceeds that length.
    Otherwise, the value is empty. `str(error)` is a sentence in the active language that locates the error and explains
    how to correct it.
    """

    def __init__(self, character: InvalidCharacter | None = None, max_length: int = 0) -> None:
        super().__init__(character, max_length)
        self.character = character
        self.max_length = max_length

    @property
    def is_too_long(self) -> bool:
        """Whether the value exceeds its maximum length."""
        return self.max_length > 0

    def __str__(self) -> str:
        if self.character is not None:
            return explain(self.character)
        if self.is_too_long:
            return _("This text is longer than %(longest)s characters. Shorten it.") % {
                "longest": f"{self.max_length:,}"
            }
        return _("This field is empty. Enter some text.")


def validate(text: str, rules: TextRules) -> None:
    """Raise InvalidText if `text` violates `rules`."""
    if len(text) > rules.max_length:
        raise InvalidText(max_length=rules.max_length)
    if rules.required and is_blank(text):
        raise InvalidText
    character = first_invalid_character(text, multiline=rules.multiline)
    if character is not None:
        raise InvalidText(character)


def is_blank(text: str) -> bool:
    """Return whether `text` is empty or contains only whitespace and invisible characters."""
    return _BLANK.fullmatch(text) is not None


def is_valid(text: str, rules: TextRules) -> bool:
    """Return whether `text` complies with `rules`."""
    try:
        validate(text, rules)
    except InvalidText:
        return False
    return True


def first_invalid_character(text: str, *, multiline: bool = True) -> InvalidCharacter | None:
    """Return the first rejected character in `text`, or None if `text` contains no rejected character."""
    if _is_printable(text) if multiline else text.isprintable():
        return None
    return next(invalid_characters(text, multiline=multiline), None)


def invalid_characters(text: str, *, multiline: bool = True) -> Iterator[InvalidCharacter]:
    """Yield the rejected characters in `text` in order."""
    for match in (_REJECTED if multiline else _REJECTED_IN_LINE).finditer(text):
        yield _invalid_at(text, match.start())


def replaced_characters(text: str) -> Iterator[InvalidCharacter]:
    """Yield, in order, the characters in `text` that `sanitize` replaces."""
    for match in _REPLACED.finditer(text):
        yield _invalid_at(text, match.start())


def sanitize(text: str) -> str:
    """Return `text` with U+FFFD in place of each unrepresentable or misleading character."""
    return text if _is_printable(text) else _REPLACED.sub(REPLACEMENT, text)


def sanitize_bytes(data: bytes) -> bytes:
    """Return `data`, a text encoded in UTF-8, after the same replacements as in `sanitize`.

    The function is very fast if no replacements are needed.
    """
    plain = len(data.translate(None, _CONTROL_BYTES)) == len(data)
    if plain and (data.isascii() or not any(suspect.search(data) for suspect in _SUSPECT_BYTES)):
        return data
    return sanitize(data.decode("utf-8", "surrogatepass")).encode("utf-8", "surrogatepass")


def strings_in(value: Any) -> list[str]:
    """Return all strings in a JSON value, including object keys."""
    strings: list[str] = []
    pending = [value]
    while pending:
        inner = pending.pop()
        if isinstance(inner, str):
            strings.append(inner)
        elif isinstance(inner, dict):
            pending += [*inner.keys(), *inner.values()]
        elif isinstance(inner, list | tuple):
            pending += inner
    return strings


def sanitize_json(value: Any) -> Any:
    """Return a JSON value with all its strings sanitized, including object keys."""
    if isinstance(value, str):
        return sanitize(value)
    if isinstance(value, dict):
        return {sanitize_json(name): sanitize_json(inner) for name, inner in value.items()}
    return [sanitize_json(inner) for inner in value] if isinstance(value, list | tuple) else value


def to_json(value: Any, **options: Any) -> str:
    """Return `value` as a JSON document with sanitized strings. `options` are passed to `json.dumps`."""
    document = json.dumps(value, ensure_ascii=False, **options)
    if is_sanitized_json(document):
        return document
    return json.dumps(sanitize_json(value), ensure_ascii=False, **options)


def is_sanitized_json(document: str) -> bool:
    """Return whether a JSON document needs no replacements. If this is uncertain, the result is False.

    The document must have been written with `ensure_ascii=False`: apart from control characters, escapes are not read.
    """
    return sanitize(document) == document and _ESCAPED_CONTROL.search(document) is None


def is_bidi_control(character: str) -> bool:
    """Return whether a character is a bidirectional embedding, override or isolate."""
    return _BIDI_CONTROL.match(character) is not None


def describe(character: str) -> str:
    """Return the code point and Unicode name of a character, such as "U+202E RIGHT-TO-LEFT OVERRIDE"."""
    code = ord(character)
    name = unicodedata.name(character, "") or _CONTROL_NAMES.get(code, "")
    if not name:
        name = "SURROGATE" if 0xD800 <= code <= 0xDFFF else "NONCHARACTER" if _REPLACED.match(character) else ""
    return f"U+{code:04X} {name}".rstrip()


def explain(invalid: InvalidCharacter) -> str:
    """Return a message that names and locates a rejected character and gives the reason for its rejection."""
    why = next(reason for characters, reason in _REASONS if characters.match(invalid.character))
    return _("Line %(line)s, column %(column)s: %(character)s is not allowed here. %(why)s") % {
        "line": invalid.line,
        "column": invalid.column,
        "character": describe(invalid.character),
        "why": why,
    }


_REASONS: tuple[tuple[re.Pattern[str], str | Promise], ...] = (
    (
        re.compile("[\t\n\r]"),
        gettext_lazy("This value must be on one line. Replace the character with a space."),
    ),
    (
        re.compile(f"[{_SEPARATORS}]"),
        gettext_lazy(
            "Some programs treat it as the end of a line, but others do not. Use the Enter key to end the line."
        ),
    ),
    (
        re.compile(f"[{_BIDI_CONTROLS}]"),
        gettext_lazy(
            "It is invisible but changes the writing direction, so the displayed text would differ from the "
            "stored text. Delete it. Text written from right to left does not need it."
        ),
    ),
    (
        re.compile(f"[{_SURROGATES}]"),
        gettext_lazy("It is half of a character, as found in damaged files. Delete it, or paste the text again."),
    ),
    (
        re.compile(f"[{_NONCHARACTERS}]"),
        gettext_lazy("It is an invalid character, as found in damaged files. Delete it, or paste the text again."),
    ),
    (
        re.compile(f"[{_CONTROLS}]"),
        gettext_lazy("It is a control character, as found in binary files. Delete it, or paste plain text."),
    ),
)


def _is_printable(text: str) -> bool:
    """Return whether `text` consists of printable characters, line ends and tabs, as most texts do.

    This check takes a tenth of the time that a regular expression search takes.
    """
    return text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable()


def _invalid_at(text: str, offset: int) -> InvalidCharacter:
    """Return the invalid character at `offset` in `text`. As in the engine, only line feeds end lines."""
    before = text.rfind("\n", 0, offset)
    return InvalidCharacter(text[offset], offset, text.count("\n", 0, offset) + 1, offset - before)
