"""What a request asks for beside its address: as of which day, and which row by its slug."""

import datetime
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from issues.filters import days
from members.plain_text import QUERY, is_valid


def asked_day(request: HttpRequest) -> datetime.date | None:
    """Return the day of `?as_of=YYYY-MM-DD`, or None for now, with the moment of `?known_at=` where it is asked for.

    Raises BadRequest for what is no day or no moment, or not yet.
    """
    asked = request.GET.get("as_of", "").strip()
    try:
        day = days.parse_day(asked)
    except ValidationError as error:
        raise BadRequest(
            _("As of “%(asked)s”: %(messages)s") % {"asked": asked, "messages": " ".join(error.messages)}
        ) from error
    asked = request.GET.get("known_at", "").strip()
    try:
        return days.day_as_known(day, days.parse_moment(asked))
    except ValidationError as error:
        raise BadRequest(
            _("On record at “%(asked)s”: %(messages)s") % {"asked": asked, "messages": " ".join(error.messages)}
        ) from error


def named(rows: "QuerySet[Any]", slug: str) -> Any:
    """Return the row with this slug, None for none; what can be no slug is not asked of the database."""
    return rows.filter(slug=slug).first() if is_valid(slug, QUERY) else None
