"""Format the log as text on a development machine and as JSON in production. Each line contains its request's id.

In production, no line reveals a user's identity or input. URLs are replaced with their routes, and exceptions are
logged without their messages, because database and form errors quote values.
"""

import logging
import re
import traceback
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from jsi_tracker.ops import request_ids
from jsi_tracker.ops.routes import route_of

TEXT, JSON = "text", "json"
URL_PATH = re.compile(r"(https?://[^/\s]+)\S*")
# Prefixes of gunicorn messages that contain an IP address or URL, and the text to be logged instead.
REPLACED_MESSAGES = {
    "Invalid request from ip=": "A request cannot be read",
    "Error handling request": "A request could not be answered",
}


class RequestIdFilter(logging.Filter):
    """A filter that adds the id of the current request to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True, because every record is logged."""
        record.request_id = request_ids.current() or "-"
        return True


class PrivateUrlFilter(logging.Filter):
    """A filter that replaces URLs in Django's and gunicorn's messages about failed requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True, because every record is logged."""
        request = record.__dict__.pop("request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            record.args = tuple(route_of(request) if arg == path else _without_paths(arg) for arg in record.args)
        for prefix, message in REPLACED_MESSAGES.items():
            if str(record.msg).startswith(prefix):
                record.msg, record.args = message, None
        return True


def _without_paths(value: object) -> object:
    """Return `value` with each URL cut after the host, because even a referrer may reveal a user's interests."""
    return URL_PATH.sub(r"\1", value) if isinstance(value, str) else value


class JSONLineFormatter(JsonFormatter):
    """A formatter that writes each record as a JSON object on one line, without the messages of exceptions."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )

    def formatException(self, ei: Any) -> str:
        """Return the tracebacks of an exception and its causes, without messages."""
        return "".join(_traceback_lines(ei[1]))


def _traceback_lines(error: BaseException | None) -> list[str]:
    """Return the lines of the tracebacks of an exception and its causes, without messages."""
    if error is None:
        return []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    kind = type(error)
    return [
        *_traceback_lines(cause),
        *traceback.format_tb(error.__traceback__),
        f"{kind.__module__}.{kind.__qualname__}\n",
    ]


def logging_config(log_format: str, level: str) -> dict[str, Any]:
    """Return the LOGGING setting for a log format, which is TEXT or JSON, and a minimum level."""
    filters = ["with_request_id", *(["without_addresses"] if log_format == JSON else [])]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "with_request_id": {"()": "jsi_tracker.ops.logs.RequestIdFilter"},
            "without_addresses": {"()": "jsi_tracker.ops.logs.PrivateUrlFilter"},
        },
        "formatters": {
            TEXT: {"format": "%(asctime)s %(levelname)s %(name)s %(message)s [%(request_id)s]"},
            JSON: {"()": "jsi_tracker.ops.logs.JSONLineFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "filters": filters, "formatter": log_format}},
        "root": {"handlers": ["console"], "level": level},
        # The PDF libraries log every step at INFO.
        "loggers": {name: {"level": "WARNING"} for name in ("weasyprint", "fontTools")},
    }
