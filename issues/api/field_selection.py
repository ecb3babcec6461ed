"""How much of a thing is sent: `?fields=` leaves out, `?include=` adds what it is related to.

Not `?expand=`: at variants that word has long meant that what a grouping does counts for its members.
"""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from issues.api.filtering import require_known

FIELDS, INCLUDE, INCLUDED = "fields", "include", "included"


def names_in_parameter(request: Request, name: str) -> list[str]:
    """Return the names in a parameter, which may stand several times and hold several with commas between."""
    return [part.strip() for value in request.query_params.getlist(name) for part in value.split(",") if part.strip()]


def select_fields(serializer: serializers.BaseSerializer[Any], request: Request) -> None:
    """Leave in `serializer` what the request asks for; raises Problem for a name that is unknown."""
    root: Any = getattr(serializer, "child", serializer)
    fields, expansions = names_in_parameter(request, FIELDS), names_in_parameter(request, INCLUDE)
    related = root.fields.get(INCLUDED)
    require_known("expansion", expansions, related.fields if related else (), INCLUDE)
    require_known("field", fields, set(root.fields) - {INCLUDED}, FIELDS)
    if related and not expansions:
        root.fields.pop(INCLUDED)
    elif related:
        _keep_fields(related, expansions)
    if fields:
        _keep_fields(root, [*fields, INCLUDED])


def selected_fields(document: dict[str, Any], request: Request) -> dict[str, Any]:
    """Return those parts of `document` that the request asks for; raises Problem for one that is unknown."""
    fields = names_in_parameter(request, FIELDS)
    require_known("field", fields, document, FIELDS)
    return {name: document[name] for name in fields} if fields else document


def _keep_fields(serializer: Any, names: Iterable[str]) -> None:
    for name in set(serializer.fields) - set(names):
        serializer.fields.pop(name)
