"""How often one may ask for what costs the site much: pages that compute over all texts, whole files, long checks.

What is only read is not counted: half a conference may share one address.
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
    "standing",
    "standing-drawing",
    "standing-export",
    "text",
    "variants-export",
}


class CostlyPages(MiddlewareMixin):
    """Answers 429 to whoever asked for too many of them; each account is counted, and each address without one."""

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Count, and let go on while there is something left."""
        assert request.resolver_match is not None  # set before any view
        if request.resolver_match.view_name not in COSTLY:
            return None
        account = f"user-{request.user.pk}" if request.user.is_authenticated else ""
        allowance = throttling.count_request("costly", request, account, settings.COSTLY_PAGES_RATE)
        if not allowance.wait:
            return None
        answer = render(request, "429.html", status=429)
        answer["Retry-After"] = str(allowance.wait)
        return answer
