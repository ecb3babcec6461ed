"""Rows sent as a file: comma-separated values, a workbook, or JSON, with what was asked and when inside."""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpResponse, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from issues.comma_separated import line, safe

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Table:
    """A table to be sent: its name, its columns, and `about`, what it says of itself beside the rows."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[str | int]]
    about: dict[str, str]


def as_csv(table: Table) -> StreamingHttpResponse:
    """Return the table row by row; what it says of itself stands in the last rows, behind an empty one."""

    def lines() -> Iterator[str]:
        yield "\ufeff" + line(table.columns)  # the mark by which a spreadsheet knows UTF-8
        for row in table.rows:
            yield line([safe(value) for value in row])
        yield line([])
        for name, value in table.about.items():
            yield line([name, safe(value)])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{table.name}.csv"'
    return answer


def as_workbook(table: Table) -> HttpResponse:
    """Return the table as a workbook, what it says of itself on a sheet of its own; no cell is a formula."""
    book = Workbook(write_only=True)
    sheet, about = book.create_sheet(table.name[:31]), book.create_sheet("Query")

    def cell(value: str | int) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, value=value)
        if isinstance(value, str):
            made.data_type = "s"  # also where it begins with "="
        return made

    sheet.append(list(table.columns))
    for row in table.rows:
        sheet.append([cell(value) for value in row])
    for name, value in table.about.items():
        about.append([name, cell(value)])
    out = io.BytesIO()
    book.save(out)
    answer = HttpResponse(out.getvalue(), content_type=WORKBOOK)
    answer["Content-Disposition"] = f'attachment; filename="{table.name}.xlsx"'
    return answer


def as_json(table: Table) -> HttpResponse:
    """Return the table as one document, each row by the names of its columns."""
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    said = json.dumps({**table.about, "count": len(rows), table.name: rows}, ensure_ascii=False, indent=1)
    answer = HttpResponse(said, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{table.name}.json"'
    return answer


FORMATS = {"csv": as_csv, "xlsx": as_workbook, "json": as_json}
