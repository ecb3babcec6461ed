"""What every page knows without being told."""

import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from issues.models import Negotiation
from issues.queries import negotiation_of
from issues.web.asked import asked_day


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the negotiation of the address, None before any is loaded, and the day as of which it is read."""

    def negotiation() -> Negotiation | None:
        try:
            return negotiation_of(request)
        except Negotiation.DoesNotExist:
            return None

    def day() -> datetime.date | None:
        try:
            return asked_day(request)
        except BadRequest:  # the page itself says so
            return None

    return {"site_negotiation": negotiation, "reading_day": day}
