"""The change feed, for mirrors and for clients that need only the latest changes."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from issues.api import former_names
from issues.api.errors import Problem
from issues.api.serializers.fields import ResponsePart
from issues.api.views.base import Endpoint
from issues.models.choices import ChangeKind
from issues.sync.change_feed import FeedPosition, FeedReader, InvalidCursor, RightsChanged

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 100, 500
RIGHTS_CHANGED = "Your rights have changed since this cursor was issued."


class ChangeSerializer(ResponsePart):
    """An entry of the change feed: the kind of change, the resource affected and its current state."""

    cursor = serializers.CharField(help_text="The cursor for continuing after this entry.")
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    type = serializers.CharField(help_text="The type of the resource, as in the bulk download.")
    key = serializers.CharField(help_text="The key of the resource within its type.")
    url = serializers.URLField(allow_null=True)
    data = serializers.DictField(  # type: ignore[assignment]  # REST framework serializers have an attribute `data`
        allow_null=True, help_text="The current resource; null if it no longer exists or you may no longer read it."
    )


class ChangesSerializer(ResponsePart):
    """A page of the change feed."""

    results = ChangeSerializer(many=True)
    next = serializers.CharField(help_text="The cursor of the next page, to be sent as `cursor`.")
    more = serializers.BooleanField(help_text="Whether more entries are already available.")


NUMBER = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE}
QUERY_PARAMETERS = [
    OpenApiParameter(
        "cursor",
        OpenApiTypes.STR,
        description="The cursor after which to continue. Default: the beginning of the feed.",
    ),
    OpenApiParameter(
        "page_size",
        NUMBER,
        description=f"Number of entries per page, at most {MAX_PAGE_SIZE}. Default: {DEFAULT_PAGE_SIZE}.",
    ),
    OpenApiParameter("after", OpenApiTypes.STR, description="Deprecated: use `cursor`"),
    OpenApiParameter("limit", NUMBER, description="Deprecated: use `page_size`"),
]


class ChangesView(Endpoint):
    """Changes to all resources that you may read, oldest first.

    The response contains at most `page_size` entries after `cursor`. Each entry has `type`, `key` and `data`.
    `data` is the current resource with everything that belongs to it, or null if the resource no longer exists or you
    may no longer read it. `next` is the cursor of the next page. If `more` is true, that page is already available.
    """

    extra_parameters = frozenset({"cursor", "page_size", "after", "limit"})
    deprecated = former_names.CHANGES
    extra_problems = ("410",)
    selects_fields = False

    @extend_schema(operation_id="changes", tags=["changes"], parameters=QUERY_PARAMETERS, responses=ChangesSerializer)
    def get(self, request: Request) -> Response:
        """Return a page of entries."""
        feed = FeedReader(self.reader, self.negotiation)
        page = feed.page(_requested_position(feed, request), _requested_page_size(request))
        rows = zip(page.rows, page.positions, strict=True)
        return Response(
            {
                "results": [feed.as_json(row, position, request.build_absolute_uri) for row, position in rows],
                "next": feed.cursor(page.next),
                "more": page.more,
            }
        )


def _requested_position(feed: FeedReader, request: Request) -> FeedPosition:
    name = _sent_name(request, "cursor", "after")
    cursor = request.query_params.get(name, "")
    if not cursor:
        return feed.start()
    try:
        return feed.position(cursor)
    except InvalidCursor:
        raise ValidationError(
            {name: ["This cursor was not issued to you for this negotiation. Use a `next` value from this feed."]}
        ) from None
    except RightsChanged:
        raise Problem("start_again", RIGHTS_CHANGED) from None


def _requested_page_size(request: Request) -> int:
    name = _sent_name(request, "page_size", "limit")
    size = request.query_params.get(name, str(DEFAULT_PAGE_SIZE))
    if not (size.isascii() and size.isdigit() and len(size) < 5 and 1 <= int(size) <= MAX_PAGE_SIZE):
        raise ValidationError({name: [f"Enter a number from 1 to {MAX_PAGE_SIZE}."]})
    return int(size)


def _sent_name(request: Request, name: str, former: str) -> str:
    """Return the name under which a parameter was sent. If it was sent under both names, the present name counts."""
    return former if former in request.query_params and name not in request.query_params else name
