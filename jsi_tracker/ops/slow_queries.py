"""Statements that take too long, in the log: how they are built, never with what values."""

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

LONGEST = 2_000
STRING, LIST, BLANKS = re.compile(r"'(?:[^']|'')*'"), re.compile(r"\((?:%s, )+%s\)"), re.compile(r"\s+")


def connect() -> None:
    """Watch every connection that is opened from now on, where SLOW_QUERY_MS says so."""
    connection_created.connect(_watch, dispatch_uid="jsi_tracker.ops.slow_queries")


def _watch(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    # The signal comes again whenever the same wrapper connects anew.
    if settings.SLOW_QUERY_MS and timed not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, timed)


def timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Execute a statement; log it where it took longer than SLOW_QUERY_MS milliseconds."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        ms = (time.perf_counter() - began) * 1000
        if ms > settings.SLOW_QUERY_MS:
            alias = context["connection"].alias
            metrics.SLOW_QUERIES.labels(alias).inc()
            said = {"ms": round(ms), "database": alias}
            logger.warning("A statement took %d ms on %s: %s", round(ms), alias, shape(sql), extra=said)


def shape(sql: str) -> str:
    """Return a statement without what it was asked with: no strings, and lists of any length look the same."""
    plain = LIST.sub("(…)", STRING.sub("'…'", sql))
    return BLANKS.sub(" ", plain).strip()[:LONGEST]
