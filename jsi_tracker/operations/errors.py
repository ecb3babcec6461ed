"""What somebody gets when the site itself fails: a page, or a problem document for programs, without a database."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from issues.api.errors import Problem, refusal
from jsi_tracker.language import PROGRAMS

# What drivers raise where the database is away, has no room left, or kept somebody waiting too long.
PASSING = (OperationalError, InterfaceError)
RETRY_AFTER = 5
# Passwords and codes are not given back.
SECRETS = "/accounts/"


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 503 to what will pass by itself, with what was typed, else 500; Django calls it within the exception."""
    passing = isinstance(sys.exc_info()[1], PASSING)
    response = (
        _to_programs(request, passing) if request.path_info.startswith(PROGRAMS) else _to_people(request, passing)
    )
    if passing:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def _to_programs(request: HttpRequest, passing: bool) -> HttpResponse:
    if passing:
        said = "The database does not answer, or takes nothing. Nothing was stored halfway."
        return refusal(Problem("unavailable", said), request)
    quoted = getattr(request, "request_id", "")
    return refusal(
        Problem("error", f"The log of the site tells more under {quoted}, which is in X-Request-ID."), request
    )


def _to_people(request: HttpRequest, passing: bool) -> HttpResponse:
    status = 503 if passing else 500
    told = {"request_id": getattr(request, "request_id", ""), "typed": _typed(request) if passing else []}
    # No context processors: they would ask the database.
    return HttpResponse(render_to_string(f"{status}.html", told), status=status)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what a form sent, to be sent again: with its own CSRF token, so that no other site can fill it in."""
    if request.method != "POST" or request.path_info.startswith(SECRETS):
        return []
    try:
        sent = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    except Exception:  # it broke off, or is too large: there is nothing to give back
        return []
    return [(name, value) for name, value in sent if "password" not in name]
