"""What the schema says beside what views and serializers do: parameters, problems, examples."""

from typing import Any

import django_filters
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiFilterExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from issues.api.deprecation import Deprecated, mark_in_schema
from issues.api.errors import KINDS, MEDIA_TYPE
from issues.api.examples import EXAMPLES, RESPONSES
from issues.api.field_selection import FIELDS, INCLUDE, INCLUDED
from issues.api.filtering import REPEATABLE_FILTERS
from issues.api.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

AS_OF = "As of the end of this day, such as 2020-12-07; without: now."
# name: (what it means, type, several)
PARAMETERS: dict[str, tuple[str, Any, bool]] = {
    "as_of": (AS_OF, OpenApiTypes.DATE, False),
    "known_at": (
        "As it was on record at this moment, such as 2020-12-07T18:00:00+01:00: what was recorded later does not "
        "count. Without `as_of`, as of the day of the moment.",
        OpenApiTypes.DATETIME,
        False,
    ),
    "start": ("From the end of this day.", OpenApiTypes.DATE, False),
    "end": ("To the end of this day; without: now.", OpenApiTypes.DATE, False),
    "since": ("From this day on.", OpenApiTypes.DATE, False),
    "until": ("Up to this day.", OpenApiTypes.DATE, False),
    "section": ("Code of a section.", OpenApiTypes.STR, False),
    "issue": ("Code of an issue.", OpenApiTypes.STR, False),
    "sub_issue": ("Code of a sub-issue.", OpenApiTypes.STR, False),
    "small_group": ("Slug of a small group.", OpenApiTypes.STR, False),
    "provision": ("Slug of a provision.", OpenApiTypes.STR, False),
    "member": ("Code of a member.", OpenApiTypes.STR, False),
    "members": ("Codes of members.", OpenApiTypes.STR, True),
    "person": ("User name; for participants only.", OpenApiTypes.STR, False),
    "kind": ("Which kind of entry.", OpenApiTypes.STR, False),
    "least": ("Members that take a side at least so often.", OpenApiTypes.INT, False),
    "mode": ("How the text is read; without: everything.", OpenApiTypes.STR, False),
    "silence": (
        "What becomes of a bracket where they are silent; without: it stays.",
        OpenApiTypes.STR,
        False,
    ),
    "old": ("Number of a revision.", OpenApiTypes.INT, False),
    "new": ("Number of a revision.", OpenApiTypes.INT, False),
    "page": ("Which page, from 1.", OpenApiTypes.INT, False),
    "page_size": (f"How many rows, at most {MAX_PAGE_SIZE}; {DEFAULT_PAGE_SIZE} without.", OpenApiTypes.INT, False),
    FIELDS: ("Names of the fields to send, with commas between; without: all.", OpenApiTypes.STR, False),
}
CHOICES: dict[str, list[str]] = {"mode": ["base", "members"], "silence": ["keep", "drop"]}
QUERY_NAMES = {"members": "member"}
REQUIRED = frozenset({"start", "old", "new"})

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A key of your own: the same request sent again is recorded once; another one under it is 409.",
)
WRITE_PARAMETERS = [IDEMPOTENCY_KEY]
MEMBER_PARAMETER = [
    OpenApiParameter("code", OpenApiTypes.STR, OpenApiParameter.PATH, description="Code of the member.")
]


def query_parameters(*names: str, pages: bool = False) -> list[OpenApiParameter]:
    """Return the parameters of these names, as the schema writes them; with `pages`, those of numbered pages too."""
    return [_parameter(name) for name in (*names, *(("page", "page_size") if pages else ()))]


def _parameter(name: str) -> OpenApiParameter:
    description, schema_type, repeatable = PARAMETERS[name]
    return OpenApiParameter(
        QUERY_NAMES.get(name, name),
        schema_type,
        description=description,
        many=repeatable,
        enum=CHOICES.get(name),
        required=name in REQUIRED,
    )


def paged_serializer(row: type[serializers.Serializer[Any]]) -> Any:
    """Return the serializer of a numbered page of rows."""
    return inline_serializer(
        f"Paged{row.__name__.removesuffix('Serializer')}List",
        {
            "count": serializers.IntegerField(),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": row(many=True),
        },
    )


class Schema(AutoSchema):
    """The schema of one operation."""

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters that views have in common."""
        view: Any = self.view
        common = []
        if self.method == "GET" and hasattr(view, "action") and view.action in ("list", "retrieve"):
            serializer: Any = view.get_serializer_class()
            common = query_parameters(FIELDS)
            if INCLUDED in serializer._declared_fields:
                names = list(serializer._declared_fields[INCLUDED].fields)
                description = f"What to send along, with commas between: {', '.join(names)}."
                common.append(OpenApiParameter(INCLUDE, OpenApiTypes.STR, description=description))
        return [*super().get_override_parameters(), *common]

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Return the operation, and with it the view, for `finish`."""
        operation = super().get_operation(*args, **kwargs)
        return operation and {**operation, VIEW_KEY: self.view}


