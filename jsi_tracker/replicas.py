"""Route queries among a PostgreSQL primary and its read replicas (REPLICA_URLS).

The following rules apply:

- A request reads the negotiation from one server, which is chosen at the first query, so that an ETag and the data to
  which it refers always come from the same server.
- A request writes to the primary and, after its first write, also reads from the primary.
- After a write, the position that the primary's write-ahead log has reached (its LSN) is stored for the client. It is
  stored in a cookie or, for a client with a token, in the cache. A replica that has not yet replayed the log up to that
  position does not serve the client.
- Sessions, accounts and credentials are read from the primary, so that a revocation takes effect at once.
- While the primary is unavailable, the replicas serve all reads.

For example, Alice saves a change at LSN 0/501, and her next request presents 0/501. Because replica1 has replayed the
log up to 0/500 and replica2 up to 0/510, replica2 serves the request. Either replica may serve a reader who does not
have the cookie.

`docs/how-to/capacity.md` describes operation. Without REPLICA_URLS, neither the router nor the middleware is installed.
"""

import hashlib
import itertools
import logging
import random
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.signals import request_finished
from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import Error, InterfaceError, OperationalError, connections
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# The apps whose models are read from replicas, and the models in these apps that are exceptions.
REPLICATED_APPS = frozenset({"issues", "members"})
CREDENTIALS = frozenset({"members.accesstoken", "members.invitation"})
# Admin forms save whole rows as they were when the form was opened. Stale data would therefore undo changes.
ADMIN_PATH = "/admin/"
# Seconds after a failure during which a server is not tried again. After that, a single request tries the server on
# behalf of all others.
RETRY_DELAY = 2.0
COOKIE = "written"
SALT = "jsi_tracker.replicas"
# Seconds for which the cache stores the LSN for a token. A replica with a greater lag would exceed REPLICA_LAG anyway.
TOKEN_LSN_TIMEOUT = 24 * 3600
# The LSN before any write, and an unreachable LSN that forces reads from the primary.
START_LSN = "0/0"
UNREACHABLE_LSN = "FFFFFFFF/FFFFFFFF"

# The columns show whether the server is a replica, has replayed the required LSN and is connected to the primary, and
# give its lag in seconds.
STATE = """
    SELECT pg_is_in_recovery(),
           pg_last_wal_replay_lsn() >= %s::pg_lsn,
           EXISTS (SELECT FROM pg_stat_wal_receiver),
           CASE WHEN pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()
                THEN extract(epoch FROM now() - pg_last_xact_replay_timestamp()) ELSE 0 END
"""

# By alias, the time at which each failed server may be tried again and the time since which each replica has been
# disconnected from the primary. Both are values of `time.monotonic`.
_retry_at: dict[str, float] = {}
_disconnected_since: dict[str, float] = {}
# Workers start with different replicas so that even a small number of requests is distributed evenly.
_turns = itertools.count(random.randrange(1000))  # noqa: S311


class RequestReads:
    """The choice of the server from which one request reads."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._on_primary = request.method not in SAFE_METHODS or ADMIN_PATH in request.path_info
        self.wrote = False

    def server_for(self, model: type[Model]) -> str:
        """Return the alias of the server from which to read `model`.

        Unsafe and admin requests, requests that have written, and queries within a transaction use the primary.
        """
        if self._on_primary or self.wrote or connections[PRIMARY].in_atomic_block:
            return PRIMARY
        return self._server if _is_replicated(model) else self._credentials_server

    @cached_property
    def _server(self) -> str:
        lsn = self._required_lsn
        usable = (alias for alias in _replicas_in_turn() if _is_usable(alias, lsn))
        return next(usable, None) or self._credentials_server

    @cached_property
    def _credentials_server(self) -> str:
        return PRIMARY if _primary_responds() else _any_replica()

    @property
    def _required_lsn(self) -> str:
        """The LSN of the primary after this client's last write."""
        if key := _token_key(self._request):
            try:
                return str(cache.get(key, START_LSN))
            except Exception:
                logger.warning("The cache cannot be read: reading from the primary", exc_info=True)
                return UNREACHABLE_LSN
        try:
            return str(signing.loads(self._request.COOKIES[COOKIE], salt=SALT))
        except (KeyError, signing.BadSignature):
            return START_LSN


_current_reads: ContextVar[RequestReads | None] = ContextVar("reading", default=None)


