"""Run a benchmark on SQLite and on PostgreSQL, each in its own process and test database."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from benchmarks.rows import Row
from tests import postgresql


def rows_on_both_databases(module: str) -> Iterator[Row]:
    """Yield the rows that `module`, run as a program, prints on each database."""
    yield from _rows_on("sqlite://:memory:", "SQLite", module)
    with postgresql.server() as (url, _):
        yield from _rows_on(url, f"PostgreSQL {postgresql.version(url)}", module)


def _rows_on(url: str, name: str, module: str) -> Iterator[Row]:
    run = subprocess.run(
        [sys.executable, "-m", module],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "jsi_tracker.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SystemExit(run.stderr)
    # Skip the output of commands that create the database.
    for line in filter(lambda line: line.startswith("["), run.stdout.splitlines()):
        what, peer, ratio, target = json.loads(line)
        yield Row(f"{what}, {name}", peer, ratio, target)


def run_in_test_database(measured: Callable[[], Iterator[Row]]) -> None:
    """Create a test database and print each row that `measured` yields as a line of JSON."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    usual = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        for row in measured():
            print(json.dumps(row), flush=True)
    finally:
        connection.creation.destroy_test_db(usual, verbosity=0)
