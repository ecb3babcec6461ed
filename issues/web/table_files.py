"""Tables as files (CSV, workbook or JSON), with the query and the time of the export."""

import datetime
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, reads_everything
from issues.models.known import known_at
from issues.sync.csv_lines import csv_line, escape_formula
from members.plain_text import sanitize, to_json

DEMONSTRATION_ROWS = gettext_lazy(
    "Demonstration: in rows marked “demonstration”, the wording, the positions and the dates are invented."
)
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Table:
    """A table to export: its name, columns and rows, and metadata in `about`."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[str | int]]
    about: dict[str, str]


def about(request: HttpRequest, day: datetime.date | None) -> dict[str, str]:
    """Return the metadata of an exported table: negotiation, query, dates, export time, and a note on omitted parts."""
    negotiation = negotiation_of(request)
    left_out = _("Parts that this reader is not permitted to see are omitted.")
    return {
        "negotiation": negotiation.slug,
        "query": request.GET.urlencode(),
        "as_of": str(negotiation.day(day)),
        "known_at": moment.isoformat(timespec="seconds") if (moment := known_at(day)) else "",
        "exported_at": timezone.now().isoformat(timespec="seconds"),
        "address": request.build_absolute_uri(),
        "version": f"JSI tracker {settings.VERSION}",
        "demonstration": str(DEMONSTRATION_ROWS) if negotiation.has_demonstration else "",
        "left_out": "" if reads_everything(reader_of(request.user), negotiation.pk) else left_out,
    }


def yes_no(value: bool) -> str:
    """Return the value of a column that answers a question. The word is the same in every language."""
    return "yes" if value else "no"


def sender(request: HttpRequest) -> Callable[[Table], HttpResponseBase]:
    """Return the function that writes a table in the requested `format`. Raise BadRequest for an unknown format."""
    name = request.GET.get("format", "csv")
    if name not in FORMATS:
        formats = ", ".join(FORMATS)
        raise BadRequest(
            _("Unknown format “%(format)s”. Choose one of %(formats)s.") % {"format": name, "formats": formats}
        )
    return FORMATS[name]


def as_csv(table: Table) -> StreamingHttpResponse:
    """Return the table as CSV, row by row. The last rows, after an empty row, hold the metadata."""

    def lines() -> Iterator[str]:
        yield "\ufeff" + csv_line(table.columns)  # the byte order mark makes spreadsheets read UTF-8
        for row in table.rows:
            yield csv_line([escape_formula(value) for value in row])
        yield csv_line([])
        for name, value in table.about.items():
            yield csv_line([name, escape_formula(value)])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table.name}.csv"'
    return response


def as_workbook(table: Table) -> HttpResponse:
    """Return the table as a workbook with the metadata on a second sheet. No cell is a formula."""
    book = Workbook(write_only=True)
    sheet, about = book.create_sheet(table.name[:31]), book.create_sheet("Query")

    def cell(value: str | int) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, value=sanitize(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"  # even if it begins with "="
        return made

    sheet.append(list(table.columns))
    for row in table.rows:
        sheet.append([cell(value) for value in row])
    for name, value in table.about.items():
        about.append([name, cell(value)])
    out = io.BytesIO()
    book.save(out)
    response = HttpResponse(out.getvalue(), content_type=WORKBOOK)
    response["Content-Disposition"] = f'attachment; filename="{table.name}.xlsx"'
    return response


def as_json(table: Table) -> HttpResponse:
    """Return the table as one JSON object, with each row as an object."""
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    document = to_json({**table.about, "count": len(rows), table.name: rows}, indent=1)
    response = HttpResponse(document, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{table.name}.json"'
    return response


FORMATS: dict[str, Callable[[Table], HttpResponseBase]] = {"csv": as_csv, "xlsx": as_workbook, "json": as_json}
