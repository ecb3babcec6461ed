"""Descriptions, for the schema, of parameters and responses that several operations share."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from issues.api.field_selection import FIELDS
from issues.api.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

AS_OF = (
    "Show the state at the end of this day, for example 2020-12-07. Default: the last day of the negotiation's facts, "
    "`facts_collected_up_to` in the status document. Later facts, such as meetings held since, require a later date."
)


# For each name: the description, the type, and whether the parameter may be repeated.
PARAMETERS: dict[str, tuple[str, Any, bool]] = {
    "as_of": (AS_OF, OpenApiTypes.DATE, False),
    "known_at": (
        "Show the state as recorded at this moment, for example 2020-12-07T18:00:00+01:00. Later records are left "
        "out. The default for `as_of` is then the date of this moment.",
        OpenApiTypes.DATETIME,
        False,
    ),
    "start": ("Start of the period: the state at the end of this day.", OpenApiTypes.DATE, False),
    "end": (
        "End of the period: the state at the end of this day. Default: the current state.",
        OpenApiTypes.DATE,
        False,
    ),
    "since": ("Only entries from this date onwards.", OpenApiTypes.DATE, False),
    "until": ("Only entries up to and including this date.", OpenApiTypes.DATE, False),
    "section": ("Code of a section.", OpenApiTypes.STR, False),
    "issue": ("Code of an issue.", OpenApiTypes.STR, False),
    "sub_issue": ("Code of a sub-issue.", OpenApiTypes.STR, False),
    "small_group": ("Slug of a small group.", OpenApiTypes.STR, False),
    "provision": ("Slug of a provision.", OpenApiTypes.STR, False),
    "member": ("Code of a member.", OpenApiTypes.STR, False),
    "members": ("Codes of members.", OpenApiTypes.STR, True),
    "person": ("User name. Only participants may use this parameter.", OpenApiTypes.STR, False),
    "kind": ("Kind of entry.", OpenApiTypes.STR, False),
    "least": ("Only members that take a side on at least this many variants.", OpenApiTypes.INT, False),
    "mode": (
        "Reading of the text: the base text, or the text as `member` would have it. Default: the whole text.",
        OpenApiTypes.STR,
        False,
    ),
    "silence": (
        "Treatment of brackets on which these members take no position. Default: the brackets stay in the text.",
        OpenApiTypes.STR,
        False,
    ),
    "old": ("Number of the revision to compare from.", OpenApiTypes.INT, False),
    "new": ("Number of the revision to compare with.", OpenApiTypes.INT, False),
    "page": ("Page number, from 1.", OpenApiTypes.INT, False),
    "page_size": (
        f"Number of rows per page, at most {MAX_PAGE_SIZE}. Default: {DEFAULT_PAGE_SIZE}.",
        OpenApiTypes.INT,
        False,
    ),
    FIELDS: ("Names of the fields to return, separated by commas. Default: all.", OpenApiTypes.STR, False),
}


# Descriptions of parameters that have none of their own, most of which are parts of the path.
DESCRIPTIONS = {
    "code": "Code of the entry, in any case.",
    "slug": "Slug of the entry.",
    "id": "`id` of the entry.",
    "number": "Number of the revision.",
    "name": "Type of the resources, or `everything`.",
    "extension": "Format of the file: `jsonl` or `csv`.",
    "speaks": "Whether bracket heads may name the grouping.",
    "region": "Region in WTO statistics.",
    "development_status": "Development status in the WTO.",
    "stance": "Stance taken.",
    "status": "Status stated.",
}


CHOICES: dict[str, list[str]] = {"mode": ["base", "members"], "silence": ["keep", "drop"]}


QUERY_NAMES = {"members": "member"}


REQUIRED = frozenset({"start", "old", "new"})


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A key of your choice. A request repeated with the same key is recorded only once. A different "
    "request with the same key returns 409.",
)


WRITE_PARAMETERS = [IDEMPOTENCY_KEY]


MEMBER_PARAMETER = [
    OpenApiParameter("code", OpenApiTypes.STR, OpenApiParameter.PATH, description="Code of the member.")
]


def query_parameters(*names: str, pages: bool = False) -> list[OpenApiParameter]:
    """Return the schema's parameters with these names. With `pages`, include those of numbered pages."""
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


def paged_serializer(row: type[serializers.Serializer[Any]], **more: serializers.Field[Any, Any, Any, Any]) -> Any:
    """Return the serializer of a numbered page of rows. `more` contains further fields of the page."""
    return inline_serializer(
        f"Paged{row.__name__.removesuffix('Serializer')}List",
        {
            "count": serializers.IntegerField(),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            **more,
            "results": row(many=True),
        },
    )
