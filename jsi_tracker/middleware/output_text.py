"""Replace unrepresentable and misleading characters in text responses (see `members.plain_text`)."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from members.plain_text import sanitize_bytes

TEXT_TYPES = ("text/", "application/json", "application/xml", "application/x-ndjson", "image/svg+xml")
TEXT_SUFFIXES = ("+xml", "+json")


class OutputTextMiddleware(MiddlewareMixin):
    """Middleware that replaces such characters with U+FFFD in pages, feeds and drawings.

    The writers of other formats make the replacements themselves. This middleware processes the response before any
    middleware that sets Content-Length or compresses the response.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the response with its text sanitized."""
        media_type = response.get("Content-Type", "").partition(";")[0]
        if "Content-Encoding" in response or not (
            media_type.startswith(TEXT_TYPES) or media_type.endswith(TEXT_SUFFIXES)
        ):
            return response
        text_response: Any = response
        if text_response.streaming:
            if not text_response.is_async:
                text_response.streaming_content = _sanitized(text_response.streaming_content)
            return response
        content = sanitize_bytes(text_response.content)
        if content is not text_response.content:
            text_response.content = content
        return response


def _sanitized(parts: Any) -> Iterator[bytes]:
    """Yield the sanitized parts of a stream. Each part consists of whole lines, so no character is split."""
    for part in parts:
        yield sanitize_bytes(part)
