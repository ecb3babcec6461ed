"""Assign each request an id that appears in the log, on error pages and in the response header X-Request-ID."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# The form of the ids that proxies generate. Other values could forge log lines.
VALID_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Return the id of the current request, or "" outside requests."""
    return _current.get()


class RequestIdMiddleware:
    """Middleware that takes the id of a request from the proxy, or generates an id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get(HEADER, "")
        request_id = sent if VALID_ID.fullmatch(sent) else uuid.uuid4().hex
        # The id is not reset after the response, because Django logs errors and reads streams after all middleware.
        _current.set(request_id)
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        response[HEADER] = request_id
        return response