class Router:
    """A database router for the current request. Outside requests, as in commands, the primary is used."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """Return the alias of the server from which the current request reads `model`."""
        reads = _current_reads.get()
        return PRIMARY if reads is None else reads.server_for(model)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """Return the alias of the primary, and record that the current request has written."""
        reads = _current_reads.get()
        if reads is not None and _is_replicated(model):
            reads.wrote = True
        return PRIMARY

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool:
        """Return True, because all servers contain the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Return whether `db` is the primary. Replicas receive migrations through replication."""
        return db == PRIMARY


class ReplicaMiddleware:
    """Middleware that enables the choice of a server for each request and stores the LSN of each client's write."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reads = RequestReads(request)
        _current_reads.set(reads)
        response = self.get_response(request)
        if reads.wrote:
            _store_lsn(request, response)
        return response


def _clear_reads(**kwargs: Any) -> None:
    _current_reads.set(None)


# The choice is not cleared at the end of the middleware, because a streaming response is read later.
request_finished.connect(_clear_reads, dispatch_uid="jsi_tracker.replicas")


def _store_lsn(request: HttpRequest, response: HttpResponse) -> None:
    """Store the current LSN of the primary, which covers all committed writes, for the client's later requests."""
    try:
        with connections[PRIMARY].cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_lsn()")
            lsn = str(cursor.fetchone()[0])
    except Error:
        # The write is committed, so the response must report success. The LSN would be useless while the primary is
        # unavailable, because it could only direct reads to the primary.
        logger.warning("The primary did not return its LSN after a write", exc_info=True)
        return
    if key := _token_key(request):
        try:
            cache.set(key, lsn, TOKEN_LSN_TIMEOUT)
        except Exception:
            logger.warning("The cache did not store the LSN of a write", exc_info=True)
        return
    secure = bool(settings.SESSION_COOKIE_SECURE)
    signed = signing.dumps(lsn, salt=SALT)
    response.set_cookie(COOKIE, signed, secure=secure, httponly=True, samesite="Lax")


def _token_key(request: HttpRequest) -> str:
    """Return the cache key for the token of `request`, or "". Clients with tokens do not store cookies."""
    header = request.headers.get("Authorization", "")
    return f"written:{hashlib.sha256(header.encode()).hexdigest()}" if header else ""


def _is_replicated(model: type[Model]) -> bool:
    return model._meta.app_label in REPLICATED_APPS and model._meta.label_lower not in CREDENTIALS


def _replicas_in_turn() -> Iterator[str]:
    """Return an iterator over the replicas, which begins with the next replica at each call."""
    replicas: list[str] = settings.REPLICAS
    first = next(_turns)
    return (replicas[(first + number) % len(replicas)] for number in range(len(replicas)))


def _is_usable(alias: str, lsn: str) -> bool:
    """Return whether a replica responds, has replayed `lsn`, and lags by at most REPLICA_LAG seconds."""
    state = _state(alias, lsn)
    if state is None:
        return False
    is_replica, has_replayed, is_connected, lag = state
    if is_connected:
        _disconnected_since.pop(alias, None)
        return is_replica and has_replayed and float(lag or 0) <= settings.REPLICA_LAG
    since = _disconnected_since.setdefault(alias, time.monotonic())
    return is_replica and has_replayed and time.monotonic() - since <= settings.REPLICA_LAG


def _any_replica() -> str:
    """Return a replica that responds, regardless of its lag, or the primary if no replica responds."""
    return next((alias for alias in _replicas_in_turn() if _state(alias, START_LSN) is not None), PRIMARY)


def _state(alias: str, lsn: str) -> Any:
    """Return the result of the query `STATE`, or None if the server does not respond.

    The query replaces Django's own connection check.
    """
    if not _should_try(alias):
        return None
    # If a persistent connection fails, perhaps because the server has been restarted, a new connection is tried.
    attempts = 2 if connections[alias].connection is not None else 1
    for _ in range(attempts):
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute(STATE, [lsn])
                state = cursor.fetchone()
        except (OperationalError, InterfaceError):
            connections[alias].close()
        else:
            _retry_at.pop(alias, None)
            return state
    _mark_down(alias)
    return None


def _primary_responds() -> bool:
    if not _should_try(PRIMARY):
        return False
    try:
        with connections[PRIMARY].cursor():  # checks the connection and, if it has been lost, reconnects
            pass
    except (OperationalError, InterfaceError):
        _mark_down(PRIMARY)
        return False
    _retry_at.pop(PRIMARY, None)
    return True


def _should_try(alias: str) -> bool:
    """Return whether to try a server. When a retry is due, the result is True for only one caller."""
    retry_at = _retry_at.get(alias)
    if retry_at is None:
        return True
    if time.monotonic() < retry_at:
        return False
    _retry_at[alias] = time.monotonic() + RETRY_DELAY
    return True


def _mark_down(alias: str) -> None:
    if alias not in _retry_at:
        logger.warning("The database server %s does not respond", alias)
    _retry_at[alias] = time.monotonic() + RETRY_DELAY
