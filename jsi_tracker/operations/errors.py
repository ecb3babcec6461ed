"""What somebody gets when the site itself fails: a page, or a problem document for programs, without a database."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from issues.api.errors import Problem, refusal
from jsi_tracker.language import PROGRAMS

# What drivers raise where the database is away, has no room left, or kept somebody waiting too long.
PASSING = (OperationalError, InterfaceError)
SECONDS = 10


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 503 to what will pass by itself, else 500; Django calls it while it handles the exception."""
    passing = isinstance(sys.exc_info()[1], PASSING)
    response = (
        _to_programs(request, passing) if request.path_info.startswith(PROGRAMS) else _to_people(request, passing)
    )
    if passing:
        response["Retry-After"] = str(SECONDS)
    return response


def _to_programs(request: HttpRequest, passing: bool) -> HttpResponse:
    if passing:
        said = (
            "The database does not answer just now. What was sent with an Idempotency-Key may be sent again as it is."
        )
        return refusal(Problem("unavailable", said), request)
    quoted = getattr(request, "request_id", "")
    return refusal(
        Problem("error", f"The log of the site tells more under {quoted}, which is in X-Request-ID."), request
    )


def _to_people(request: HttpRequest, passing: bool) -> HttpResponse:
    status = 503 if passing else 500
    # No context processors: they would ask the database.
    page = render_to_string(f"{status}.html", {"request_id": getattr(request, "request_id", "")})
    return HttpResponse(page, status=status)
