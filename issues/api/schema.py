"""Generation of the OpenAPI schema, with problems, filters and examples added."""

import re
from typing import Any

import django_filters
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiFilterExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from issues.api.deprecation import Deprecated, mark_in_schema
from issues.api.errors import KINDS, MEDIA_TYPE
from issues.api.examples import EXAMPLES, RESPONSES
from issues.api.field_selection import FIELDS, INCLUDE, INCLUDED
from issues.api.filtering import REPEATABLE_FILTERS
from issues.api.parameters import DESCRIPTIONS, PARAMETERS, query_parameters


class Schema(AutoSchema):
    """A generator for the schema of one operation."""

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters that views have in common."""
        view: Any = self.view
        common = []
        if self.method == "GET" and hasattr(view, "action") and view.action in ("list", "retrieve"):
            serializer: Any = view.get_serializer_class()
            common = query_parameters(FIELDS)
            if INCLUDED in serializer._declared_fields:
                names = list(serializer._declared_fields[INCLUDED].fields)
                description = f"Related resources to include, separated by commas: {', '.join(names)}."
                common.append(OpenApiParameter(INCLUDE, OpenApiTypes.STR, description=description))
        return [*super().get_override_parameters(), *common]

    def get_description(self) -> str:  # type: ignore[override]  # as in drf-spectacular
        """Return the docstring of the view for a plain `get`, and that of the serializer for a single row.

        All other operations are described by the docstrings of their methods, which would be less detailed for these
        two.
        """
        view: Any = self.view
        action = getattr(view, "action", None)
        if action == "retrieve":
            return get_doc(view.get_serializer_class())
        if self.method == "GET" and action is None:
            return get_doc(view.__class__)
        return super().get_description()

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Return the operation with its view, which `complete_schema` needs."""
        operation = super().get_operation(*args, **kwargs)
        return operation and {**operation, VIEW_KEY: self.view}


class FilterParameters(OpenApiFilterExtension):  # type: ignore[no-untyped-call]  # the class registers itself
    """An extension that describes the filters of a list without evaluating their querysets or using a database."""

    target_class = "issues.api.filtering.StrictFilterBackend"
    priority = 1

    def get_schema_operation_parameters(self, auto_schema: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        """Return the query parameters of the filters."""
        filterset_class = getattr(auto_schema.view, "filterset_class", None)
        return [
            {
                "name": name,
                "in": "query",
                "required": bool(filter_field.extra.get("required")),
                "description": str(
                    filter_field.extra.get("label") or PARAMETERS.get(name, [""])[0] or filter_field.label or ""
                ),
                "schema": _filter_schema(filter_field),
            }
            for name, filter_field in (filterset_class.base_filters.items() if filterset_class else ())
        ]


def _filter_schema(filter_field: Any) -> dict[str, Any]:
    if isinstance(filter_field, REPEATABLE_FILTERS):
        return {"type": "array", "items": {"type": "string"}}
    if isinstance(filter_field, django_filters.BooleanFilter):
        return {"type": "boolean"}
    if isinstance(filter_field, django_filters.NumberFilter):
        return {
            "type": "integer",
            "minimum": filter_field.extra.get("min_value", 0),
            "maximum": filter_field.extra.get("max_value", 99_999),
        }
    if isinstance(filter_field, django_filters.DateFilter):
        return {"type": "string", "format": "date"}
    if isinstance(filter_field, django_filters.ChoiceFilter) and not isinstance(
        filter_field, django_filters.ModelChoiceFilter
    ):
        return {"type": "string", "enum": [str(value) for value, _ in filter_field.extra["choices"]]}
    return {"type": "string"}


class StandingFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # the class registers itself
    """An extension that describes a `StandingField` by the schema of its `shape`."""

    target_class = "issues.api.serializers.outline.StandingField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        """Return the schema of the field's `shape`."""
        return auto_schema._map_serializer_field(self.target.shape, direction)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the class registers itself
    """An extension that describes authentication by token."""

    target_class = "issues.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the security scheme."""
        description = "Create tokens on your account page (see docs/how-to/api.md)."
        return {"type": "http", "scheme": "bearer", "description": description}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the class registers itself
    """An extension that describes authentication by session."""

    target_class = "issues.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the security scheme."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457). Its `code` is stable.",
    "required": ["type", "title", "status", "detail", "instance", "code", "way_out", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "enum": sorted(KINDS)},
        "way_out": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string", "description": "Empty if the error concerns the request as a whole."},
                    "message": {"type": "string"},
                    "code": {"type": "string"},
                    "place": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "way_out": {"type": "string"},
                },
            },
        },
        "current": {"type": "object", "description": "In a conflict: the current state."},
        "places": {
            "type": "array",
            "description": "In a conflict: the places that both sides changed, each with both versions.",
            "items": {
                "type": "object",
                "properties": {
                    "start": {"type": "integer"},
                    "end": {"type": "integer"},
                    "base": {"type": "string"},
                    "yours": {"type": "string"},
                    "theirs": {"type": "string"},
                },
            },
        },
    },
}


