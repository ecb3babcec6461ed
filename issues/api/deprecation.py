"""What is to go: declared once at a view, told in headers (RFC 9745, RFC 8594) and in the schema.

deprecated = (Deprecated(parameter="kind", since=date(2027, 1, 1), until=date(2028, 1, 1)),)
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import http_date
from rest_framework.request import Request

from issues.api.field_selection import FIELDS, names_in_parameter

NOTICE_PERIOD = datetime.timedelta(days=365)
HEADERS = ("Deprecation", "Sunset", "Link")


@dataclass(frozen=True)
class Deprecated:
    """A parameter, a field of the answer, or, where neither is named, all that a view answers to.

    Raises ValueError where it would be gone within a year.
    """

    since: datetime.date
    until: datetime.date
    parameter: str = ""
    field: str = ""

    def __post_init__(self) -> None:
        if self.until - self.since < NOTICE_PERIOD:
            raise ValueError("What is deprecated stays for at least a year.")

    @property
    def whole(self) -> bool:
        """Whether all of it goes."""
        return not self.parameter and not self.field

    def concerns(self, request: Request) -> bool:
        """Whether a request makes use of it."""
        if self.parameter:
            return self.parameter in request.query_params
        fields = names_in_parameter(request, FIELDS)
        return not self.field or not fields or self.field in fields


def set_headers(response: Any, deprecated: Iterable[Deprecated], request: Request) -> None:
    """Put on an answer since when what was asked for is deprecated, and when it goes: of several, what goes first."""
    concerned = sorted((entry for entry in deprecated if entry.concerns(request)), key=lambda entry: entry.until)
    if not concerned:
        return
    first = concerned[0]
    response["Deprecation"] = f"@{_timestamp(first.since)}"
    response["Sunset"] = http_date(_timestamp(first.until))
    response["Link"] = f'<{request.build_absolute_uri(reverse("api:reference"))}>; rel="deprecation"; type="text/html"'


def mark_in_schema(operation: dict[str, Any], deprecated: Iterable[Deprecated]) -> None:
    """Say in the schema of an operation what is deprecated; of fields, its answer's own schema says it."""
    for deprecation in deprecated:
        if deprecation.whole:
            operation["deprecated"] = True
        for parameter in operation.get("parameters", []):
            if parameter["name"] == deprecation.parameter:
                parameter["deprecated"] = True


def _timestamp(day: datetime.date) -> int:
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp())
