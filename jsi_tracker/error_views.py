"""Responses to errors that no view handles, with status 500 for a defect and 503 while the database is unavailable.

The error pages do not use the layout of other pages, because that layout queries the database.
"""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from issues.api.errors import Problem, problem_response
from jsi_tracker.middleware.kept_forms import kept_form
from jsi_tracker.middleware.language import API_PREFIX

# Seconds after which a client may try again while the database is down.
RETRY_AFTER = 5


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the error page or problem document for the current exception. The page contains any submitted form."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _unavailable(request)
    if request.path_info.startswith(API_PREFIX):
        detail = "The server failed to process the request. No partial changes were saved."
        return problem_response(
            Problem("error", f"{detail} If you report this error, quote {_request_id(request)}."), request
        )
    return _page(request, 500)


def _unavailable(request: HttpRequest) -> HttpResponse:
    response: HttpResponse
    if request.path_info.startswith(API_PREFIX):
        detail = "The database is not responding or is not accepting changes. No partial changes were saved."
        response = problem_response(Problem("unavailable", detail), request)
    else:
        response = _page(request, 503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def _page(request: HttpRequest, status: int) -> HttpResponse:
    # The page is rendered without a request so that no context processors run, because they query the database.
    html = render_to_string(f"{status}.html", {"request_id": _request_id(request), "kept": kept_form(request)})
    return HttpResponse(html, status=status)


def _request_id(request: HttpRequest) -> str:
    """Return the id of the request in the log, or "" if the request has no id."""
    return getattr(request, "request_id", "")