VIEW_KEY = "x-view"


STATUS_DESCRIPTIONS = {
    "400": "Invalid request",
    "401": "Authentication required, or invalid token",
    "403": "Forbidden",
    "404": "Not found, or not visible to you",
    "406": "The requested format is not available",
    "409": "Conflict with another change; for a text, the response contains both sides",
    "410": "The cursor has expired: start again",
    "411": "Length required",
    "413": "The body is too large",
    "415": "The body is not JSON",
    "429": "Too many requests",
}


READ_PROBLEMS = ("400", "401", "403", "404", "406", "429")


WRITE_PROBLEMS = tuple(code for code in STATUS_DESCRIPTIONS if code != "410")


def complete_schema(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Return the schema with problems, 304 responses and examples added. This is the last postprocessing hook."""
    schemas = result["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            view = operation.pop(VIEW_KEY)
            operation["summary"] = _summary(operation)
            if method == "get":
                operation["security"].append({})  # an account is needed only for data that are not public
            if "requestBody" in operation:
                operation["requestBody"].setdefault("description", "The values, as JSON")
            _complete_operation(path, method, operation, view)
            _mark_deprecated(operation, schemas, view.deprecated)
    result["servers"] = [{"url": "/", "description": "The site from which you read this schema"}]
    selectable = _selectable_schemas(result)
    for name, schema in schemas.items():
        if name in selectable or name.endswith("Included"):
            schema.pop("required", None)
    return result


def _summary(operation: dict[str, Any]) -> str:
    """Return the first sentence of an operation's description, without its full stop."""
    first = operation.get("description", "").strip().split("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<=[a-z0-9`)])\.(?:\s|$)", first, maxsplit=1)[0]


def _complete_operation(path: str, method: str, operation: dict[str, Any], view: Any) -> None:
    responses = operation["responses"]
    for code in (*(READ_PROBLEMS if method == "get" else WRITE_PROBLEMS), *view.extra_problems):
        responses[code] = {
            "description": STATUS_DESCRIPTIONS[code],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if method == "get" and view.cacheable:
        responses["304"] = {"description": "Not modified: the ETag in If-None-Match is current"}
        responses["200"]["headers"] = {
            "ETag": {"schema": {"type": "string"}, "description": "Send this value in If-None-Match."}
        }
    operation["responses"] = dict(sorted(responses.items()))
    for parameter in operation.get("parameters", []):
        if not parameter.get("description"):
            parameter["description"] = DESCRIPTIONS[parameter["name"]]
    _add_example_response(operation)
    example = EXAMPLES.get(operation["operationId"])
    if example is None:
        return
    for parameter in operation.get("parameters", []):
        if parameter["name"] in example.parameters:
            value = _example_value(parameter, example.parameters[parameter["name"]])
            # The keys of some examples are placeholders, which only the tests replace.
            if re.fullmatch(parameter["schema"].get("pattern", ".*"), str(value)):
                parameter["example"] = value
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = example.body
    operation["x-codeSamples"] = [{"lang": "Shell", "label": "curl", "source": example.curl(method, path)}]


def _example_value(parameter: dict[str, Any], value: Any) -> Any:
    """Return an example of a parameter in the type that its schema declares."""
    kind = parameter["schema"].get("type")
    if kind == "array":
        return value if isinstance(value, list) else [value]
    return str(value) if kind == "string" else value


def _add_example_response(operation: dict[str, Any]) -> None:
    response = RESPONSES.get(operation["operationId"])
    if response is None:
        return
    status, media_type, body = response["status"], response["type"], response["body"]
    operation["responses"][str(status)]["content"][media_type]["example"] = body


def _mark_deprecated(operation: dict[str, Any], schemas: dict[str, Any], deprecated: tuple[Deprecated, ...]) -> None:
    mark_in_schema(operation, deprecated)
    for name in (entry.field for entry in deprecated if entry.field):
        success = next(response for code, response in operation["responses"].items() if code.startswith("2"))
        row = _row_schema_name(success["content"]["application/json"]["schema"], schemas)
        schemas[row]["properties"][name]["deprecated"] = True


def _selectable_schemas(result: dict[str, Any]) -> set[str]:
    """Return the names of the schemas whose fields can be selected with `fields`."""
    names: set[str] = set()
    for operations in result["paths"].values():
        for operation in operations.values():
            if any(parameter["name"] == FIELDS for parameter in operation.get("parameters", [])):
                schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
                names.add(_row_schema_name(schema, result["components"]["schemas"]))
    return names


def _row_schema_name(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    name = schema["$ref"].rpartition("/")[2]
    results = schemas[name].get("properties", {}).get("results")
    return str(results["items"]["$ref"].rpartition("/")[2]) if results else str(name)
