"""Answers that are cheap to ask for again: strong validators, 304, compression, and who may keep a copy.

The validator of an answer is made of what it depends on, without reading it: the address, who reads, the day, the
version of the schema, and the mark of `issues.sync.versions`. What somebody else may keep is said by Cache-Control
and Vary.
"""

import datetime
import gzip
import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from issues.access.roles import ANYBODY, Reader
from issues.api.version import VERSION
from issues.sync import versions

VARY = ("Accept", "Accept-Encoding", "Authorization", "Cookie")
PUBLIC, PRIVATE, NO_STORE = "public, no-cache", "private, no-cache", "no-store"
# Below so many bytes a compressed answer is no shorter on the wire.
MIN_COMPRESSED_SIZE = 500
JSON_ACCEPT = ("application/json", "application/*", "*/*", "")


def etag_for(reader: Reader, mark: str, url: str) -> str:
    """Return the tag of what `reader` is answered at `address`, which is absolute and has the query.

    `mark` is that of `issues.sync.versions`, for this reader.
    """
    parts = (VERSION, url, reader.user, reader.capacities, timezone.localdate(), mark)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


# A change is dated before it is committed. Until this long after it, nobody can say by the date what had been read.
SETTLING_TIME = datetime.timedelta(minutes=1)


def last_modified(last_change: datetime.datetime | None) -> datetime.datetime | None:
    """Return when an answer has last changed, of which the last change was `told`; each day may change it, by ages.

    None within a minute of a change: the tag goes by the number of the change, the date by a clock. A change that was
    dated in the same second, or before midnight, and committed later could not be told from the one before.
    """
    now = timezone.now()
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    changed = max(last_change or day, day)
    return None if now - changed < SETTLING_TIME else changed


def is_current(headers: Any, tag: str, changed: datetime.datetime | None = None) -> bool:
    """Whether the client holds the answer with this tag, or, where it sends no tag, the one that was dated `changed`.

    A later date is not taken: it would be the client's, and what it read then may have been committed afterwards.
    """
    if etags := headers.get("If-None-Match"):
        return etags.strip() == "*" or any(_bare_etag(etag) == tag for etag in parse_etags(etags))
    since = parse_http_date_safe(headers.get("If-Modified-Since", "")) if changed else None
    return since is not None and changed is not None and int(changed.timestamp()) == since


def _bare_etag(etag: str) -> str:
    """Return a tag without what proxies and compression add to it."""
    return etag.removeprefix("W/").strip('"').removesuffix("-gzip")


def accepts_gzip(headers: Any) -> bool:
    """Whether the client reads gzip."""
    return any(
        part.strip().split(";")[0] == "gzip" and not part.replace(" ", "").endswith((";q=0", ";q=0.0"))
        for part in headers.get("Accept-Encoding", "").split(",")
    )


class CachedResponse(NamedTuple):
    """An answer as it was sent to anybody."""

    body: bytes
    compressed: bytes
    changed: datetime.datetime | None
    headers: dict[str, str]


class _ResponseCache:
    """The last public answers of this process, by tag: a tag that is asked for again has the same bytes."""

    def __init__(self) -> None:
        self.rows: OrderedDict[str, CachedResponse] = OrderedDict()
        self.size, self.lock = 0, Lock()

    def get(self, tag: str) -> CachedResponse | None:
        """Return an answer, None where it is not kept."""
        return self.rows.get(tag)

    def put(self, tag: str, kept: CachedResponse) -> None:
        """Keep an answer; the oldest go where there are too many bytes."""
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
    """Return `body` compressed, the same bytes every time."""
    return gzip.compress(body, compresslevel=6, mtime=0)


def set_validators(response: Any, tag: str, changed: datetime.datetime | None, *, public: bool) -> None:
    """Put validators on an answer, and who may keep it."""
    response["Cache-Control"] = PUBLIC if public else PRIVATE
    response["ETag"] = f'"{tag}"'
    response["Content-Language"] = "en"
    if changed is not None:
        response["Last-Modified"] = http_date(int(changed.timestamp()))
    patch_vary_headers(response, VARY)


def not_modified(headers: Any, tag: str, *, public: bool) -> HttpResponseNotModified:
    """Return the answer that the client holds what it would be sent, with the tag under which it holds it."""
    response = HttpResponseNotModified()
    etag = f"{tag}-gzip" if f"{tag}-gzip" in headers.get("If-None-Match", "") else tag
    set_validators(response, etag, None, public=public)
    return response


def may_compress(headers: Any, *, public: bool) -> bool:
    """Whether an answer may be compressed: what a session reads may not.

    By the length of an answer that holds both a secret and what a foreign page chose, the secret could be guessed
    (BREACH). Tokens are sent by programs only.
    """
    return (public or "Authorization" in headers) and accepts_gzip(headers)


def set_compressed_body(response: Any, compressed: bytes) -> None:
    """Make `compressed` the body of an answer that has its validators; another body has another tag."""
    response.content = compressed
    response["Content-Encoding"] = "gzip"
    response["ETag"] = response["ETag"][:-1] + '-gzip"'


def is_anonymous(request: Any) -> bool:
    """Whether a request brings nothing by which somebody could be known."""
    return "Authorization" not in request.headers and settings.SESSION_COOKIE_NAME not in request.COOKIES


def public_etag(request: Any, version: versions.FeedVersion) -> str:
    """Return the tag of what anybody is answered to `request`, of whom the changes have `reached` so far."""
    return etag_for(ANYBODY, version.etag, request.build_absolute_uri())
