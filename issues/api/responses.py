"""ETags, 304 responses, compression and caching, which reduce the cost of repeated requests.

The ETag is computed without building the response, from everything on which the response depends: the URL, the reader,
the date, the version of the schema, and the mark of `issues.sync.versions`. Cache-Control and Vary determine who may
store a copy.
"""

import datetime
import gzip
import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpResponseNotModified
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from issues.access.roles import ANYBODY, Reader
from issues.api.version import VERSION
from issues.sync import versions

VARY = ("Accept", "Accept-Encoding", "Authorization", "Cookie")
PUBLIC, PRIVATE, NO_STORE = "public, no-cache", "private, no-cache", "no-store"
# Responses of up to this size in bytes are not compressed, because compression does not shorten them on the wire.
MIN_COMPRESSED_SIZE = 500
JSON_ACCEPT = ("application/json", "application/*", "*/*", "")


def etag_for(reader: Reader, mark: str, url: str) -> str:
    """Return the ETag of the response that `reader` gets from `url`, an absolute URL with its query.

    `mark` is the mark of `issues.sync.versions` for this reader.
    """
    parts = (VERSION, url, reader.user, reader.capacities, timezone.localdate(), mark)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


# A change is dated before it is committed. Until this much time has passed, its date does not identify a state.
SETTLING_TIME = datetime.timedelta(minutes=1)


def last_modified(last_change: datetime.datetime | None) -> datetime.datetime | None:
    """Return the time at which a response last changed, or None if that time is uncertain.

    `last_change` is the time of the latest change to the response's data. The start of a day also counts as a change,
    because responses show ages. The result is None within a minute of a change. ETags are based on the number of the
    change, but dates depend on a clock: a change dated in the same second, or before midnight, but committed later
    would be indistinguishable from the previous change.
    """
    now = timezone.now()
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    changed = max(last_change or day, day)
    return None if now - changed < SETTLING_TIME else changed


def is_current(headers: Any, tag: str, changed: datetime.datetime | None = None) -> bool:
    """Return whether the client holds the response with this ETag or, if it sent no ETag, the response dated `changed`.

    The dates must be equal. A later date comes from the client's own clock, and changes may have been committed after
    the client read the response.
    """
    if etags := headers.get("If-None-Match"):
        return etags.strip() == "*" or any(_bare_etag(etag) == tag for etag in parse_etags(etags))
    since = parse_http_date_safe(headers.get("If-Modified-Since", "")) if changed else None
    return since is not None and changed is not None and int(changed.timestamp()) == since


def _bare_etag(etag: str) -> str:
    """Return an ETag without the parts that proxies and compression add."""
    return etag.removeprefix("W/").strip('"').removesuffix("-gzip")


def accepts_gzip(headers: Any) -> bool:
    """Return whether the client accepts gzip."""
    return any(
        part.strip().split(";")[0] == "gzip" and not part.replace(" ", "").endswith((";q=0", ";q=0.0"))
        for part in headers.get("Accept-Encoding", "").split(",")
    )


class CachedResponse(NamedTuple):
    """A response as it was sent to anonymous clients."""

    body: bytes
    compressed: bytes
    changed: datetime.datetime | None
    headers: dict[str, str]


class _ResponseCache:
    """A cache of this process's most recent public responses, by ETag. Equal ETags imply equal bytes."""

    def __init__(self) -> None:
        self.rows: OrderedDict[str, CachedResponse] = OrderedDict()
        self.size, self.lock = 0, Lock()

    def get(self, tag: str) -> CachedResponse | None:
        """Return the cached response with this ETag, or None."""
        return self.rows.get(tag)

    def put(self, tag: str, kept: CachedResponse) -> None:
        """Store a response unless it is too large, and evict the oldest ones while the total size exceeds the limit."""
        with self.lock:
            if tag in self.rows or len(kept.body) > settings.API_MEMORY_BYTES // 10:
                return
            self.rows[tag] = kept
            self.size += len(kept.body) + len(kept.compressed)
            while self.size > settings.API_MEMORY_BYTES:
                _, old = self.rows.popitem(last=False)
                self.size -= len(old.body) + len(old.compressed)


PUBLIC_RESPONSES = _ResponseCache()


def compress(body: bytes) -> bytes:
    """Return `body` compressed with gzip. The result is deterministic."""
    return gzip.compress(body, compresslevel=6, mtime=0)


def set_validators(response: Any, tag: str, changed: datetime.datetime | None, *, public: bool) -> None:
    """Set the ETag, date and caching headers of a response."""
    response["Cache-Control"] = PUBLIC if public else PRIVATE
    response["ETag"] = f'"{tag}"'
    response["Content-Language"] = "en"
    if changed is not None:
        response["Last-Modified"] = http_date(int(changed.timestamp()))
    patch_vary_headers(response, VARY)


def add_service_links(response: Any) -> None:
    """Add links to the schema and the reference of the API (RFC 8631) to the Link header of a response."""
    links = [f'<{reverse("api:schema")}>; rel="service-desc"', f'<{reverse("api:reference")}>; rel="service-doc"']
    response["Link"] = ", ".join([*([response["Link"]] if "Link" in response else []), *links])


def not_modified(headers: Any, tag: str, *, public: bool) -> HttpResponseNotModified:
    """Return a 304 response with the ETag in the form that the client holds."""
    response = HttpResponseNotModified()
    etag = f"{tag}-gzip" if f"{tag}-gzip" in headers.get("If-None-Match", "") else tag
    set_validators(response, etag, None, public=public)
    return response


def may_compress(headers: Any, *, public: bool) -> bool:
    """Return whether a response may be compressed, which is not the case for requests with a session.

    The length of a compressed response that contains both a secret and input chosen by another site can reveal the
    secret (BREACH). Tokens are safe, because only programs send them.
    """
    return (public or "Authorization" in headers) and accepts_gzip(headers)


def set_compressed_body(response: Any, compressed: bytes) -> None:
    """Set `compressed` as the body of a response that already has its validators, and adapt the ETag."""
    response.content = compressed
    response["Content-Encoding"] = "gzip"
    response["ETag"] = response["ETag"][:-1] + '-gzip"'


def is_anonymous(request: Any) -> bool:
    """Return whether a request carries neither a token nor a session."""
    return "Authorization" not in request.headers and settings.SESSION_COOKIE_NAME not in request.COOKIES


def public_etag(request: Any, version: versions.FeedVersion) -> str:
    """Return the ETag of the response to `request` for anonymous clients at this `version` of the feed."""
    return etag_for(ANYBODY, version.etag, request.build_absolute_uri())
