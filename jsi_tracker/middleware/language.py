"""Select the language of a response, as chosen in the page footer or else as preferred by the browser."""

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

# API responses do not depend on the language of the client.
API_PREFIX = "/api/"


class LanguageMiddleware(LocaleMiddleware):
    """Middleware that activates English, French or Spanish for pages, and English for the API."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language. `NegotiationPrefixMiddleware` has already removed any prefix from the path."""
        if request.path_info.startswith(API_PREFIX):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        else:
            super().process_request(request)
