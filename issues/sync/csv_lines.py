"""Lines of comma-separated values, for programs and spreadsheets."""

import csv
from collections.abc import Sequence

from members.plain_text import written_out

# A spreadsheet takes a cell that begins with one of these for a formula, or loses it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def line(cells: Sequence[str | int]) -> str:
    """Return one line, with its end; what no file should hold is written out as U+FFFD."""
    said = [written_out(cell) if isinstance(cell, str) else cell for cell in cells]
    written: str = csv.writer(_Echo()).writerow(said)
    return written


def safe(value: str | int) -> str | int:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
