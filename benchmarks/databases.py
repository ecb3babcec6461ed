"""Run the modules of `benchmarks.on_database` on SQLite and PostgreSQL, each in its own process and test database.

`python -m benchmarks.databases MODULE` runs one module on the database server in DATABASE_URL. Each row that the
module's function `measure` yields is printed as a line of JSON. Modules are imported after Django has been set up.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

import django
from django.db import connection
from django.test.utils import setup_test_environment

from benchmarks.rows import Row
from tests import postgresql

_SQLITE = "sqlite://:memory:"


def rows_on_both_databases(module: str) -> Iterator[Row]:
    """Yield the rows of `module` on each database, labelled with the name of the database."""
    for row in rows_on_sqlite(module):
        yield row._replace(what=f"{row.what}, SQLite")
    with postgresql.server() as (url, _):
        for row in _rows_on(url, module):
            yield row._replace(what=f"{row.what}, PostgreSQL {postgresql.version(url)}")


def rows_on_sqlite(module: str) -> Iterator[Row]:
    """Yield the rows of `module` on SQLite."""
    return _rows_on(_SQLITE, module)


def _rows_on(url: str, module: str) -> Iterator[Row]:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.databases", module],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "jsi_tracker.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SystemExit(run.stderr)
    # Skip the output of commands that create the database.
    for line in filter(lambda line: line.startswith("["), run.stdout.splitlines()):
        yield Row(*json.loads(line))


def run_in_test_database(module: str) -> None:
    """Create a test database and print each row of `module` as a line of JSON."""
    django.setup()
    setup_test_environment()
    usual_name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        for row in import_module(module).measure():
            print(json.dumps(row), flush=True)
    finally:
        connection.creation.destroy_test_db(usual_name, verbosity=0)


if __name__ == "__main__":
    run_in_test_database(sys.argv[1])
