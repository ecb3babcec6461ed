"""The short way of those who ask again and are not signed in: before sessions and views, at the cost of one look."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from issues import tides
from issues.access.roles import ANYBODY
from issues.api import answers, throttling

PREFIX = "/api/v1/"


class Polling:
    """Answers 304 or a kept public answer; passes on everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        short = request.method in ("GET", "HEAD") and request.path_info.startswith(PREFIX) and _is_plain(request)
        return (_answer(request) if short else None) or self.get_response(request)


def _is_plain(request: HttpRequest) -> bool:
    return answers.of_anybody(request) and request.headers.get("Accept", "") in answers.JSON


def _answer(request: HttpRequest) -> HttpResponse | None:
    named = getattr(request, "negotiation", None)  # where the address names one
    reached = tides.reached(ANYBODY, named) if named else tides.reached_by_anybody()
    if reached is None:
        return None
    request.reached = reached  # type: ignore[attr-defined]  # so that it is not asked for twice
    tag = answers.public_tag(request, reached)
    kept = answers.MEMORY.get(tag)
    if answers.is_known(request.headers, tag, kept.changed if kept else None):
        return answers.unchanged(request.headers, tag, public=True)
    return _kept(request, tag, kept) if kept else None


def _kept(request: HttpRequest, tag: str, kept: answers.Kept) -> HttpResponse | None:
    allowance = throttling.take(request, "")
    if allowance.wait:
        return None  # the view says so in words
    answer = HttpResponse(kept.body, content_type="application/json", headers=kept.headers)
    answers.validate(answer, tag, kept.changed, public=True)
    if answers.may_compress(request.headers, public=True) and kept.compressed:
        answers.send_compressed(answer, kept.compressed)
    throttling.say(answer, allowance)
    return answer
