"""Pagination: numbered pages for short lists, and cursors, with a constant cost per page, for long lists."""

import base64
import binascii
import json
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from issues.api.errors import Problem, error_entry

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 50, 200
URL_SCHEMA = {"type": ["string", "null"], "format": "uri"}
PAGE_SIZE_PARAMETER = {
    "name": "page_size",
    "required": False,
    "in": "query",
    "description": f"Number of rows per page, at most {MAX_PAGE_SIZE}.",
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
}


def requested_page_size(request: Request) -> int:
    """Return the requested page size. Raise ValidationError if it is invalid."""
    size = request.query_params.get("page_size")
    if size is None:
        return DEFAULT_PAGE_SIZE
    if not (size.isascii() and size.isdigit() and len(size) < 9 and int(size)):
        raise ValidationError({"page_size": f"Enter a number from 1 to {MAX_PAGE_SIZE}."})
    return min(int(size), MAX_PAGE_SIZE)


class NumberedPagination(PageNumberPagination):
    """Numbered pages of 50 rows by default, or of up to 200 rows with `?page_size=`."""

    parameters = frozenset({"page", "page_size"})
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE

    def get_page_size(self, request: Request) -> int:
        return requested_page_size(request)

    def get_page_number(self, request: Request, paginator: Any) -> int:
        """Return the requested page number.

        Raise ValidationError if it is invalid, and Problem if it is past the last page.
        """
        number = request.query_params.get(self.page_query_param, "1")
        if not (number.isascii() and number.isdigit() and len(number) < 9 and int(number)):
            raise ValidationError({"page": "Enter a number from 1."})
        if int(number) > paginator.num_pages:
            message = f"There is no page {number}. The last page is {paginator.num_pages}."
            raise Problem("not_found", message, [error_entry("page", message)])
        return int(number)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        number = {"type": "integer", "minimum": 1, "default": 1}
        return [
            {"name": "page", "required": False, "in": "query", "description": "Page number, from 1.", "schema": number},
            PAGE_SIZE_PARAMETER,
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "Total number of rows."},
                "next": {**URL_SCHEMA, "description": "URL of the next page; null on the last page."},
                "previous": {**URL_SCHEMA, "description": "URL of the previous page; null on the first page."},
                "results": schema,
            },
        }


class CursorPagination(BasePagination):
    """Pages that start after the last row of the previous page. The cursor holds that row's values in the sort columns.

    The sort order must end in a unique key. `count` is given only on the first page, because counting on every page
    would cost more than the cursor saves. If the rows are sorted by rank (best match), the cursor holds the number of
    preceding rows instead.
    """

    parameters = frozenset({"cursor", "page_size"})
    display_page_controls = False

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request, size = request, requested_page_size(request)
        self.order = [str(name) for name in queryset.query.order_by if isinstance(name, str)]
        self.keyed = len(self.order) == len(queryset.query.order_by) and bool(self.order)
        values = _decode_cursor(request.query_params.get("cursor"), self.order if self.keyed else ["offset"])
        self.count = queryset.count() if values is None else None
        skipped = 0
        if values is not None and self.keyed:
            queryset = _rows_after(queryset, self.order, values)
        elif values is not None:
            skipped = _offset_in(values[0])
        rows = list(queryset[skipped : skipped + size + 1])
        self.more = len(rows) > size
        self.last = rows[size - 1] if self.more else None
        self.offset = skipped + size
        return rows[:size]

    def get_next_link(self) -> str | None:
        """Return the URL of the next page, or None on the last page."""
        if not self.more:
            return None
        values = [_value_at(self.last, name.lstrip("-")) for name in self.order] if self.keyed else [self.offset]
        cursor = base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"count": self.count, "next": self.get_next_link(), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["count", "next", "results"],
            "properties": {
                "count": {
                    "type": ["integer", "null"],
                    "description": "Total number of rows on the first page; null on all other pages.",
                },
                "next": {**URL_SCHEMA, "description": "URL of the next page; null on the last page."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        description = "Cursor at which to continue. Use a value from `next`, and do not construct cursors yourself."
        return [
            {
                "name": "cursor",
                "required": False,
                "in": "query",
                "description": description,
                "schema": {"type": "string"},
            },
            PAGE_SIZE_PARAMETER,
        ]


def _decode_cursor(cursor: str | None, order: list[str]) -> list[Any] | None:
    """Return the values in a cursor, or None if there is none. Raise ValidationError for an invalid cursor."""
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, UnicodeError, ValueError, RecursionError):
        values = None
    fits = isinstance(values, list) and len(values) == len(order)
    if not fits or not all(isinstance(value, int | str) and not isinstance(value, bool) for value in values):
        raise _invalid_cursor()
    return list(values)


def _invalid_cursor() -> ValidationError:
    return ValidationError({"cursor": "Invalid cursor. Use the cursor in `next` of this list, or start without one."})


def _offset_in(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**31:
        raise _invalid_cursor()
    return value


def _rows_after(queryset: QuerySet[Any], order: list[str], values: list[Any]) -> QuerySet[Any]:
    if any("\x00" in value for value in values if isinstance(value, str)):
        raise _invalid_cursor()
    try:
        return queryset.filter(_after_condition(order, values))
    except (TypeError, ValueError, DjangoValidationError):  # text where the column holds a number, or an invalid date
        raise _invalid_cursor() from None


def _value_at(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = row.pk if part == "pk" else getattr(row, part)
    return row


def _after_condition(order: list[str], values: list[Any]) -> Q:
    """Return the condition for rows after the row with these values: a >= x and not (a = x and (b, c) <= (y, z)).

    Given a condition in this form, the database can start in the middle of an index, and it estimates the number of
    rows correctly. Given two conditions on the same column, PostgreSQL multiplies their selectivities, and then sorts
    all remaining rows instead of reading the next page from the index.
    """
    first, *rest = order
    column, beyond = (first[1:], "lte") if first.startswith("-") else (first, "gte")
    return Q(**{f"{column}__{beyond}": values[0]}) & ~(Q(**{column: values[0]}) & _up_to_condition(rest, values[1:]))


def _up_to_condition(order: list[str], values: list[Any]) -> Q:
    """Return the condition for rows up to and including the row with these values: b < y or (b = y and c <= z)."""
    condition, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column, before = (name[1:], "gt") if name.startswith("-") else (name, "lt")
        condition |= equal & Q(**{f"{column}__{before}": value})
        equal &= Q(**{column: value})
    return condition | equal
