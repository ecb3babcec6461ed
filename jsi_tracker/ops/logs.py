"""How lines of the log are written: readable on this machine, JSON in production, each with the id of its request.

In production no line says who did something or what they wrote: addresses give way to routes, and of an exception
stay its type and where it was raised, because messages of databases and forms quote values.
"""

import logging
import re
import traceback
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from jsi_tracker.ops import request_ids
from jsi_tracker.ops.routes import route_of

TEXT, JSON = "text", "json"
BEHIND_HOST = re.compile(r"(https?://[^/\s]+)\S*")
# How lines of gunicorn begin that go on with an address of somebody, or what they asked for.
QUOTED = {
    "Invalid request from ip=": "A request cannot be read",
    "Error handling request": "A request could not be answered",
}


class WithRequestId(logging.Filter):
    """Puts the id of the request into each line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        record.request_id = request_ids.current() or "-"
        return True


class WithoutAddresses(logging.Filter):
    """Puts the route in place of the address, where Django and gunicorn say at which one something went wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        request = record.__dict__.pop("request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            record.args = tuple(route_of(request) if one == path else _host_alone(one) for one in record.args)
        for quotes, said in QUOTED.items():
            if str(record.msg).startswith(quotes):
                record.msg, record.args = said, None
        return True


def _host_alone(said: object) -> object:
    """Return `said` without what stands behind the host in addresses, such as where somebody came from."""
    return BEHIND_HOST.sub(r"\1", said) if isinstance(said, str) else said


class Lines(JsonFormatter):
    """A JSON object a line; an exception by its type and its places in the code."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )

    def formatException(self, ei: Any) -> str:
        """Return where an exception was raised, and those that it came of, without what they say."""
        return "".join(_places(ei[1]))


def _places(error: BaseException | None) -> list[str]:
    """Return the lines of a traceback without messages."""
    if error is None:
        return []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    kind = type(error)
    return [
        *_places(cause),
        *traceback.format_tb(error.__traceback__),
        f"{kind.__module__}.{kind.__qualname__}\n",
    ]


def configured(form: str, level: str) -> dict[str, Any]:
    """Return the configuration of `logging`, with lines of this form from this level on."""
    filters = ["with_request_id", *(["without_addresses"] if form == JSON else [])]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "with_request_id": {"()": "jsi_tracker.ops.logs.WithRequestId"},
            "without_addresses": {"()": "jsi_tracker.ops.logs.WithoutAddresses"},
        },
        "formatters": {
            TEXT: {"format": "%(asctime)s %(levelname)s %(name)s %(message)s [%(request_id)s]"},
            JSON: {"()": "jsi_tracker.ops.logs.Lines"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "filters": filters, "formatter": form}},
        "root": {"handlers": ["console"], "level": level},
        # What a PDF is made of says each of its steps.
        "loggers": {name: {"level": "WARNING"} for name in ("weasyprint", "fontTools")},
    }
