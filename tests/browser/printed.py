"""Print a page to PDF with Chromium, and read the characters and their places from the PDF.

This reader understands what Chromium writes, and no more of PDF than that: objects in plain sight, compressed streams,
and text as glyph numbers, which each font translates to characters.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from playwright.sync_api import Page

# The size of an A4 sheet, and the height of its foot, in points.
WIDTH, HEIGHT = 595.9, 842.9
FOOT = 24 / 25.4 * 72

OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
STREAM = re.compile(rb"stream\n(.*)\nendstream", re.DOTALL)
TOKEN = re.compile(r"<[0-9A-Fa-f]+>|/\w+|[-+]?\d*\.?\d+|[A-Za-z][A-Za-z0-9*]*")
GLYPH = re.compile(r"[0-9A-Fa-f]{4}")
RANGE = re.compile(rb"<(\w{4})> <(\w{4})> <(\w+)>")
PAIR = re.compile(rb"^<(\w{4})> <(\w+)>$", re.MULTILINE)

Matrix = tuple[float, float, float, float, float, float]
UNCHANGED: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Character:
    """A printed character and its place: points from the left edge and from the bottom edge."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Sheet:
    """The characters on a sheet."""

    characters: tuple[Character, ...]

    @cached_property
    def body(self) -> "Sheet":
        """The part above the foot."""
        return Sheet(tuple(character for character in self.characters if character.y > FOOT))

    @cached_property
    def foot(self) -> str:
        """The text of the foot on one line."""
        return Sheet(tuple(character for character in self.characters if character.y <= FOOT)).text

    @cached_property
    def text(self) -> str:
        """The lines from top to bottom, joined by blanks."""
        lines: dict[int, list[Character]] = {}
        for character in self.characters:
            lines.setdefault(round(character.y), []).append(character)
        rows = (sorted(lines[y], key=lambda character: character.x) for y in sorted(lines, reverse=True))
        joined = " ".join("".join(character.text for character in row) for row in rows)
        return " ".join(unicodedata.normalize("NFKC", joined).split())

    @property
    def share_of_width(self) -> float:
        """The share of the sheet's width between the first and the last column of text."""
        columns = [character.x for character in self.characters]
        return (max(columns) - min(columns)) / WIDTH

    @property
    def share_of_height(self) -> float:
        """The share of the space above the foot that lies above the lowest line of text."""
        return (HEIGHT - min(character.y for character in self.characters)) / (HEIGHT - FOOT)


def printed(page: Page) -> list[Sheet]:
    """Return the sheets that the page prints on A4, as readers get them from Ctrl-P: without backgrounds."""
    return sheets(page.pdf(format="A4", print_background=False, display_header_footer=False))


def sheets(pdf: bytes) -> list[Sheet]:
    """Return the sheets of a PDF that Chromium has written."""
    objects = {int(number): body for number, body in OBJECT.findall(pdf)}
    fonts = {
        number: _characters_of(_stream(objects[int(table[1])]))
        for number, body in objects.items()
        if (table := re.search(rb"/ToUnicode (\d+) 0 R", body))
    }
    pages = [body for body in objects.values() if body.startswith(b"<</Type /Page\n")]
    contents = [re.search(rb"/Contents (\d+) 0 R", body) for body in pages]
    return [Sheet(tuple(_drawn(_stream(objects[int(content[1])]), fonts))) for content in contents if content]


def _stream(body: bytes) -> bytes:
    """Return the unpacked stream of an object."""
    stream = STREAM.search(body)
    assert stream is not None
    return zlib.decompress(stream[1])


def _characters_of(table: bytes) -> dict[int, str]:
    """Return the character of each glyph in a table that translates glyph numbers (`ToUnicode`)."""
    characters = {int(glyph, 16): _utf16(text) for glyph, text in PAIR.findall(table)}
    for first, last, text in RANGE.findall(table):
        for offset in range(int(last, 16) - int(first, 16) + 1):
            characters[int(first, 16) + offset] = chr(int(text, 16) + offset)
    return characters


def _utf16(digits: bytes) -> str:
    """Return the text of hexadecimal digits in UTF-16."""
    return bytes.fromhex(digits.decode()).decode("utf-16-be")


def _drawn(content: bytes, fonts: dict[int, dict[int, str]]) -> Iterator[Character]:
    """Yield the characters that the content of a sheet draws."""
    current, text_matrix = UNCHANGED, UNCHANGED
    kept: list[Matrix] = []
    font: dict[int, str] = {}
    for operator, operands in _operations(content):
        match operator:
            case "q":
                kept.append(current)
            case "Q":
                current = kept.pop()
            case "cm":
                current = _multiplied(_matrix(operands), current)
            case "Tf":
                font = fonts[int(operands[0].removeprefix("/F"))]
            case "Tm":
                text_matrix = _matrix(operands)
            case "Td":
                text_matrix = _multiplied(_matrix(["1", "0", "0", "1", *operands]), text_matrix)
            case "Tj":
                *_, x, y = _multiplied(text_matrix, current)
                yield Character("".join(font.get(int(glyph, 16), "") for glyph in GLYPH.findall(operands[0])), x, y)


def _operations(content: bytes) -> Iterator[tuple[str, list[str]]]:
    """Yield each operator with the operands before it."""
    operands: list[str] = []
    for token in TOKEN.findall(content.decode("latin-1")):
        if token[0].isalpha():
            yield token, operands
            operands = []
        else:
            operands.append(token)


def _matrix(operands: list[str]) -> Matrix:
    """Return six operands as a matrix."""
    a, b, c, d, e, f = (float(operand) for operand in operands)
    return a, b, c, d, e, f


def _multiplied(first: Matrix, second: Matrix) -> Matrix:
    """Return the transformation that applies `first` and then `second`."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m
