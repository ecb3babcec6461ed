"""What every page knows without being told."""

from typing import Any

from django.http import HttpRequest

from issues.access.visibility import negotiation_of
from issues.models import Negotiation


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the negotiation of the address, looked up when a template asks; None before any is loaded."""

    def negotiation() -> Negotiation | None:
        try:
            return negotiation_of(request)
        except Negotiation.DoesNotExist:
            return None

    return {"site_negotiation": negotiation}
