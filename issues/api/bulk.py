"""Everything that the reader may read, as files: lines of JSON or comma-separated values, with a manifest."""

from collections.abc import Iterator
from typing import Any

from django.core.cache import cache
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from issues.access.roles import Reader
from issues.api.errors import Problem
from issues.api.serializers.fields import Document
from issues.api.views.base import Endpoint
from issues.models import Negotiation
from issues.sync import bulk_download
from issues.sync.change_feed import Follower
from issues.sync.resources import plain
from issues.sync.snapshots import snapshot

CONTENT_TYPES = {"jsonl": "application/x-ndjson; charset=utf-8", "csv": "text/csv; charset=utf-8"}
# Sums are those of one state, so they never grow old; nobody asks for those of last week's.
KEPT = 24 * 3600
EVERYTHING = "everything"
MOVED_ON = "Something that you may read has changed since this manifest was made."


class FormatSerializer(Document):
    """A file in one format."""

    url = serializers.URLField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class FileSerializer(Document):
    """A file of the manifest."""

    type = serializers.CharField()
    rows = serializers.IntegerField()
    formats = serializers.DictField(child=FormatSerializer(), help_text="By `jsonl` and `csv`.")


class ManifestSerializer(Document):
    """What there is to download, all of one state."""

    version = serializers.IntegerField()
    negotiation = serializers.CharField()
    state = serializers.CharField(help_text="Opaque; another one whenever anything changed that the reader may read.")
    last_change = serializers.DateTimeField(allow_null=True)
    cursor = serializers.CharField(help_text="Where the feed of changes goes on from this state.")
    everything = serializers.URLField()
    files = FileSerializer(many=True)


class ManifestView(Endpoint):
    """What there is to download: each file with its number of rows, size and SHA-256, all of one state.

    `cursor` is where the feed of changes goes on from this state. Addresses carry the state: when it has moved on, they
    answer 409, so that no two files are of different states. `everything` needs no manifest: it ends with its own.
    """

    shapes = False

    @extend_schema(operation_id="bulk", tags=["changes"], responses=ManifestSerializer)
    def get(self, request: Request) -> Response:
        """Return the manifest."""
        follower = Follower(self.reader, self.negotiation)
        files = cache.get(_cached(follower))
        if files is None:
            with snapshot():
                follower = Follower(self.reader, self.negotiation)
                files = bulk_download.summed(self.reader, self.negotiation)
            cache.set(_cached(follower), files, KEPT)
        shown = [_file(one, follower.reached.mark, request) for one in files]
        everything = reverse("api:bulk-file", args=[EVERYTHING, "jsonl"], request=request)
        return Response({**about(follower), "everything": everything, "files": shown})


def _cached(follower: Follower) -> str:
    return f"issues.sync.bulk_download.{bulk_download.VERSION}.{follower.negotiation.pk}.{follower.reached.mark}"


def about(follower: Follower) -> dict[str, Any]:
    """Return what a download says of itself: of what, in which state, and where the feed goes on from there."""
    return {
        "version": bulk_download.VERSION,
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


STATE = OpenApiParameter("state", OpenApiTypes.STR, description="Of this state, or 409; without: of the state now.")


class FileView(Endpoint):
    """One file, streamed from one state of the database; with `state`, from that one, or 409."""

    further_parameters = frozenset({"state"})
    shapes = False
    pollable = False
    further_problems = ("409",)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Send the file whatever is accepted: its address says what it is."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="bulk_file",
        tags=["changes"],
        parameters=[STATE],
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, name: str, extension: str) -> StreamingHttpResponse:
        """Return the file; 404 for a name that is not in the manifest."""
        known = extension == "jsonl" if name == EVERYTHING else name in bulk_download.KINDS
        if extension not in bulk_download.FORMATS or not known:
            raise Http404
        reader, negotiation = self.reader, self.negotiation
        wanted = request.query_params.get("state", "")
        _require_state(wanted, Follower(reader, negotiation))
        parts = _stream(reader, negotiation, name, extension, wanted)
        answer = StreamingHttpResponse(parts, content_type=CONTENT_TYPES[extension])
        answer["Content-Disposition"] = f'attachment; filename="{negotiation.slug}-{name}.{extension}"'
        return answer


def _require_state(wanted: str, follower: Follower) -> None:
    if wanted and wanted != follower.reached.mark:
        raise Problem("state_moved_on", MOVED_ON)


def _stream(reader: Reader, negotiation: Negotiation, name: str, extension: str, wanted: str) -> Iterator[bytes]:
    """Yield the file, read from one state.

    It begins when the answer is sent, behind all that the site writes for a request. Where the state has moved on in
    that very moment, the download breaks off without a byte.
    """
    with snapshot():
        follower = Follower(reader, negotiation)
        _require_state(wanted, follower)
        if name == EVERYTHING:
            yield from bulk_download.whole(reader, negotiation, about(follower))
        else:
            yield from bulk_download.FORMATS[extension](bulk_download.KINDS[name], reader, negotiation)
