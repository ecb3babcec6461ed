"""Deprecation of parameters, fields and views, declared in the view and announced in headers and in the schema.

The headers are Deprecation (RFC 9745) and Sunset (RFC 8594). An example of a declaration:

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
    """A deprecated parameter, value of a parameter or response field, or a deprecated view if none is named.

    The constructor raises ValueError if `since` and `until` are less than a year apart.
    """

    since: datetime.date
    until: datetime.date
    parameter: str = ""
    field: str = ""
    # The deprecated values of the parameter. If there are none, the parameter itself is deprecated.
    values: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.until - self.since < NOTICE_PERIOD:
            raise ValueError("A deprecation period must last at least a year.")

    @property
    def whole(self) -> bool:
        """Whether the whole view is deprecated."""
        return not self.parameter and not self.field

    def concerns(self, request: Request) -> bool:
        """Return whether `request` uses the deprecated part."""
        if self.values:
            return not self.values.isdisjoint(request.query_params.getlist(self.parameter))
        if self.parameter:
            return self.parameter in request.query_params
        fields = names_in_parameter(request, FIELDS)
        return not self.field or not fields or self.field in fields


def set_headers(response: Any, deprecated: Iterable[Deprecated], request: Request) -> None:
    """Set the deprecation headers of a response.

    If the request uses several deprecated parts, the headers are those of the part with the earliest end date.
    """
    concerned = sorted((entry for entry in deprecated if entry.concerns(request)), key=lambda entry: entry.until)
    if not concerned:
        return
    first = concerned[0]
    response["Deprecation"] = f"@{_timestamp(first.since)}"
    response["Sunset"] = http_date(_timestamp(first.until))
    response["Link"] = f'<{request.build_absolute_uri(reverse("api:reference"))}>; rel="deprecation"; type="text/html"'


def mark_in_schema(operation: dict[str, Any], deprecated: Iterable[Deprecated]) -> None:
    """Mark a deprecated operation or its deprecated parameters in the schema.

    Deprecated fields are marked separately, in the schema of the response.
    """
    for deprecation in deprecated:
        if deprecation.whole:
            operation["deprecated"] = True
        for parameter in operation.get("parameters", []):
            if parameter["name"] == deprecation.parameter and deprecation.values:
                values = ", ".join(f"`{value}`" for value in sorted(deprecation.values))
                parameter["description"] = f"{parameter.get('description', '')} Deprecated values: {values}.".strip()
            elif parameter["name"] == deprecation.parameter:
                parameter["deprecated"] = True


def _timestamp(day: datetime.date) -> int:
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp())
