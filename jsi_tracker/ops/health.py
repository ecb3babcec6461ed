"""Whether a balancer may send requests here, and the metrics: addresses for machines, before everything else.

They are answered by middleware: probes bring an address instead of a host name, no TLS and no cookie, they come every
few seconds, and nothing of that is to be redirected, counted, limited or logged.
"""

import hmac
import logging
from collections.abc import Callable
from contextlib import closing

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST
from redis import Redis, RedisError

from jsi_tracker.ops.metrics import exposition

logger = logging.getLogger(__name__)

LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"
LOOPBACK = {"127.0.0.1", "::1"}
FINE, AWAY, BEHIND, DEGRADED, READ_ONLY, UNKNOWN = "ok", "away", "behind", "degraded", "read only", "unknown"

# This process' code does not change: once nothing is left to migrate, nothing will be.
_migrated: set[str] = set()


class Health:
    """Answers `/health/live`, `/health/ready` and `/metrics`; passes on everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = ANSWERS.get(request.path_info.rstrip("/"))
        response = answer(request) if answer is not None and request.method in ("GET", "HEAD") else None
        if response is None:
            return self.get_response(request)
        response["Cache-Control"] = "no-store"
        return response


def live(request: HttpRequest) -> HttpResponse:
    """Say that the process answers; who gets no answer restarts it."""
    return JsonResponse({"status": FINE})


def ready(request: HttpRequest) -> HttpResponse:
    """Say whether requests are welcome: 503 without any database or before its migrations.

    Without the cache, or with replicas alone, most is answered as ever: to turn everybody away would make a small
    fault a large one.
    """
    parts = {"database": database(), "migrations": UNKNOWN, "cache": shared_cache()}
    if parts["database"] == FINE:
        parts["migrations"] = migrations()
    able = parts["database"] != AWAY and parts["migrations"] != BEHIND
    whole = FINE if set(parts.values()) == {FINE} else DEGRADED
    return JsonResponse({"status": whole if able else AWAY, "parts": parts}, status=200 if able else 503)


def database() -> str:
    """Return whether the primary answers, or at least a replica."""
    if _answers(DEFAULT_DB_ALIAS):
        return FINE
    return READ_ONLY if any(map(_answers, getattr(settings, "REPLICAS", ()))) else AWAY


def _answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("The database %s is away: %s", alias, type(error).__name__)
        return False
    return True


def migrations() -> str:
    """Return whether all migrations of this code are applied; those of newer code do not matter."""
    name = str(connection.settings_dict["NAME"])
    if name not in _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return BEHIND
        _migrated.add(name)
    return FINE


def shared_cache() -> str:
    """Return whether Redis answers, where there is one; else the cache is a table of the database."""
    if not settings.REDIS_URL:
        return FINE
    try:
        with closing(Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)) as redis:
            redis.ping()
    except (RedisError, OSError) as error:
        logger.warning("The cache is away: %s", type(error).__name__)
        return AWAY
    return FINE


def metrics(request: HttpRequest) -> HttpResponse | None:
    """Show the metrics to who brings METRICS_TOKEN; without one, on this machine and outside of production only.

    None for everybody else: there is no such page. In production loopback says nothing, the proxy comes from there.
    """
    if settings.METRICS_TOKEN:
        brought = request.headers.get("Authorization", "").encode()
        allowed = hmac.compare_digest(brought, f"Bearer {settings.METRICS_TOKEN}".encode())
    else:
        allowed = not settings.PRODUCTION and request.META.get("REMOTE_ADDR") in LOOPBACK
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST) if allowed else None


ANSWERS: dict[str, Callable[[HttpRequest], HttpResponse | None]] = {LIVE: live, READY: ready, METRICS: metrics}
