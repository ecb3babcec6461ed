"""Which language an answer is in: the one chosen at the foot of the page, else the one that the browser asks for."""

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

# What programs read says the same to everybody.
PROGRAMS = "/api/"


class Language(LocaleMiddleware):
    """English, French or Spanish for people; English for programs, whatever they say that they accept."""

    def process_request(self, request: HttpRequest) -> None:
        """Choose the language of the answer; a mounted negotiation's prefix is off the path already."""
        if request.path_info.startswith(PROGRAMS):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        else:
            super().process_request(request)
