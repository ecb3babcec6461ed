"""Selection of fields: `?fields=` limits the fields of a response, and `?include=` adds related resources.

The second parameter is not called `?expand=`, because `expand` is a filter of variants. That filter counts the
positions of groupings for their members.
"""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from issues.api.filtering import require_known

FIELDS, INCLUDE, INCLUDED = "fields", "include", "included"
# An invented object states that it is invented, whichever fields were selected.
MARK = "demonstration"


def names_in_parameter(request: Request, name: str) -> list[str]:
    """Return the names in a parameter, which may be repeated and may hold several names separated by commas."""
    return [part.strip() for value in request.query_params.getlist(name) for part in value.split(",") if part.strip()]


def select_fields(serializer: serializers.BaseSerializer[Any], request: Request) -> None:
    """Remove the fields and expansions that the request does not ask for. Raise Problem for an unknown name.

    An object that is marked as invented keeps the field `demonstration`.
    """
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
        _keep_fields(root, [*fields, INCLUDED, MARK])
        if MARK in root.fields and MARK not in fields:
            _omit_false_mark(root)


def selected_fields(document: dict[str, Any], request: Request) -> dict[str, Any]:
    """Return the requested fields of `document`, or all fields by default. Raise Problem for an unknown name."""
    fields = names_in_parameter(request, FIELDS)
    require_known("field", fields, document, FIELDS)
    if not fields:
        return document
    marked = [MARK] if document.get(MARK) and MARK not in fields else []
    return {name: document[name] for name in [*fields, *marked]}


def _omit_false_mark(serializer: Any) -> None:
    """Make the serializer omit the mark, which was not selected, from objects that are not invented."""
    represent = serializer.to_representation

    def represented(instance: Any) -> Any:
        row = represent(instance)
        if not row[MARK]:
            del row[MARK]
        return row

    serializer.to_representation = represented


def _keep_fields(serializer: Any, names: Iterable[str]) -> None:
    for name in set(serializer.fields) - set(names):
        serializer.fields.pop(name)
