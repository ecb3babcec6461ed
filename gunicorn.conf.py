"""How gunicorn serves the site: `make run`, the container and the units of docs/how-to/production.md read it alike.

Whatever is given on the command line, or in GUNICORN_CMD_ARGS, comes before what stands here.
"""

import os
import shutil
import tempfile
from itertools import count
from typing import Any

from jsi_tracker.ops.logs import JSON, TEXT, logging_config

wsgi_app = "jsi_tracker.wsgi"
# Threads, none of which a slow client holds for long.
worker_class = "jsi_tracker.workers.TimedThreadWorker"
# A request computes more than it waits, so more workers than cores only cost memory; threads serve who waits for the
# database and slow clients that no proxy buffers.
workers = int(os.environ.get("WEB_CONCURRENCY") or max(2, len(os.sched_getaffinity(0))))
threads = 8
# Of a worker that has stopped, and of requests when the site is told to stop.
timeout = 60
graceful_timeout = 30
# Longer than browsers and proxies wait between two requests of a page, shorter than they keep a connection.
keepalive = 5
# A leak that nobody knows of ends with its worker; not all of them at the same time.
max_requests = 50_000
max_requests_jitter = 10_000
# Of the first line: far more than the longest search of the explorer.
limit_request_line = 8190
# Signals do; one more socket would want a home that can be written.
control_socket_disable = True
# Workers say that they live, and count, through files; on a disk that is busy or full they would seem dead, or be.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - names are made that nobody foresees

# As settings.py has it by default, which is not loaded here.
_usual = JSON if {"PRODUCTION", "ALLOWED_HOSTS"} & os.environ.keys() else TEXT
_level = os.environ.get("LOG_LEVEL") or "INFO"
logconfig_dict = logging_config(os.environ.get("LOG_FORMAT") or _usual, _level)
logconfig_dict["loggers"] |= {
    "gunicorn.error": {"level": _level, "handlers": ["console"], "propagate": False},
    "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
}

# Metrics of all workers together (jsi_tracker/ops/metrics.py).
_METRICS, _PREFIX = "PROMETHEUS_MULTIPROC_DIR", "tracker-metrics-"
# Read again at each reload, when there is a folder already.
if _METRICS not in os.environ:
    os.environ[_METRICS] = tempfile.mkdtemp(prefix=_PREFIX)


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the number of one that has ended, so that it goes on counting in its files."""
    taken = {getattr(other, "slot", None) for other in server.WORKERS.values()}
    worker.slot = next(number for number in count() if number not in taken)


def post_fork(server: Any, worker: Any) -> None:
    """Let the worker know its number."""
    os.environ["WORKER_SLOT"] = str(worker.slot)


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    if os.path.basename(os.environ[_METRICS]).startswith(_PREFIX):
        shutil.rmtree(os.environ[_METRICS], ignore_errors=True)
