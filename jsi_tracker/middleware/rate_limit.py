"""Limit the rate of expensive requests, such as pages computed from all texts, file exports and previews of changes.

Ordinary pages have no limit, because many delegates may share one IP address.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from issues.api import throttling

COSTLY = {
    "activity-export",
    "check-change",
    "compare",
    "convergence",
    "convergence-chart",
    "convergence-export",
    "export-file",
    "landing",
    "positions-export",
    "search",
    "standing",
    "standing-drawing",
    "standing-export",
    "text",
    "variants-export",
}


class RateLimitMiddleware(MiddlewareMixin):
    """Middleware that returns 429 after too many expensive requests.

    Requests are counted per account or, for anonymous users, per IP address.
    """

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Count an expensive request, and return the 429 page if the limit is exceeded, else None."""
        assert request.resolver_match is not None  # set before `process_view`
        if request.resolver_match.view_name not in COSTLY:
            return None
        account = f"user-{request.user.pk}" if request.user.is_authenticated else ""
        allowance = throttling.count_request("costly", request, account, settings.COSTLY_PAGES_RATE)
        if not allowance.wait:
            return None
        response = render(request, "429.html", status=429)
        response["Retry-After"] = str(allowance.wait)
        return response
