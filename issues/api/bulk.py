"""Everything that the reader may read, as files: lines of JSON or comma-separated values, with a manifest."""

from collections.abc import Iterator
from typing import Any

from django.core.cache import cache
from django.http import Http404, StreamingHttpResponse
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from issues import bulk
from issues.api.filtering import refuse_unknown_parameters
from issues.feed import Follower
from issues.models import Negotiation
from issues.queries import Reader, negotiation_of, reader_of
from issues.resources import plain
from issues.snapshots import snapshot

CONTENT_TYPES = {"jsonl": "application/x-ndjson; charset=utf-8", "csv": "text/csv; charset=utf-8"}
# Sums are those of one state, so they never grow old; nobody asks for those of last week's.
KEPT = 24 * 3600
EVERYTHING = "everything"


class StateMovedOn(APIException):
    """What is asked for is not what stands any more."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "state_moved_on"
    default_detail = (
        "Something that you may read has changed since this manifest was made. Fetch the manifest again, or take "
        "everything.jsonl, which is of one state and ends with its own manifest."
    )


class ManifestView(APIView):
    """What there is to download: each file with its number of rows, size and SHA-256, all of one state.

    `cursor` is where the feed of changes goes on from this state. Addresses carry the state: when it has moved on, they
    answer 409, so that no two files are of different states. `everything` needs no manifest: it ends with its own.
    """

    def get(self, request: Request) -> Response:
        """Return the manifest."""
        refuse_unknown_parameters(request, frozenset())
        reader, negotiation = reader_of(request.user), negotiation_of(request)
        follower = Follower(reader, negotiation)
        files = cache.get(_cached(follower))
        if files is None:
            with snapshot():
                follower = Follower(reader, negotiation)
                files = bulk.summed(reader, negotiation)
            cache.set(_cached(follower), files, KEPT)
        shown = [_file(one, follower.reached.mark, request) for one in files]
        everything = reverse("api:bulk-file", args=[EVERYTHING, "jsonl"], request=request)
        return Response({**about(follower), "everything": everything, "files": shown})


def _cached(follower: Follower) -> str:
    return f"issues.bulk.{bulk.VERSION}.{follower.negotiation.pk}.{follower.reached.mark}"


def about(follower: Follower) -> dict[str, Any]:
    """Return what a download says of itself: of what, in which state, and where the feed goes on from there."""
    return {
        "version": bulk.VERSION,
        "negotiation": follower.negotiation.slug,
        "state": follower.reached.mark,
        "last_change": plain(follower.reached.at),
        "cursor": follower.cursor(follower.here()),
    }


def _file(one: dict[str, Any], state: str, request: Request) -> dict[str, Any]:
    formats = {
        extension: {"url": f"{reverse('api:bulk-file', args=[one['type'], extension], request=request)}?state={state}"}
        | sums
        for extension, sums in one["formats"].items()
    }
    return {"type": one["type"], "rows": one["rows"], "formats": formats}


class FileView(APIView):
    """One file, streamed from one state of the database; with `state`, from that one, or 409."""

    def get(self, request: Request, name: str, extension: str) -> StreamingHttpResponse:
        """Return the file; 404 for a name that is not in the manifest."""
        refuse_unknown_parameters(request, frozenset({"state"}))
        known = extension == "jsonl" if name == EVERYTHING else name in bulk.KINDS
        if extension not in bulk.FORMATS or not known:
            raise Http404
        reader, negotiation = reader_of(request.user), negotiation_of(request)
        wanted = request.query_params.get("state", "")
        _require_state(wanted, Follower(reader, negotiation))
        parts = _stream(reader, negotiation, name, extension, wanted)
        answer = StreamingHttpResponse(parts, content_type=CONTENT_TYPES[extension])
        answer["Content-Disposition"] = f'attachment; filename="{negotiation.slug}-{name}.{extension}"'
        return answer


def _require_state(wanted: str, follower: Follower) -> None:
    if wanted and wanted != follower.reached.mark:
        raise StateMovedOn


def _stream(reader: Reader, negotiation: Negotiation, name: str, extension: str, wanted: str) -> Iterator[bytes]:
    """Yield the file, read from one state.

    It begins when the answer is sent, behind all that the site writes for a request. Where the state has moved on in
    that very moment, the download breaks off without a byte.
    """
    with snapshot():
        follower = Follower(reader, negotiation)
        _require_state(wanted, follower)
        if name == EVERYTHING:
            yield from bulk.whole(reader, negotiation, about(follower))
        else:
            yield from bulk.FORMATS[extension](bulk.KINDS[name], reader, negotiation)
