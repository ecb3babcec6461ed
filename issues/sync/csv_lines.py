"""Lines of CSV for programs and spreadsheets."""

import csv
from collections.abc import Sequence

from members.plain_text import sanitize

# A spreadsheet treats a cell that begins with one of these characters as a formula, or drops the character.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """A file-like object whose method `write` returns its argument."""

    def write(self, line: str) -> str:
        return line


def csv_line(cells: Sequence[str | int]) -> str:
    """Return a CSV line that includes its line ending.

    Characters that are not permitted in files are replaced with U+FFFD.
    """
    cells = [sanitize(cell) if isinstance(cell, str) else cell for cell in cells]
    line: str = csv.writer(_Echo()).writerow(cells)
    return line


def escape_formula(value: str | int) -> str | int:
    """Return `value`, preceded by an apostrophe if a spreadsheet might treat it as a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_PREFIXES) else value
