"""File formats for exported and imported tables: CSV and XLSX.

Exported cells that a spreadsheet would interpret as a formula start with an apostrophe, which the import removes.
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
from members.plain_text import sanitize

# The maximum file size in bytes. The page embeds the file until the import is confirmed, so it must fit into a form.
MAX_TABLE_SIZE = 1_000_000
_DAY = 24 * 3600


class TableUnreadable(Exception):
    """Raised if a file cannot be read as a table. The message gives the reason and a remedy."""


class CSV(base_formats.CSV):  # type: ignore[misc]  # no types
    """Comma-separated values in UTF-8 with a byte order mark, for spreadsheets. Imports may also use semicolons."""

    def is_binary(self) -> bool:
        """Return True, so that `create_dataset` receives bytes and can report files that are not UTF-8."""
        return True

    def get_read_mode(self) -> str:
        """Return the mode for reading bytes."""
        return "rb"

    def export_data(self, dataset: Dataset, **kwargs: Any) -> bytes:
        """Return the file content."""
        return ("\ufeff" + "".join(csv_line(row) for row in _escaped_rows(dataset))).encode()

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> Dataset:
        """Return the table. Raise TableUnreadable if the file is not valid CSV in UTF-8."""
        try:
            text = in_stream.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise TableUnreadable("The file is not UTF-8. Save it as “CSV UTF-8” or .xlsx.") from error
        header = text.partition("\n")[0]
        # In locales with a decimal comma, spreadsheets separate cells with semicolons.
        rows = csv.reader(
            io.StringIO(text, newline=""), delimiter=";" if header.count(";") > header.count(",") else ","
        )
        try:
            return _dataset(list(rows))
        except csv.Error as error:
            raise TableUnreadable(f"Line {rows.line_num} cannot be read: {error}.") from error


class XLSX(base_formats.XLSX):  # type: ignore[misc]  # no types
    """A workbook whose first sheet is the table."""

    def export_data(self, dataset: Dataset, **kwargs: Any) -> bytes:
        """Return the file content."""
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Table")
        for row in _escaped_rows(dataset):
            sheet.append([sanitize(cell) if isinstance(cell, str) else cell for cell in row])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def create_dataset(self, in_stream: bytes) -> Dataset:
        """Return the table. Raise TableUnreadable if the file is not a workbook or is too large when unpacked."""
        try:
            require_package(in_stream)
            sheet = load_workbook(io.BytesIO(in_stream), read_only=True, data_only=True).worksheets[0]
            return _dataset([_trimmed(row) for row in sheet.iter_rows(values_only=True)])
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
            raise TableUnreadable("The file is not a workbook or is damaged. Save it again as .xlsx.") from error
        except Unreadable as error:
            raise TableUnreadable(str(error)) from error


def _trimmed(row: Sequence[Any]) -> list[Any]:
    """Return the cells up to the last non-empty cell, because a sheet may be wider than its table."""
    cells = list(row)
    while cells and cells[-1] in (None, ""):
        cells.pop()
    return cells


def _escaped_rows(dataset: Dataset) -> Iterable[list[Any]]:
    yield list(dataset.headers)
    for row in dataset:
        yield [f"'{cell}" if _looks_escaped(cell) else escape_formula(cell) for cell in row]


def _dataset(rows: list[list[Any]]) -> Dataset:
    """Return the rows as a dataset. The first row names the columns, and the other rows are padded to its width.

    Raise TableUnreadable for an empty first row, a repeated column name, or a row with too many cells.
    """
    if not rows or not any(rows[0]):
        raise TableUnreadable("The first row is empty: it must contain the column names.")
    columns = [str(name or "").strip() for name in rows[0]]
    if repeated := sorted({name or "(no name)" for name in columns if columns.count(name) > 1}):
        raise TableUnreadable(f"Row 1: repeated column names: {', '.join(repeated)}. Each name may appear only once.")
    dataset = Dataset(headers=columns)
    for number, row in enumerate(rows[1:], start=2):
        if len(row) > len(columns):
            raise TableUnreadable(f"Row {number} has {len(row)} cells, but the table has {len(columns)} columns.")
        dataset.append([_unescaped(cell) for cell in row] + [""] * (len(columns) - len(row)))
    return dataset


def _unescaped(cell: Any) -> Any:
    return cell[1:] if _looks_escaped(cell) else "" if cell is None else cell


def _looks_escaped(cell: Any) -> bool:
    return isinstance(cell, str) and cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_PREFIXES)


class SignedFormStorage(BaseStorage):  # type: ignore[misc]  # no types
    """Storage for an uploaded file in the form that confirms the import, so that no server has to store the file.

    The file is signed.
    """

    def save(self, data: bytes) -> None:
        """Sign the file and use the signed file as its name."""
        self.name = signing.dumps(b64encode(data).decode("ascii"), salt="table", compress=True)

    def read(self) -> bytes:
        """Return the file. Raise TableUnreadable if the signature is invalid or older than a day."""
        try:
            return b64decode(signing.loads(self.name, salt="table", max_age=_DAY))
        except signing.BadSignature as error:
            raise TableUnreadable("This preview is invalid or more than a day old. Upload the file again.") from error

    def remove(self) -> None:
        """Do nothing, because no file is stored."""
