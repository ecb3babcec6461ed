"""What is sent, as JSON: read, or refused with a problem."""

from typing import Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from issues.api.errors import Problem


class JSONParser(parsers.JSONParser):
    """JSON in UTF-8."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return what it says; raises ParseError for what is none, or is nested too deeply to be anything."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("It is nested too deeply.") from None


def require_length(request: Request) -> None:
    """Raise Problem for a body without a length: it would be read as none at all."""
    if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
        raise Problem("length_required", "The body came in pieces, without saying how long it is.")
