"""Run periodic tasks in a worker process (`manage.py work`)."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from django.db import close_old_connections

from issues.actions.requests import lapse_ended_requests
from issues.notifications.delivery import deliver_due
from issues.notifications.digests import send_due
from jsi_tracker.ops.retention import forget_expired

logger = logging.getLogger(__name__)


class Task(NamedTuple):
    """A function that is called every `interval` seconds."""

    name: str
    interval: float
    run: Callable[[], object]


TASKS = [
    Task("deliver webhooks", 2, deliver_due),
    Task("send digests", 3600, lambda: list(send_due())),
    Task("lapse requests", 3600, lapse_ended_requests),
    Task("delete expired data", 24 * 3600, forget_expired),
]
# Seconds between rounds.
PAUSE = 1.0


def run_tasks(tasks: list[Task], stop: threading.Event, heartbeat: Path | None = None) -> None:
    """Run each task immediately and then at its interval until `stop` is set. A task in progress is completed.

    If a task fails, the error is logged, and the task runs again after its interval. The file `heartbeat` is touched
    after every round, so that a supervisor can detect a hanging worker.
    """
    due = dict.fromkeys([task.name for task in tasks], 0.0)
    while not stop.is_set():
        for task in tasks:
            if not stop.is_set() and time.monotonic() >= due[task.name]:
                _run(task)
                due[task.name] = time.monotonic() + task.interval
        if heartbeat is not None:
            heartbeat.touch()
        stop.wait(PAUSE)


def _run(task: Task) -> None:
    # This allows reconnection to a database that was unavailable.
    close_old_connections()
    try:
        task.run()
    except Exception:
        logger.exception("Could not %s; next attempt in %d seconds", task.name, task.interval)


def stopped_by_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
