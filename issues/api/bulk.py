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
from issues.api.serializers.fields import ResponsePart
from issues.api.views.base import Endpoint
from issues.models import Negotiation
from issues.sync import bulk_download
from issues.sync.change_feed import FeedReader
from issues.sync.resources.base import json_value
from issues.sync.snapshots import snapshot

CONTENT_TYPES = {"jsonl": "application/x-ndjson; charset=utf-8", "csv": "text/csv; charset=utf-8"}
# Sums are those of one state, so they never grow old; nobody asks for those of last week's.
CHECKSUM_TIMEOUT = 24 * 3600
EVERYTHING = "everything"
STATE_CHANGED = "Something that you may read has changed since this manifest was made."


class FormatSerializer(ResponsePart):
    """A file in one format."""

    url = serializers.URLField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class FileSerializer(ResponsePart):
    """A file of the manifest."""

    type = serializers.CharField()
    rows = serializers.IntegerField()
    formats = serializers.DictField(child=FormatSerializer(), help_text="By `jsonl` and `csv`.")


class ManifestSerializer(ResponsePart):
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

    selects_fields = False

    @extend_schema(operation_id="bulk", tags=["changes"], responses=ManifestSerializer)
    def get(self, request: Request) -> Response:
        """Return the manifest."""
        feed = FeedReader(self.reader, self.negotiation)
        files = cache.get(_cache_key(feed))
        if files is None:
            with snapshot():
                feed = FeedReader(self.reader, self.negotiation)
                files = bulk_download.files(self.reader, self.negotiation)
            cache.set(_cache_key(feed), files, CHECKSUM_TIMEOUT)
        entries = [_file_entry(file, feed.version.etag, request) for file in files]
        everything = reverse("api:bulk-file", args=[EVERYTHING, "jsonl"], request=request)
        return Response({**download_header(feed), "everything": everything, "files": entries})


def _cache_key(feed: FeedReader) -> str:
    return f"issues.sync.bulk_download.{bulk_download.VERSION}.{feed.negotiation.pk}.{feed.version.etag}"


def download_header(feed: FeedReader) -> dict[str, Any]:
    """Return what a download says of itself: of what, in which state, and where the feed goes on from there."""
    return {
        "version": bulk_download.VERSION,
        "negotiation": feed.negotiation.slug,
        "state": feed.version.etag,
        "last_change": json_value(feed.version.at),
        "cursor": feed.cursor(feed.end()),
    }


def _file_entry(file: dict[str, Any], state: str, request: Request) -> dict[str, Any]:
    formats = {
        extension: {"url": f"{reverse('api:bulk-file', args=[file['type'], extension], request=request)}?state={state}"}
        | sums
        for extension, sums in file["formats"].items()
    }
    return {"type": file["type"], "rows": file["rows"], "formats": formats}


STATE_PARAMETER = OpenApiParameter(
    "state", OpenApiTypes.STR, description="Of this state, or 409; without: of the state now."
)


class FileView(Endpoint):
    """One file, streamed from one state of the database; with `state`, from that one, or 409."""

    extra_parameters = frozenset({"state"})
    selects_fields = False
    cacheable = False
    extra_problems = ("409",)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Send the file whatever is accepted: its address says what it is."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="bulk_file",
        tags=["changes"],
        parameters=[STATE_PARAMETER],
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, name: str, extension: str) -> StreamingHttpResponse:
        """Return the file; 404 for a name that is not in the manifest."""
        exists = extension == "jsonl" if name == EVERYTHING else name in bulk_download.DOWNLOADED
        if extension not in bulk_download.FORMATS or not exists:
            raise Http404
        reader, negotiation = self.reader, self.negotiation
        state = request.query_params.get("state", "")
        _require_state(state, FeedReader(reader, negotiation))
        chunks = _file_chunks(reader, negotiation, name, extension, state)
        response = StreamingHttpResponse(chunks, content_type=CONTENT_TYPES[extension])
        response["Content-Disposition"] = f'attachment; filename="{negotiation.slug}-{name}.{extension}"'
        return response


def _require_state(state: str, feed: FeedReader) -> None:
    if state and state != feed.version.etag:
        raise Problem("state_moved_on", STATE_CHANGED)


def _file_chunks(reader: Reader, negotiation: Negotiation, name: str, extension: str, state: str) -> Iterator[bytes]:
    """Yield the file, read from one state.

    It begins when the answer is sent, behind all that the site writes for a request. Where the state has moved on in
    that very moment, the download breaks off without a byte.
    """
    with snapshot():
        feed = FeedReader(reader, negotiation)
        _require_state(state, feed)
        if name == EVERYTHING:
            yield from bulk_download.everything(reader, negotiation, download_header(feed))
        else:
            yield from bulk_download.FORMATS[extension](bulk_download.DOWNLOADED[name], reader, negotiation)
