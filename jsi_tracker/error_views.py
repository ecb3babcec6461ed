"""What is answered when something fails that no view expects: a defect (500), or a database that does not answer (503).

Without the layout of the other pages: it would ask the database.
"""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from issues.api.errors import Problem, problem_response
from jsi_tracker.middleware.kept_forms import kept_form
from jsi_tracker.middleware.language import PROGRAMS

RETRY_AFTER = 5


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is ours, and the way out; give back what was typed, also where the database is away or full."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _unavailable(request)
    if request.path_info.startswith(PROGRAMS):
        said = "Something is broken on our side. Nothing was stored halfway."
        return problem_response(Problem("error", f"{said} To ask about it, quote {_name_of(request)}."), request)
    return _page(request, 500)


def _unavailable(request: HttpRequest) -> HttpResponse:
    if request.path_info.startswith(PROGRAMS):
        said = "The database does not answer, or takes nothing. Nothing was stored halfway."
        answer: HttpResponse = problem_response(Problem("unavailable", said), request)
    else:
        answer = _page(request, 503)
    answer["Retry-After"] = str(RETRY_AFTER)
    return answer


def _page(request: HttpRequest, status: int) -> HttpResponse:
    # Without context processors: they, too, would ask the database.
    said = render_to_string(f"{status}.html", {"request_id": _name_of(request), "kept": kept_form(request)})
    return HttpResponse(said, status=status)


def _name_of(request: HttpRequest) -> str:
    """Return under what the log has the request."""
    return getattr(request, "request_id", "")
