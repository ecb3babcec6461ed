"""What every page knows without being told."""

from functools import cache
from typing import Any

from django.http import HttpRequest

from issues.models import Negotiation


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the negotiation that the site opens with, looked up when a template asks; None before any is loaded."""

    @cache
    def negotiation() -> Negotiation | None:
        return Negotiation.objects.filter(is_default=True).first()

    return {"site_negotiation": negotiation}
