"""Reject URLs with null characters, which PostgreSQL does not accept in queries."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from issues.api.errors import Problem, problem_response
from jsi_tracker.middleware.language import API_PREFIX

MESSAGE = "The URL contains a null character: the link may be damaged."


class NullByteMiddleware:
    """Middleware that returns 400 for a null character in the path or query string. Forms validate posted values."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            if request.path_info.startswith(API_PREFIX):
                return problem_response(Problem("malformed", MESSAGE), request)
            raise BadRequest(MESSAGE)
        return self.get_response(request)