class FilterParameters(OpenApiFilterExtension):  # type: ignore[no-untyped-call]  # registers itself
    """The filters of a list, by what they are; their querysets are not asked, so that no database is needed."""

    target_class = "issues.api.filtering.StrictFilterBackend"
    priority = 1

    def get_schema_operation_parameters(self, auto_schema: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        """Return the parameters."""
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


class StandingFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # registers itself
    """What is handed in to a serializer has the schema that it says."""

    target_class = "issues.api.serializers.outline.StandingField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        """Return the schema."""
        return auto_schema._map_serializer_field(self.target.shape, direction)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """Tokens."""

    target_class = "issues.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return what the schema says."""
        description = "Made on the page of the account; see docs/how-to/api.md."
        return {"type": "http", "scheme": "bearer", "description": description}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """Sessions of the pages."""

    target_class = "issues.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return what the schema says."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


PROBLEM = {
    "type": "object",
    "description": "What went wrong, as RFC 9457 writes it; `code` does not change.",
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
                    "field": {"type": "string", "description": "Empty where it is about the whole."},
                    "message": {"type": "string"},
                    "code": {"type": "string"},
                    "place": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "way_out": {"type": "string"},
                },
            },
        },
        "current": {"type": "object", "description": "Of a conflict: what stands now."},
        "places": {
            "type": "array",
            "description": "Of a conflict: the places that both changed, each with both sides.",
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
    "400": "Something in it cannot be used",
    "401": "Nobody is signed in, or the token opens nothing",
    "403": "It is not yours to do",
    "404": "There is no such thing, or it is not for you to read",
    "406": "It is not written in what you accept",
    "409": "Something changed meanwhile; of a text, both sides are in the answer",
    "410": "The cursor leads nowhere any more: start again",
    "411": "The body has no length",
    "413": "The body is too large",
    "415": "The body is not JSON",
    "429": "Too many requests",
}
READ_PROBLEMS = ("400", "401", "403", "404", "406", "429")
WRITE_PROBLEMS = tuple(code for code in STATUS_DESCRIPTIONS if code != "410")


def complete_schema(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Return the schema with problems, unchanged answers and examples: the last hook of its making."""
    schemas = result["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            view = operation.pop(VIEW_KEY)
            _complete_operation(path, method, operation, view)
            _mark_deprecated(operation, schemas, view.deprecated)
    selectable = _selectable_schemas(result)
    for name, schema in schemas.items():
        if name in selectable or name.endswith("Included"):
            schema.pop("required", None)
    return result


def _complete_operation(path: str, method: str, operation: dict[str, Any], view: Any) -> None:
    responses = operation["responses"]
    for code in (*(READ_PROBLEMS if method == "get" else WRITE_PROBLEMS), *view.extra_problems):
        responses[code] = {
            "description": STATUS_DESCRIPTIONS[code],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if method == "get" and view.cacheable:
        responses["304"] = {"description": "It is what you hold: the tag in If-None-Match is still the right one"}
        responses["200"]["headers"] = {
            "ETag": {"schema": {"type": "string"}, "description": "Send it back in If-None-Match."}
        }
    operation["responses"] = dict(sorted(responses.items()))
    _add_example_response(operation)
    example = EXAMPLES.get(operation["operationId"])
    if example is None:
        return
    for parameter in operation.get("parameters", []):
        if parameter["name"] in example.parameters:
            parameter["example"] = example.parameters[parameter["name"]]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = example.body
    operation["x-codeSamples"] = [{"lang": "Shell", "label": "curl", "source": example.curl(method, path)}]


def _add_example_response(operation: dict[str, Any]) -> None:
    """Put what the example of an operation is answered beside its schema."""
    response = RESPONSES.get(operation["operationId"])
    if response is None:
        return
    status, media_type, body = response["status"], response["type"], response["body"]
    operation["responses"][str(status)]["content"][media_type]["example"] = body


def _mark_deprecated(operation: dict[str, Any], schemas: dict[str, Any], deprecated: tuple[Deprecated, ...]) -> None:
    mark_in_schema(operation, deprecated)
    for name in (entry.field for entry in deprecated if entry.field):
        row = _row_schema_name(operation["responses"]["200"]["content"]["application/json"]["schema"], schemas)
        schemas[row]["properties"][name]["deprecated"] = True


def _selectable_schemas(result: dict[str, Any]) -> set[str]:
    """Return the names of the schemas of which `fields` may leave something out."""
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
