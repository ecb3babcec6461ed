"""Remove the body from responses to HEAD, which have the same headers as for GET but no body (RFC 9110)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class HeadRequestMiddleware:
    """Middleware that removes the body from responses to HEAD. Streaming responses are not read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "HEAD":
            _without_body(response)
        return response


def _without_body(response: HttpResponse) -> None:
    if response.streaming:
        response.streaming_content = ()  # type: ignore[attr-defined]
        return
    if response.content:
        response.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
