"""Log slow SQL statements without their values."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from jsi_tracker.ops import metrics

logger = logging.getLogger(__name__)

MAX_LENGTH = 2_000
STRING, LIST, WHITESPACE = re.compile(r"'(?:[^']|'')*'"), re.compile(r"\((?:%s, )+%s\)"), re.compile(r"\s+")


def connect() -> None:
    """Time the statements of all connections opened after this call, unless SLOW_QUERY_MS is 0."""
    connection_created.connect(_watch, dispatch_uid="jsi_tracker.ops.slow_queries")


def _watch(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    # The signal is sent again each time the same connection object reconnects.
    if settings.SLOW_QUERY_MS and timed not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, timed)


def timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Execute a statement, and log it if it takes longer than SLOW_QUERY_MS milliseconds."""
    start = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        ms = (time.perf_counter() - start) * 1000
        if ms > settings.SLOW_QUERY_MS:
            alias = context["connection"].alias
            metrics.SLOW_QUERIES.labels(alias).inc()
            extra = {"ms": round(ms), "database": alias}
            logger.warning("A statement took %d ms on %s: %s", round(ms), alias, shape(sql), extra=extra)


def shape(sql: str) -> str:
    """Return a statement with string literals replaced and lists of parameters shortened to "(…)"."""
    without_values = LIST.sub("(…)", STRING.sub("'…'", sql))
    return WHITESPACE.sub(" ", without_values).strip()[:MAX_LENGTH]
