"""The feed of changes: for mirrors, and for whoever wants to know what is new without asking for everything."""

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
RIGHTS_CHANGED = "You may read other things than when this cursor was given, or by other rights."


class ChangeSerializer(ResponsePart):
    """A row of the feed: what happened to what, and the thing as it is now."""

    cursor = serializers.CharField(help_text="Where to go on behind this row.")
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    type = serializers.CharField(help_text="What kind of thing, as in the bulk download.")
    key = serializers.CharField(help_text="Its key among things of that type.")
    url = serializers.URLField(allow_null=True)
    data = serializers.DictField(  # type: ignore[assignment]  # a field of that name, which is what is meant
        allow_null=True, help_text="The thing as it is now, null where it is gone."
    )


class ChangesSerializer(ResponsePart):
    """A page of the feed."""

    results = ChangeSerializer(many=True)
    next = serializers.CharField(help_text="Where to go on: send it as `after`.")
    more = serializers.BooleanField(help_text="Whether there are further rows already.")


QUERY_PARAMETERS = [
    OpenApiParameter("after", OpenApiTypes.STR, description="Cursor of the page before; without: from the beginning."),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
        description=f"At most so many rows; {DEFAULT_LIMIT} without.",
    ),
]


class ChangesView(Endpoint):
    """What changed, oldest first, of everything that the reader may read: rows behind `after`, at most `limit`.

    Each row has `type`, `key` and `data`, the thing as it is now, or `data` null where it is gone, with all that
    belongs to it. `next` is where to go on: at once where `more` is true, later otherwise.
    """

    extra_parameters = frozenset({"after", "limit"})
    extra_problems = ("410",)
    selects_fields = False

    @extend_schema(operation_id="changes", tags=["changes"], parameters=QUERY_PARAMETERS, responses=ChangesSerializer)
    def get(self, request: Request) -> Response:
        """Return a page of rows."""
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
        raise ValidationError({"after": ["This is no cursor of yours for this negotiation."]}) from None
    except RightsChanged:
        raise Problem("start_again", RIGHTS_CHANGED) from None


def _requested_limit(request: Request) -> int:
    limit = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 5 and 1 <= int(limit) <= MAX_LIMIT):
        raise ValidationError({"limit": [f"Give a number from 1 to {MAX_LIMIT}."]})
    return int(limit)
