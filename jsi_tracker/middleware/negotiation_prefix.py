"""Each negotiation has the whole site to itself under `/negotiations/<slug>/`; the one that opens it needs no prefix.

The prefix is taken off the path and put before every address that is made meanwhile, as a web server does with
SCRIPT_NAME for a site below a folder. So no view, link or redirect knows about it.
"""

import re
from collections.abc import Callable, Iterator

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import get_script_prefix, set_script_prefix

from issues.api.errors import Problem, problem_response
from issues.models import Negotiation
from jsi_tracker.middleware.language import PROGRAMS

NONE = "There is no such negotiation."
MOUNTED = re.compile(r"/negotiations/(?P<slug>[-\w]+)(?=/)")


class Mounted:
    """Finds the negotiation in the address; answers 404 where there is none of that name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        found = MOUNTED.match(request.path_info)
        if found is None:
            return self.get_response(request)
        request.negotiation = Negotiation.objects.filter(slug=found["slug"]).first()  # type: ignore[attr-defined]
        if request.negotiation is None:  # type: ignore[attr-defined]
            if request.path_info[found.end() :].startswith(PROGRAMS):
                return problem_response(Problem("not_found", NONE), request)
            raise Http404(NONE)
        request.path_info = request.path_info[found.end() :]
        usual, here = get_script_prefix(), f"{get_script_prefix().rstrip('/')}{found.group()}/"
        set_script_prefix(here)
        try:
            response = self.get_response(request)
            if response.streaming:
                response.streaming_content = _streamed(response.streaming_content, here)  # type: ignore[attr-defined]
            return response
        finally:
            set_script_prefix(usual)


def _streamed(parts: Iterator[bytes], prefix: str) -> Iterator[bytes]:
    """Yield `parts`, each made under `prefix`: a stream is read when the middleware has long returned."""
    while True:
        usual = get_script_prefix()
        set_script_prefix(prefix)
        try:
            part = next(parts, None)
        finally:
            set_script_prefix(usual)
        if part is None:
            return
        yield part
