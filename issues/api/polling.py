"""The short way of those who ask again and are not signed in: before sessions and views, at the cost of one look."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from issues.access.roles import ANYBODY
from issues.api import responses, throttling
from issues.sync import versions

PREFIX = "/api/v1/"


class Polling:
    """Answers 304 or a kept public answer; passes on everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        short = request.method in ("GET", "HEAD") and request.path_info.startswith(PREFIX) and _is_plain(request)
        return (_answer(request) if short else None) or self.get_response(request)


def _is_plain(request: HttpRequest) -> bool:
    return responses.of_anybody(request) and request.headers.get("Accept", "") in responses.JSON


def _answer(request: HttpRequest) -> HttpResponse | None:
    named = getattr(request, "negotiation", None)  # where the address names one
    reached = versions.reached(ANYBODY, named) if named else versions.reached_by_anybody()
    if reached is None:
        return None
    request.reached = reached  # type: ignore[attr-defined]  # so that it is not asked for twice
    tag = responses.public_tag(request, reached)
    kept = responses.MEMORY.get(tag)
    if responses.is_known(request.headers, tag, kept.changed if kept else None):
        return responses.unchanged(request.headers, tag, public=True)
    return _kept(request, tag, kept) if kept else None


def _kept(request: HttpRequest, tag: str, kept: responses.Kept) -> HttpResponse | None:
    allowance = throttling.take(request, "")
    if allowance.wait:
        return None  # the view says so in words
    answer = HttpResponse(kept.body, content_type="application/json", headers=kept.headers)
    responses.validate(answer, tag, kept.changed, public=True)
    if responses.may_compress(request.headers, public=True) and kept.compressed:
        responses.send_compressed(answer, kept.compressed)
    throttling.say(answer, allowance)
    return answer
