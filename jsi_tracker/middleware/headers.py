"""Add response headers that govern browser features, embedding by other sites, and caching."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Features that no page uses. They are disabled so that an injected script cannot use them.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "hid",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
# The browser caches the response and revalidates it each time. With "no-store", the input of a form would be lost when
# the user returns to it. Logging out clears the cache.
PERSONAL = "private, no-cache"


class ResponseHeadersMiddleware:
    """Middleware that adds the headers to every response.

    It runs before most other middleware, so that responses from that middleware also have the headers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in response and _may_be_personal(request, response):
            response["Cache-Control"] = PERSONAL
        if _ends_a_session(response):
            response["Clear-Site-Data"] = '"cache"'
        return response


def _may_be_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """Return whether the response may depend on the user. Only headers are checked, so the session is not loaded."""
    return (
        settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers or bool(response.cookies)
    )


def _ends_a_session(response: HttpResponse) -> bool:
    """Return whether the response deletes the session cookie, as after logging out."""
    cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and cookie["max-age"] == 0
