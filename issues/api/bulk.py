"""Bulk download: everything that the reader may read, as JSON Lines or CSV files with a manifest."""

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
# Checksums are stored per state and never become stale. They expire so that old states do not fill the cache.
CHECKSUM_TIMEOUT = 24 * 3600
EVERYTHING = "everything"
STATE_CHANGED = "Data that you may read has changed since this manifest was created."


class FormatSerializer(ResponsePart):
    """A file in one format."""

    url = serializers.URLField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class FileSerializer(ResponsePart):
    """A file listed in the manifest."""

    type = serializers.CharField()
    rows = serializers.IntegerField()
    formats = serializers.DictField(child=FormatSerializer(), help_text="The file in each format: `jsonl` and `csv`.")


class ManifestSerializer(ResponsePart):
    """The manifest of the bulk download. All files describe the same state."""

    version = serializers.IntegerField()
    negotiation = serializers.CharField()
    state = serializers.CharField(help_text="An opaque identifier. It changes whenever data that you may read change.")
    last_change = serializers.DateTimeField(allow_null=True)
    cursor = serializers.CharField(help_text="The cursor from which the change feed continues this state.")
    everything = serializers.URLField()
    files = FileSerializer(many=True)


class ManifestView(Endpoint):
    """The files available for bulk download, with the number of rows, size and SHA-256 checksum of each.

    All files describe the same state, and `cursor` is the corresponding position in the change feed. The URLs contain
    the state. Once the state has changed, they return 409, so that files from different states are never mixed.
    `everything` is the URL of a single file that ends with its own manifest.
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
    """Return the metadata of a download: version, negotiation, state, last change and change-feed cursor."""
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
    "state",
    OpenApiTypes.STR,
    description="The state given in the manifest. If it is no longer current, the response is 409.",
)


class FileView(Endpoint):
    """A single file, streamed from one state of the database.

    If `state` is given and is no longer the current state, the response is 409.
    """

    extra_parameters = frozenset({"state"})
    selects_fields = False
    cacheable = False
    extra_problems = ("409",)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Ignore the Accept header, because the URL determines the format."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="bulk_file",
        tags=["changes"],
        parameters=[STATE_PARAMETER],
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, name: str, extension: str) -> StreamingHttpResponse:
        """Return the file. Raise Http404 if the manifest does not list it, and Problem if the state has changed."""
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
    """Yield the file in chunks, read from one state of the database.

    Streaming starts when the response is sent, after all database writes of the request. If the state changes between
    the check in the view and the start of streaming, the download fails before its first byte.
    """
    with snapshot():
        feed = FeedReader(reader, negotiation)
        _require_state(state, feed)
        if name == EVERYTHING:
            yield from bulk_download.everything(reader, negotiation, download_header(feed))
        else:
            yield from bulk_download.FORMATS[extension](bulk_download.DOWNLOADED[name], reader, negotiation)
