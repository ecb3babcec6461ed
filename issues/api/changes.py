"""The change feed, for mirrors and for clients that need only the latest changes."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from issues.api.errors import Problem
from issues.api.serializers.fields import ResponsePart
from issues.api.views.base import Endpoint
from issues.models.choices import ChangeKind
from issues.sync.change_feed import FeedPosition, FeedReader, InvalidCursor, RightsChanged

DEFAULT_LIMIT, MAX_LIMIT = 100, 500
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
    next = serializers.CharField(help_text="The cursor of the next page, to be sent as `after`.")
    more = serializers.BooleanField(help_text="Whether more entries are already available.")


QUERY_PARAMETERS = [
    OpenApiParameter(
        "after", OpenApiTypes.STR, description="The cursor after which to continue. Default: the beginning of the feed."
    ),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
        description=f"The maximum number of entries. Default: {DEFAULT_LIMIT}.",
    ),
]


class ChangesView(Endpoint):
    """Changes to all resources that you may read, oldest first.

    The response contains at most `limit` entries after the cursor `after`. Each entry has `type`, `key` and `data`.
    `data` is the current resource with everything that belongs to it, or null if the resource no longer exists or you
    may no longer read it. `next` is the cursor of the next page. If `more` is true, that page is already available.
    """

    extra_parameters = frozenset({"after", "limit"})
    extra_problems = ("410",)
    selects_fields = False

    @extend_schema(operation_id="changes", tags=["changes"], parameters=QUERY_PARAMETERS, responses=ChangesSerializer)
    def get(self, request: Request) -> Response:
        """Return a page of entries."""
        feed = FeedReader(self.reader, self.negotiation)
        page = feed.page(_requested_position(feed, request), _requested_limit(request))
        rows = zip(page.rows, page.positions, strict=True)
        return Response(
            {
                "results": [feed.as_json(row, position, request.build_absolute_uri) for row, position in rows],
                "next": feed.cursor(page.next),
                "more": page.more,
            }
        )


def _requested_position(feed: FeedReader, request: Request) -> FeedPosition:
    after = request.query_params.get("after", "")
    if not after:
        return feed.start()
    try:
        return feed.position(after)
    except InvalidCursor:
        raise ValidationError(
            {"after": ["This cursor was not issued to you for this negotiation. Use a `next` value from this feed."]}
        ) from None
    except RightsChanged:
        raise Problem("start_again", RIGHTS_CHANGED) from None


def _requested_limit(request: Request) -> int:
    limit = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 5 and 1 <= int(limit) <= MAX_LIMIT):
        raise ValidationError({"limit": [f"Enter a number from 1 to {MAX_LIMIT}."]})
    return int(limit)
