"""What a browser is told beside Django's own headers: what pages may use, who may embed and who may keep an answer."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Nothing here asks for any of them; a script that got in could not either.
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
# Kept by the browser that asked, and asked for again each time. Not "no-store": with that, going back to a form would
# lose what was typed there. What was kept goes when one logs out.
PERSONAL = "private, no-cache"


class BrowserHeaders:
    """Puts them on every answer; outermost, so that errors of the other middleware have them, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        answer.setdefault("Permissions-Policy", PERMISSIONS)
        answer.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in answer and _may_be_personal(request, answer):
            answer["Cache-Control"] = PERSONAL
        if _ends_a_session(answer):
            answer["Clear-Site-Data"] = '"cache"'
        return answer


def _may_be_personal(request: HttpRequest, answer: HttpResponse) -> bool:
    """Whether the answer may be for one person alone: by what was sent, without asking who that is."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers or bool(answer.cookies)


def _ends_a_session(answer: HttpResponse) -> bool:
    """Whether the browser is told to forget its session, as on logging out."""
    cookie = answer.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and cookie["max-age"] == 0
