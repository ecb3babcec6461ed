"""Serve the whole site for each negotiation below `/negotiations/<slug>/`. The default negotiation has no prefix.

The middleware removes the prefix from the path and makes `reverse` add it, just as a web server uses SCRIPT_NAME for a
site below a directory. Views, links and redirects therefore do not depend on the prefix.
"""

import re
from collections.abc import Callable, Iterator

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import get_script_prefix, set_script_prefix

from issues.api.errors import Problem, problem_response
from issues.models import Negotiation
from jsi_tracker.middleware.language import API_PREFIX

UNKNOWN_NEGOTIATION = "Unknown negotiation."
PREFIX = re.compile(r"/negotiations/(?P<slug>[-\w]+)(?=/)")


class NegotiationPrefixMiddleware:
    """Middleware that selects the negotiation in the URL. The response is 404 if the negotiation does not exist."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = PREFIX.match(request.path_info)
        if match is None:
            return self.get_response(request)
        request.negotiation = Negotiation.objects.filter(slug=match["slug"]).first()  # type: ignore[attr-defined]
        if request.negotiation is None:  # type: ignore[attr-defined]
            if request.path_info[match.end() :].startswith(API_PREFIX):
                return problem_response(Problem("not_found", UNKNOWN_NEGOTIATION), request)
            raise Http404(UNKNOWN_NEGOTIATION)
        request.path_info = request.path_info[match.end() :]
        previous, prefix = get_script_prefix(), f"{get_script_prefix().rstrip('/')}{match.group()}/"
        set_script_prefix(prefix)
        try:
            response = self.get_response(request)
            if response.streaming:
                response.streaming_content = _streamed(response.streaming_content, prefix)  # type: ignore[attr-defined]
            return response
        finally:
            set_script_prefix(previous)


def _streamed(parts: Iterator[bytes], prefix: str) -> Iterator[bytes]:
    """Yield `parts`, generating each part with `prefix`, because a stream is read after the middleware has returned."""
    while True:
        previous = get_script_prefix()
        set_script_prefix(prefix)
        try:
            part = next(parts, None)
        finally:
            set_script_prefix(previous)
        if part is None:
            return
        yield part
