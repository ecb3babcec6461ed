"""The URLs of the site and of an empty view with the same middleware, which gives a lower bound for requests."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from jsi_tracker.urls import urlpatterns as site_urlpatterns


def empty(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Return an empty response."""
    return HttpResponse("")


urlpatterns: list[URLPattern | URLResolver] = [path("empty/", empty), *site_urlpatterns]
