"""What has to be done from time to time without anybody asking for it, in one process beside the site."""

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
    """Something that is done every so many seconds."""

    name: str
    every: float
    run: Callable[[], object]


TASKS = [
    Task("deliver webhooks", 2, deliver_due),
    Task("send digests", 3600, lambda: list(send_due())),
    Task("lapse requests", 3600, lapse_ended_requests),
    Task("forget what has expired", 24 * 3600, forget_expired),
]
PAUSE = 1.0


def work(tasks: list[Task], stop: threading.Event, heartbeat: Path | None = None) -> None:
    """Do each task when its turn has come, the first time at once, until `stop` is set; then end what is begun.

    A task that fails is logged and tried again at its next turn. `heartbeat` is touched after every round, so that
    a supervisor sees that the work goes on.
    """
    due = dict.fromkeys([task.name for task in tasks], 0.0)
    while not stop.is_set():
        for task in tasks:
            if not stop.is_set() and time.monotonic() >= due[task.name]:
                _do(task)
                due[task.name] = time.monotonic() + task.every
        if heartbeat is not None:
            heartbeat.touch()
        stop.wait(PAUSE)


def _do(task: Task) -> None:
    # A database that was away is asked anew.
    close_old_connections()
    try:
        task.run()
    except Exception:
        logger.exception("Could not %s; tried again in %d seconds", task.name, task.every)


def stopped_by_signals() -> threading.Event:
    """Return an event that is set when the process is asked to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
