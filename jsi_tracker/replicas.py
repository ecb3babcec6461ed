"""Which database server a request reads from, where PostgreSQL has read replicas (REPLICA_URLS).

A request reads the negotiation from one server, chosen at its first query: so the mark of an ETag and the data under
it are always of the same server. What it writes goes to the primary, and from then on it reads there too. Whoever has
written carries how far the primary's log had come (LSN), and reads from no replica that has not replayed it.
`docs/how-to/capacity.md` says how this is run; without REPLICA_URLS nothing of it is installed.
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

SAFE = ("GET", "HEAD", "OPTIONS")
# What replicas are read for. Who somebody is (sessions, accounts, failed logins) is asked of the primary: what was
# revoked is revoked at once.
REPLICATED = frozenset({"issues", "members"})
CREDENTIALS = frozenset({"members.accesstoken", "members.invitation"})
# A form of the desk saves whole rows as they were when it was opened; what it missed would be undone.
DESK = "/admin/"
# Seconds for which nobody asks a server again that did not answer; then one request does, for all others.
AWAY_FOR = 2.0
COOKIE = "written"
SALT = "jsi_tracker.replicas"
# For programs that send a token and keep no cookies. A replica that is further behind is not asked anyhow.
REMEMBERED = 24 * 3600
# More than any log has reached: where nobody knows what was written, only the primary will do.
UNKNOWN = "FFFFFFFF/FFFFFFFF"

# Whether it still replays somebody's log, has come as far as is wanted, receives more, and how old what it shows is.
STATE = """
    SELECT pg_is_in_recovery(),
           pg_last_wal_replay_lsn() >= %s::pg_lsn,
           EXISTS (SELECT FROM pg_stat_wal_receiver),
           CASE WHEN pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()
                THEN extract(epoch FROM now() - pg_last_xact_replay_timestamp()) ELSE 0 END
"""

_away: dict[str, float] = {}
_cut_off: dict[str, float] = {}
# Workers begin at different replicas, so that few requests are spread evenly too.
_turns = itertools.count(random.randrange(1000))  # noqa: S311


class Reading:
    """Where one request reads."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._on_primary = request.method not in SAFE or DESK in request.path_info
        self.wrote = False

    def server_for(self, model: type[Model]) -> str:
        """Return the server that answers for `model` now: the primary in a transaction and behind a write."""
        if self._on_primary or self.wrote or connections[PRIMARY].in_atomic_block:
            return PRIMARY
        return self._server if _is_replicated(model) else self._for_credentials

    @cached_property
    def _server(self) -> str:
        wanted = self._wanted
        fit = (alias for alias in _in_turn() if _is_fit(alias, wanted))
        return next(fit, None) or self._for_credentials

    @cached_property
    def _for_credentials(self) -> str:
        return PRIMARY if _primary_answers() else _any_replica()

    @property
    def _wanted(self) -> str:
        """How far the primary's log had come when whoever asks has last written."""
        if token := _token_key(self._request):
            try:
                return str(cache.get(token, "0/0"))
            except Exception:
                logger.warning("The cache does not say what was written: reading from the primary", exc_info=True)
                return UNKNOWN
        try:
            return str(signing.loads(self._request.COOKIES[COOKIE], salt=SALT))
        except (KeyError, signing.BadSignature):
            return "0/0"


_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


class Router:
    """Django's questions, answered for the request at hand; outside of requests, such as in commands: the primary."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        reading = _reading.get()
        return PRIMARY if reading is None else reading.server_for(model)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        reading = _reading.get()
        if reading is not None and _is_replicated(model):
            reading.wrote = True
        return PRIMARY

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True  # all servers hold the same rows

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == PRIMARY


class ReadReplicas:
    """Lets a request choose where it reads, and hands whoever has written what to bring along."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reading = Reading(request)
        _reading.set(reading)
        response = self.get_response(request)
        if reading.wrote:
            _remember(request, response)
        return response


