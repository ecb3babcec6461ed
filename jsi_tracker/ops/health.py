"""Serve health checks and metrics at `/health/live`, `/health/ready` and `/metrics`.

Middleware serves these URLs before all other middleware, because probes must not be redirected, counted, rate-limited
or logged. They send an IP address as the host, use neither TLS nor cookies, and arrive every few seconds.

- `live` reports that the process responds. A supervisor restarts a process that does not respond.
- `ready` reports whether the site can serve requests. A load balancer sends requests only to ready processes.

The site is ready as long as it can serve most pages. If the primary is unavailable but replicas respond, or if Redis is
unavailable, `ready` reports "degraded" with status 200. Otherwise, a minor fault would take the whole site offline.
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

# Databases that this process has found fully migrated. They remain so, because the code of a process is constant.
_migrated: set[str] = set()


class HealthMiddleware:
    """Middleware that serves the health checks and metrics and passes on all other requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = VIEWS.get(request.path_info.rstrip("/"))
        response = view(request) if view is not None and request.method in ("GET", "HEAD") else None
        if response is None:
            return self.get_response(request)
        response["Cache-Control"] = "no-store"
        return response


def live(request: HttpRequest) -> HttpResponse:
    """Return 200 to show that the process responds."""
    return JsonResponse({"status": FINE})


def ready(request: HttpRequest) -> HttpResponse:
    """Return 200 if the site can serve requests, or 503 if no database responds or migrations have not been applied."""
    parts = {"database": database(), "migrations": UNKNOWN, "cache": shared_cache()}
    if parts["database"] == FINE:
        parts["migrations"] = migrations()
    is_ready = parts["database"] != AWAY and parts["migrations"] != BEHIND
    status = FINE if set(parts.values()) == {FINE} else DEGRADED
    return JsonResponse({"status": status if is_ready else AWAY, "parts": parts}, status=200 if is_ready else 503)


def database() -> str:
    """Return FINE if the primary responds, READ_ONLY if only a replica responds, else AWAY."""
    if _responds(DEFAULT_DB_ALIAS):
        return FINE
    return READ_ONLY if any(map(_responds, settings.REPLICAS)) else AWAY


def _responds(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("The database %s does not respond: %s", alias, type(error).__name__)
        return False
    return True


def migrations() -> str:
    """Return FINE if all migrations of this release have been applied, else BEHIND. Later migrations do not matter."""
    name = str(connection.settings_dict["NAME"])
    if name not in _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return BEHIND
        _migrated.add(name)
    return FINE


def shared_cache() -> str:
    """Return FINE if Redis responds or is not used, else AWAY. Without Redis, the cache is in the database."""
    if not settings.REDIS_URL:
        return FINE
    try:
        with closing(Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)) as redis:
            redis.ping()
    except (RedisError, OSError) as error:
        logger.warning("The cache does not respond: %s", type(error).__name__)
        return AWAY
    return FINE


def metrics(request: HttpRequest) -> HttpResponse | None:
    """Return the metrics if the request presents METRICS_TOKEN, or else None, which results in status 404.

    If METRICS_TOKEN is not set, requests from this machine may read the metrics. In production they may not, because a
    proxy on this machine may forward all requests.
    """
    if settings.METRICS_TOKEN:
        sent = request.headers.get("Authorization", "").encode()
        allowed = hmac.compare_digest(sent, f"Bearer {settings.METRICS_TOKEN}".encode())
    else:
        allowed = not settings.PRODUCTION and request.META.get("REMOTE_ADDR") in LOOPBACK
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST) if allowed else None


VIEWS: dict[str, Callable[[HttpRequest], HttpResponse | None]] = {LIVE: live, READY: ready, METRICS: metrics}
