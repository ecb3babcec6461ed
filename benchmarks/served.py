"""The addresses of the site, and an empty view behind the same middleware: what a request costs at least."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from jsi_tracker.urls import urlpatterns as addresses


def empty(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Answer with nothing."""
    return HttpResponse("")


urlpatterns: list[URLPattern | URLResolver] = [path("empty/", empty), *addresses]
