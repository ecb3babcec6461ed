"""The gunicorn configuration used by `make run`, the container and the systemd units in docs/how-to/production.md.

Options on the command line and in GUNICORN_CMD_ARGS take precedence over this file.
"""

import os
import shutil
import tempfile
from itertools import count
from typing import Any

from jsi_tracker.ops.logs import JSON, TEXT, logging_config

wsgi_app = "jsi_tracker.wsgi"
# A thread worker that limits the time for which a slow client can occupy a thread.
worker_class = "jsi_tracker.workers.TimedThreadWorker"
# Requests spend more time computing than waiting, so more workers than cores would only cost memory. Threads handle
# requests that wait for the database, and slow clients whose requests are not buffered by a proxy.
workers = int(os.environ.get("WEB_CONCURRENCY") or max(2, len(os.sched_getaffinity(0))))
threads = 8
# Seconds after which a silent worker is restarted, and seconds for which requests may continue after a stop signal.
timeout = 60
graceful_timeout = 30
# Seconds for which an idle connection stays open. Browsers send the next request for a page sooner than this and keep
# their connections open for longer.
keepalive = 5
# Workers are replaced after this number of requests, which limits the effect of memory leaks. The jitter prevents all
# workers from being replaced at the same time.
max_requests = 50_000
max_requests_jitter = 10_000
# The maximum length of the first line, which far exceeds the longest search in the explorer.
limit_request_line = 8190
# Signals suffice to control the server. A control socket would require a writable home directory.
control_socket_disable = True
# Workers report that they are alive through files. On a busy or full disk, live workers could appear dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - the file names are unpredictable

# The same default as in settings.py, which is not loaded in this file.
_usual = JSON if {"PRODUCTION", "ALLOWED_HOSTS"} & os.environ.keys() else TEXT
_level = os.environ.get("LOG_LEVEL") or "INFO"
logconfig_dict = logging_config(os.environ.get("LOG_FORMAT") or _usual, _level)
logconfig_dict["loggers"] |= {
    "gunicorn.error": {"level": _level, "handlers": ["console"], "propagate": False},
    "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
}

# The directory for the metrics of all workers; see jsi_tracker/ops/metrics.py.
_METRICS, _PREFIX = "PROMETHEUS_MULTIPROC_DIR", "tracker-metrics-"
# This file is read again at each reload, when the directory already exists.
if _METRICS not in os.environ:
    os.environ[_METRICS] = tempfile.mkdtemp(prefix=_PREFIX)


def pre_fork(server: Any, worker: Any) -> None:
    """Give a new worker the lowest free slot, so that it continues the metrics files of a worker that has ended."""
    taken = {getattr(other, "slot", None) for other in server.WORKERS.values()}
    worker.slot = next(number for number in count() if number not in taken)


def post_fork(server: Any, worker: Any) -> None:
    """Pass the slot to the worker in an environment variable."""
    os.environ["WORKER_SLOT"] = str(worker.slot)


def on_exit(server: Any) -> None:
    """Delete the directory for the metrics if this file created it."""
    if os.path.basename(os.environ[_METRICS]).startswith(_PREFIX):
        shutil.rmtree(os.environ[_METRICS], ignore_errors=True)
