"""What a request asks for beside its address: as of which day."""

import datetime

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date


def asked_day(request: HttpRequest) -> datetime.date | None:
    """Return the day of `?as_of=YYYY-MM-DD`, or None for now; raises BadRequest for what is no day, or not yet."""
    asked = request.GET.get("as_of", "").strip()
    if not asked:
        return None
    try:
        day = parse_date(asked)
    except ValueError:
        day = None
    if day is None:
        raise BadRequest(f"“{asked}” is not a day. Write as_of=2020-12-07, for example.")
    if day > timezone.localdate():
        raise BadRequest(f"{day:%d %B %Y} has not come yet.")
    return day
