"""Lines of CSV for programs and spreadsheets."""

import csv
from collections.abc import Sequence

from members.plain_text import sanitize

# A spreadsheet treats a cell that begins with one of these characters as a formula, or drops the character.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """A file object that returns what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_line(cells: Sequence[str | int]) -> str:
    """Return one line with its line ending. Characters that no file should contain become U+FFFD."""
    cells = [sanitize(cell) if isinstance(cell, str) else cell for cell in cells]
    line: str = csv.writer(_Echo()).writerow(cells)
    return line


def escape_formula(value: str | int) -> str | int:
    """Return a cell that no spreadsheet treats as a formula: text that begins like one gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_PREFIXES) else value
