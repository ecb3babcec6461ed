"""Memento headers (RFC 7089) for pages that show the record as of a past date.

`Memento-Datetime` is the end of that day in the site's time zone, and `Link: rel="original"` points to the current
version of the same page. There is no TimeGate, because pages do not negotiate by `Accept-Datetime`, and no TimeMap. A
page as of today is not a memento, because the day has not ended.
"""

import datetime
from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import http_date

# The query parameters that select a past state.
SELECTING = ("as_of", "known_at")


class MementoMiddleware:
    """Middleware that adds the headers to successful responses to reading requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        day: datetime.date | None = getattr(request, "shown_as_of", None)
        match = request.resolver_match
        if match is None or "api" in match.namespaces:  # responses of the API are cached without these headers
            return response
        if day is None or request.method not in ("GET", "HEAD") or response.status_code != 200:
            return response
        moment = end_of_day(day)
        if moment <= timezone.now():
            response["Memento-Datetime"] = http_date(moment.timestamp())
            links = [response["Link"]] if "Link" in response else []
            response["Link"] = ", ".join([*links, f'<{_original(request)}>; rel="original"'])
        return response


def end_of_day(day: datetime.date) -> datetime.datetime:
    """Return the last second of `day` in the site's time zone."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(23, 59, 59)))


def _original(request: HttpRequest) -> str:
    """Return the URL of the page without the parameters that select a past state."""
    query = request.GET.copy()
    for name in SELECTING:
        query.pop(name, None)
    url = request.build_absolute_uri(request.path)
    return f"{url}?{urlencode(list(query.lists()), doseq=True)}" if query else url
