"""The context processor for all pages."""

from typing import Any

from django.http import HttpRequest

from issues.access.visibility import negotiation_of
from issues.models import Negotiation


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the context with the URL's negotiation, which is looked up only when a template uses it.

    The value is None if no negotiation has been loaded.
    """

    def negotiation() -> Negotiation | None:
        try:
            return negotiation_of(request)
        except Negotiation.DoesNotExist:
            return None

    return {"site_negotiation": negotiation}
