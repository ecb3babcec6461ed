"""Query parameters shared by many pages: numbers, the selected day, and the slug or code of a row."""

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import BadRequest, ObjectDoesNotExist, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from issues.filters import days
from issues.filters.days import shown_as_of
from members.codes import get_by_code
from members.plain_text import QUERY, is_valid

Row = TypeVar("Row", bound=Model)


def number(query: Mapping[str, str], name: str) -> int:
    """Return a parameter as a number, or -1 if it is missing or not a natural number of at most nine digits."""
    value = query.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1


def requested_day(request: HttpRequest) -> datetime.date | None:
    """Return the date in `?as_of=YYYY-MM-DD`, or None for the present.

    With `?known_at=`, the result also holds the point in time as of which the record is read. Raise BadRequest if the
    date or that time is invalid or in the future.
    """
    value = request.GET.get("as_of", "").strip()
    try:
        day = days.parse_day(value)
    except ValidationError as error:
        raise BadRequest(
            _("As of “%(asked)s”: %(messages)s") % {"asked": value, "messages": " ".join(error.messages)}
        ) from error
    value = request.GET.get("known_at", "").strip()
    try:
        return shown_as_of(request, days.day_as_known(day, days.parse_moment(value)))
    except ValidationError as error:
        raise BadRequest(
            _("On record at “%(asked)s”: %(messages)s") % {"asked": value, "messages": " ".join(error.messages)}
        ) from error


def row_with_slug(rows: "QuerySet[Any]", slug: str) -> Any:
    """Return the row with this slug, or None. A value that cannot be a slug is not looked up."""
    return rows.filter(slug=slug).first() if is_valid(slug, QUERY) else None


def row_with_code(rows: "QuerySet[Row]", code: str) -> Row:
    """Return the row with this code, which may be written in any case. Raise Http404 if there is none."""
    try:
        return get_by_code(rows, code)
    except ObjectDoesNotExist:
        raise Http404 from None