def _forget(**kwargs: Any) -> None:
    _reading.set(None)


# Not when the middleware returns: an answer that is streamed is read behind it, and from the same server.
request_finished.connect(_forget, dispatch_uid="jsi_tracker.replicas")


def _remember(request: HttpRequest, response: HttpResponse) -> None:
    """Hand out how far the log has come; what was committed has been written to it before."""
    try:
        with connections[PRIMARY].cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_lsn()")
            written = str(cursor.fetchone()[0])
    except Error:
        # The change stands and is to be said so; while the primary is away, nobody could read from it anyhow.
        logger.warning("The primary left before it said how far its log has come", exc_info=True)
        return
    if token := _token_key(request):
        try:
            cache.set(token, written, REMEMBERED)
        except Exception:
            logger.warning("The cache does not keep what was written", exc_info=True)
        return
    secure = bool(settings.SESSION_COOKIE_SECURE)
    signed = signing.dumps(written, salt=SALT)
    response.set_cookie(COOKIE, signed, secure=secure, httponly=True, samesite="Lax")


def _token_key(request: HttpRequest) -> str:
    """Return under what the cache knows the token of a request, "" without one."""
    sent = request.headers.get("Authorization", "")
    return f"written:{hashlib.sha256(sent.encode()).hexdigest()}" if sent else ""


def _is_replicated(model: type[Model]) -> bool:
    return model._meta.app_label in REPLICATED and model._meta.label_lower not in CREDENTIALS


def _in_turn() -> Iterator[str]:
    """Yield the replicas, each request beginning at the next one."""
    replicas: list[str] = settings.REPLICAS
    first = next(_turns)
    return (replicas[(first + number) % len(replicas)] for number in range(len(replicas)))


def _is_fit(alias: str, wanted: str) -> bool:
    """Whether a replica answers, has come as far as `wanted`, and is not behind for longer than it may be."""
    state = _state(alias, wanted)
    if state is None:
        return False
    replays, has_wanted, receives, age = state
    if receives:
        _cut_off.pop(alias, None)
        return replays and has_wanted and float(age or 0) <= settings.REPLICA_LAG
    since = _cut_off.setdefault(alias, time.monotonic())
    return replays and has_wanted and time.monotonic() - since <= settings.REPLICA_LAG


def _any_replica() -> str:
    """Return a replica that answers, however old what it shows: better than nothing while the primary is away."""
    return next((alias for alias in _in_turn() if _state(alias, "0/0") is not None), PRIMARY)


def _state(alias: str, wanted: str) -> Any:
    """Return what `STATE` asks, None where the server does not answer. It stands for Django's look at a connection."""
    if not _may_be_asked(alias):
        return None
    # A connection that was kept says nothing of the server, which may have been restarted since.
    tries = 2 if connections[alias].connection is not None else 1
    for _ in range(tries):
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute(STATE, [wanted])
                found = cursor.fetchone()
        except (OperationalError, InterfaceError):
            connections[alias].close()
        else:
            _away.pop(alias, None)
            return found
    _is_away(alias)
    return None


def _primary_answers() -> bool:
    if not _may_be_asked(PRIMARY):
        return False
    try:
        with connections[PRIMARY].cursor():  # which looks at the connection, and makes another where it is lost
            pass
    except (OperationalError, InterfaceError):
        _is_away(PRIMARY)
        return False
    _away.pop(PRIMARY, None)
    return True


def _may_be_asked(alias: str) -> bool:
    """Whether a server is not known to be away; once it is time to ask again, only one request does."""
    until = _away.get(alias)
    if until is None:
        return True
    if time.monotonic() < until:
        return False
    _away[alias] = time.monotonic() + AWAY_FOR
    return True


def _is_away(alias: str) -> None:
    if alias not in _away:
        logger.warning("The database server %s does not answer", alias)
    _away[alias] = time.monotonic() + AWAY_FOR
