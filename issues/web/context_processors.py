"""The context processor for all pages."""

import datetime
from typing import Any

from django.http import HttpRequest

from issues.access.visibility import negotiation_of
from issues.models import Negotiation
from issues.web.day_links import selected_day


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the context with the URL's negotiation, which is looked up only when a template uses it.

    The value is None if no negotiation has been loaded. `kept_day` is the date that the reader selected, on a page that
    does not depend on a date.
    """

    def negotiation() -> Negotiation | None:
        try:
            return negotiation_of(request)
        except Negotiation.DoesNotExist:
            return None

    def kept_day() -> datetime.date | None:
        return None if getattr(request, "selects_day", False) else selected_day(request)

    return {"site_negotiation": negotiation, "kept_day": kept_day}
