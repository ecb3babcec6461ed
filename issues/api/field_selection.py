"""How much of a thing is sent: `?fields=` leaves out, `?include=` adds what it is related to.

Not `?expand=`: at variants that word has long meant that what a grouping does counts for its members.
"""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from issues.api.filtering import refuse_unknown

FIELDS, INCLUDE, INCLUDED = "fields", "include", "included"


def listed_in(request: Request, name: str) -> list[str]:
    """Return the names in a parameter, which may stand several times and hold several with commas between."""
    return [one.strip() for value in request.query_params.getlist(name) for one in value.split(",") if one.strip()]


def shape(serializer: serializers.BaseSerializer[Any], request: Request) -> None:
    """Leave in `serializer` what the request asks for; raises Problem for a name that is unknown."""
    root: Any = getattr(serializer, "child", serializer)
    wanted, include = listed_in(request, FIELDS), listed_in(request, INCLUDE)
    related = root.fields.get(INCLUDED)
    refuse_unknown("expansion", include, related.fields if related else (), INCLUDE)
    refuse_unknown("field", wanted, set(root.fields) - {INCLUDED}, FIELDS)
    if related and not include:
        root.fields.pop(INCLUDED)
    elif related:
        _keep(related, include)
    if wanted:
        _keep(root, [*wanted, INCLUDED])


def shaped(document: dict[str, Any], request: Request) -> dict[str, Any]:
    """Return those parts of `document` that the request asks for; raises Problem for one that is unknown."""
    wanted = listed_in(request, FIELDS)
    refuse_unknown("field", wanted, document, FIELDS)
    return {name: document[name] for name in wanted} if wanted else document


def _keep(serializer: Any, names: Iterable[str]) -> None:
    for name in set(serializer.fields) - set(names):
        serializer.fields.pop(name)
