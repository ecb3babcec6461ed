"""Build the values of the settings DATABASES and CACHES without connecting to any server."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from jsi_tracker.environment import Environment

# WAL allows readers to continue during a write. IMMEDIATE makes a second writer wait. Without IMMEDIATE, 391 of
# 480 concurrent writes failed with "database is locked".
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
# Seconds for which a worker keeps a connection open. Opening a SQLite file takes longer than most queries.
CONN_MAX_AGE = 60
# With replicas, a server that does not respond must not delay readers. After two seconds, another server is tried.
REPLICA_CONNECTION = {"connect_timeout": 2}

# The default cache counts failed logins, so all workers must share it and increments must be atomic.
DATABASE_CACHE: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "jsi_tracker_cache",
    # Culling would remove lockouts, so the limit is far above the number of logins that may fail within 15 minutes.
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
# The `limits` cache counts API requests. Because a database write takes longer than most responses, each worker counts
# its own requests if Redis is not used.
MEMORY_CACHE: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "limits",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}


def primary_database(database: dict[str, Any], var_dir: Path) -> dict[str, Any]:
    """Return `database`, as parsed from DATABASE_URL, with the options that the site requires.

    `var_dir` is the directory of the SQLite test database.
    """
    database = {"CONN_MAX_AGE": CONN_MAX_AGE} | database
    if database["ENGINE"] == "django.db.backends.sqlite3":
        Path(database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        database["OPTIONS"] = SQLITE_OPTIONS
        # The test database is a file, because an in-memory database would share one connection among threads.
        database["TEST"] = {"NAME": var_dir / "test.sqlite3"}
    else:
        database["CONN_HEALTH_CHECKS"] = True
    return database


def databases_with_replicas(primary: dict[str, Any], replica_urls: list[str]) -> dict[str, dict[str, Any]]:
    """Return all databases by alias. The primary is "default", and the replicas are "replica1", "replica2" and so on.

    Raises ImproperlyConfigured if replicas are given and `primary` is not a PostgreSQL database.
    """
    if not replica_urls:
        return {"default": primary}
    if primary["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "REPLICA_URLS requires a PostgreSQL database in DATABASE_URL. Set DATABASE_URL, or unset REPLICA_URLS."
        )
    databases = {"default": primary | {"OPTIONS": {**REPLICA_CONNECTION, **primary.get("OPTIONS", {})}}}
    for number, url in enumerate(replica_urls, start=1):
        replica: dict[str, Any] = Environment.db_url_config(url)
        replica.setdefault("CONN_MAX_AGE", CONN_MAX_AGE)
        replica["OPTIONS"] = {**REPLICA_CONNECTION, **replica.get("OPTIONS", {})}
        databases[f"replica{number}"] = replica | {"TEST": {"MIRROR": "default"}}
    return databases


def caches(redis_url: str) -> dict[str, dict[str, Any]]:
    """Return the CACHES setting, which defines the caches `default` and `limits`.

    If `redis_url` is set, both caches are in Redis, and the database and memory caches replace them while Redis is
    unavailable. Otherwise, `default` is in the database and `limits` is in memory.
    """
    if not redis_url:
        return {"default": DATABASE_CACHE, "limits": MEMORY_CACHE}
    redis: dict[str, Any] = {
        "BACKEND": "jsi_tracker.caches.RedisWithFallback",
        "LOCATION": redis_url,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    return {
        "default": redis | {"FALLBACK": "table"},
        "limits": redis | {"FALLBACK": "memory"},
        "table": DATABASE_CACHE,
        "memory": MEMORY_CACHE,
    }
