"""No address and no question holds a null character; PostgreSQL cannot even be asked about one."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from issues.api.errors import Problem, problem_response
from jsi_tracker.middleware.language import PROGRAMS

SAID = "The address holds a null character, as damaged links do."


class RefuseNullCharacters:
    """Answers 400 to a null character in the path or the query; forms refuse it in what is posted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            if request.path_info.startswith(PROGRAMS):
                return problem_response(Problem("malformed", SAID), request)
            raise BadRequest(SAID)
        return self.get_response(request)
