"""Parsing of request bodies as JSON."""

from typing import Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from issues.api.errors import Problem


class JSONParser(parsers.JSONParser):
    """A parser for JSON in UTF-8."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the parsed body. Raise ParseError if it is invalid or nested too deeply."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None


def require_length(request: Request) -> None:
    """Raise Problem if the body is sent in chunks without a length, because it would be read as empty."""
    if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
        raise Problem("length_required", "The request body was sent in chunks. Send it with a Content-Length header.")
