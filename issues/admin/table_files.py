"""Files in which a table leaves the admin and comes in again: comma-separated values and workbooks.

Cells that a spreadsheet would take for a formula leave with an apostrophe in front, and come in without it.
"""

import csv
import io
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from typing import Any

from django.core import signing
from import_export.formats import base_formats
from import_export.tmp_storages import BaseStorage
from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from tablib import Dataset

from issues.interchange.file_checks import Unreadable, require_package
from issues.sync.csv_lines import FORMULA_PREFIXES, csv_line, escape_formula
from members.plain_text import written_out

# It waits in the page for its confirmation, and comes back in a form: of those, Django reads 2.5 MB.
LONGEST_TABLE = 1_000_000
_DAY = 24 * 3600


class TableUnreadable(Exception):
    """Why a file is no table, and the way out."""


class CSV(base_formats.CSV):  # type: ignore[misc]  # no types
    """Comma-separated values in UTF-8, with the mark by which a spreadsheet knows it; read with semicolons too."""

    def is_binary(self) -> bool:
        """Bytes: what is no UTF-8 is said by us."""
        return True

    def get_read_mode(self) -> str:
        """Bytes."""
        return "rb"

    def export_data(self, dataset: Dataset, **kwargs: Any) -> bytes:
        """Return the file."""
        return ("\ufeff" + "".join(csv_line(row) for row in _guarded(dataset))).encode()

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> Dataset:
        """Return the table; raises TableUnreadable."""
        try:
            text = in_stream.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise TableUnreadable("The file is not UTF-8. Save it as “CSV UTF-8”, or as .xlsx.") from error
        head = text.partition("\n")[0]
        # Where commas separate decimals, spreadsheets separate cells by semicolons.
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
        try:
            return _dataset(list(rows))
        except csv.Error as error:
            raise TableUnreadable(f"Line {rows.line_num} cannot be read: {error}.") from error


class XLSX(base_formats.XLSX):  # type: ignore[misc]  # no types
    """A workbook; its first sheet is the table."""

    def export_data(self, dataset: Dataset, **kwargs: Any) -> bytes:
        """Return the file."""
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Table")
        for row in _guarded(dataset):
            sheet.append([written_out(cell) if isinstance(cell, str) else cell for cell in row])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def create_dataset(self, in_stream: bytes) -> Dataset:
        """Return the table; raises TableUnreadable for what is no workbook, or would unpack to too much."""
        try:
            require_package(in_stream)
            sheet = load_workbook(io.BytesIO(in_stream), read_only=True, data_only=True).worksheets[0]
            return _dataset([_trimmed(row) for row in sheet.iter_rows(values_only=True)])
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
            raise TableUnreadable("This is no workbook, or it is damaged. Save it again as .xlsx.") from error
        except Unreadable as error:
            raise TableUnreadable(str(error)) from error


def _trimmed(row: Sequence[Any]) -> list[Any]:
    """Return the cells up to the last that holds something: a sheet is wider than its table."""
    cells = list(row)
    while cells and cells[-1] in (None, ""):
        cells.pop()
    return cells


def _guarded(dataset: Dataset) -> Iterable[list[Any]]:
    yield list(dataset.headers)
    for row in dataset:
        yield [f"'{cell}" if _looks_guarded(cell) else escape_formula(cell) for cell in row]


def _dataset(rows: list[list[Any]]) -> Dataset:
    """Return rows as a dataset, each as wide as the first, which names the columns."""
    if not rows or not any(rows[0]):
        raise TableUnreadable("The first row is empty: it names the columns.")
    columns = [str(name or "").strip() for name in rows[0]]
    if twice := sorted({name or "(no name)" for name in columns if columns.count(name) > 1}):
        raise TableUnreadable(f"Row 1: the column {', '.join(twice)} is there twice.")
    dataset = Dataset(headers=columns)
    for number, row in enumerate(rows[1:], start=2):
        if len(row) > len(columns):
            raise TableUnreadable(f"Row {number} has {len(row)} cells, and there are {len(columns)} columns.")
        dataset.append([_unguarded(cell) for cell in row] + [""] * (len(columns) - len(row)))
    return dataset


def _unguarded(cell: Any) -> Any:
    return cell[1:] if _looks_guarded(cell) else "" if cell is None else cell


def _looks_guarded(cell: Any) -> bool:
    return isinstance(cell, str) and cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_PREFIXES)


class InThePage(BaseStorage):  # type: ignore[misc]  # no types
    """Keeps a file until it is confirmed, sealed, in the form that confirms it: no server has to remember it."""

    def save(self, data: bytes) -> None:
        """Seal the file; its name is the file."""
        self.name = signing.dumps(b64encode(data).decode("ascii"), salt="table", compress=True)

    def read(self) -> bytes:
        """Return the file; raises TableUnreadable for another one, or after a day."""
        try:
            return b64decode(signing.loads(self.name, salt="table", max_age=_DAY))
        except signing.BadSignature as error:
            raise TableUnreadable("This preview is more than a day old. Send the file again.") from error

    def remove(self) -> None:
        """Nothing is left."""
