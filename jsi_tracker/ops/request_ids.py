"""Request ids: each request has one in the log, on error pages, and in the response header X-Request-ID."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# The ids that proxies generate. Anything else could forge log lines.
VALID_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Return the id of the current request, "" outside requests."""
    return _current.get()


class RequestIdMiddleware:
    """Takes the id from the proxy in front of the site, or generates one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get(HEADER, "")
        request_id = sent if VALID_ID.fullmatch(sent) else uuid.uuid4().hex
        # Not reset after the response: Django logs errors, and streams are read, after all middleware.
        _current.set(request_id)
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        response[HEADER] = request_id
        return response
