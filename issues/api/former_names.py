"""Former names of parameters, fields and values. They remain available until the end of the deprecation period."""

import datetime
from collections.abc import Iterable
from typing import Any

from issues.api.deprecation import Deprecated
from issues.models.choices import RequestState, Status, slug_of

Names = tuple[Deprecated, ...]
_PERIOD: dict[str, Any] = {"since": datetime.date(2026, 12, 1), "until": datetime.date(2027, 12, 1)}


def _parameter(name: str, values: Iterable[str] = ()) -> Deprecated:
    """Return the deprecation of a parameter or, if there are any `values` other than slugs, of these values."""
    return Deprecated(parameter=name, values=frozenset(value for value in values if value != slug_of(value)), **_PERIOD)


def _field(name: str) -> Deprecated:
    return Deprecated(field=name, **_PERIOD)


DOCUMENTS: Names = (_parameter("genre"), _field("genre"))
MEMBERS: Names = tuple(map(_parameter, ("search", "joined_from", "joined_to")))
POSITIONS: Names = (_parameter("holder"), _field("holder"))
REPORTED_POSITIONS: Names = (_parameter("place"), _field("holder"))
REQUESTS: Names = (_parameter("state", RequestState.values), _field("state"))
STATUS_REPORTS: Names = (_parameter("status", Status.values), _field("status"))
VARIANTS: Names = (_parameter("holder"),)
CHANGES: Names = (_parameter("after"), _parameter("limit"))
