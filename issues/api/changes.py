"""The feed of changes: for mirrors, and for whoever wants to know what is new without asking for everything."""

from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from issues.api.filtering import refuse_unknown_parameters
from issues.feed import BadCursor, Follower, OtherRights, Place
from issues.queries import negotiation_of, reader_of

LIMIT, MOST = 100, 500


class StartAgain(APIException):
    """The cursor was good, and leads nowhere any more."""

    status_code = status.HTTP_410_GONE
    default_code = "start_again"
    default_detail = (
        "You may read other things than when this cursor was given, or by other rights. Forget what you keep, and "
        "start again from the bulk download, or without a cursor."
    )


class ChangesView(APIView):
    """What changed, oldest first, of everything that the reader may read: rows behind `after`, at most `limit`.

    Each row has `type`, `key` and `data`, the thing as it is now, or `data` null where it is gone, with all that
    belongs to it. `next` is where to go on: at once where `more` is true, later otherwise.
    """

    def get(self, request: Request) -> Response:
        """Return a page of rows."""
        refuse_unknown_parameters(request, frozenset({"after", "limit"}))
        follower = Follower(reader_of(request.user), negotiation_of(request))
        page = follower.page(_place(follower, request), _limit(request))
        rows = zip(page.rows, page.places, strict=True)
        return Response(
            {
                "results": [follower.said(row, place, request.build_absolute_uri) for row, place in rows],
                "next": follower.cursor(page.next),
                "more": page.more,
            }
        )


def _place(follower: Follower, request: Request) -> Place:
    after = request.query_params.get("after", "")
    if not after:
        return follower.beginning()
    try:
        return follower.place(after)
    except BadCursor:
        raise ValidationError({"after": ["This is no cursor of yours for this negotiation."]}) from None
    except OtherRights:
        raise StartAgain from None


def _limit(request: Request) -> int:
    asked = request.query_params.get("limit", str(LIMIT))
    if not (asked.isascii() and asked.isdigit() and len(asked) < 5 and 1 <= int(asked) <= MOST):
        raise ValidationError({"limit": [f"Give a number from 1 to {MOST}."]})
    return int(asked)
