"""What leaves as text can be carried and misleads nobody, whatever is stored, and whatever was typed and comes back."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from members.plain_text import written_out_encoded

TEXTS = ("text/", "application/json", "application/xml", "application/x-ndjson", "image/svg+xml")
SUFFIXES = ("+xml", "+json")


class WrittenOut(MiddlewareMixin):
    """Puts U+FFFD into pages, feeds and drawings for what they cannot carry; what writes other files does so itself.

    It stands inside of what measures an answer or compresses it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer, its text written out."""
        kind = response.get("Content-Type", "").partition(";")[0]
        if "Content-Encoding" in response or not (kind.startswith(TEXTS) or kind.endswith(SUFFIXES)):
            return response
        answer: Any = response
        if answer.streaming:
            if not answer.is_async:
                answer.streaming_content = _each(answer.streaming_content)
            return response
        content = written_out_encoded(answer.content)
        if content is not answer.content:
            answer.content = content
        return response


def _each(parts: Any) -> Iterator[bytes]:
    """Yield the parts of a stream; each is whole lines, so that no character is cut."""
    for part in parts:
        yield written_out_encoded(part)
