"""What HEAD is answered has the headers of GET and no body: a server would have to throw it away, and says so."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class Bodiless:
    """Takes the body off what HEAD is answered; a stream is not even begun."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if request.method == "HEAD":
            _without_body(answer)
        return answer


def _without_body(answer: HttpResponse) -> None:
    if answer.streaming:
        answer.streaming_content = ()  # type: ignore[attr-defined]
        return
    if answer.content:
        answer.setdefault("Content-Length", str(len(answer.content)))
        answer.content = b""
