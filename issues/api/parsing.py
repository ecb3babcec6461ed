"""Reading what is sent."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser as RestJSONParser


class JSONParser(RestJSONParser):
    """JSON; what is nested without end is an error of who sent it, and no crash."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """Return what was sent; raises ParseError for what is no JSON."""
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError("JSON parse error - it is nested too deep.") from None
