"""What a request asks for beside its address: as of which day."""

import datetime

from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from issues import filters


def asked_day(request: HttpRequest) -> datetime.date | None:
    """Return the day of `?as_of=YYYY-MM-DD`, or None for now; raises BadRequest for what is no day, or not yet."""
    asked = request.GET.get("as_of", "").strip()
    try:
        return filters.as_of(asked)
    except ValidationError as error:
        raise BadRequest(
            _("As of “%(asked)s”: %(messages)s") % {"asked": asked, "messages": " ".join(error.messages)}
        ) from error
