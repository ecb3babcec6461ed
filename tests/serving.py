"""Run gunicorn on a free port for screenshots, long runs and benchmarks."""

import contextlib
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


def copy_of_the_empty_database(path: Path) -> str:
    """Copy the tables of the SQLite test database to `path`, and return the URL of the copy.

    Migrating a new database would take ten seconds. Uncommitted changes are not copied.
    """
    made, own = sqlite3.connect(connection.settings_dict["NAME"]), sqlite3.connect(path)
    with contextlib.closing(made), contextlib.closing(own):
        made.backup(own)
    return f"sqlite:///{path}"


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(environment: dict[str, str], ready: str, *how: str) -> Iterator[str]:
    """Yield the URL of the site, served with the gunicorn options `how`, once the path `ready` responds."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "--bind", address, *how]
    with subprocess.Popen(command, env=environment, cwd=ROOT) as server:
        try:
            _wait_for(f"http://{address}{ready}")
            yield f"http://{address}"
        finally:
            server.terminate()


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{address} did not answer")
