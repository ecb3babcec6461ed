"""The context processor for all pages."""

from typing import Any

from django.http import HttpRequest

from issues.access.visibility import negotiation_of
from issues.models import Negotiation


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the negotiation of the URL, looked up when a template uses it; None before any negotiation is loaded."""

    def negotiation() -> Negotiation | None:
        try:
            return negotiation_of(request)
        except Negotiation.DoesNotExist:
            return None

    return {"site_negotiation": negotiation}
