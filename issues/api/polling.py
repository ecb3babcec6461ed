"""A fast path for anonymous clients that poll. It responds without loading sessions or views, after a single lookup."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from issues.access.roles import ANYBODY
from issues.api import responses, throttling
from issues.sync import versions

PREFIX = "/api/v1/"


class PollingMiddleware:
    """Middleware that returns 304 or a cached public response, and passes on all other requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        short = (
            request.method in ("GET", "HEAD") and request.path_info.startswith(PREFIX) and _is_anonymous_json(request)
        )
        return (_short_response(request) if short else None) or self.get_response(request)


def _is_anonymous_json(request: HttpRequest) -> bool:
    return responses.is_anonymous(request) and request.headers.get("Accept", "") in responses.JSON_ACCEPT


def _short_response(request: HttpRequest) -> HttpResponse | None:
    named = getattr(request, "negotiation", None)  # None if the URL names no negotiation
    version = versions.version_for(ANYBODY, named) if named else versions.public_version()
    if version is None:
        return None
    request.feed_version = version  # type: ignore[attr-defined]  # so that the view does not look it up again
    tag = responses.public_etag(request, version)
    kept = responses.PUBLIC_RESPONSES.get(tag)
    if responses.is_current(request.headers, tag, kept.changed if kept else None):
        return responses.not_modified(request.headers, tag, public=True)
    return _cached_response(request, tag, kept) if kept else None


def _cached_response(request: HttpRequest, tag: str, kept: responses.CachedResponse) -> HttpResponse | None:
    allowance = throttling.count_api_request(request, "")
    if allowance.wait:
        return None  # the view reports that the limit is exceeded
    response = HttpResponse(kept.body, content_type="application/json", headers=kept.headers)
    responses.set_validators(response, tag, kept.changed, public=True)
    if responses.may_compress(request.headers, public=True) and kept.compressed:
        responses.set_compressed_body(response, kept.compressed)
    throttling.set_headers(response, allowance)
    return response
