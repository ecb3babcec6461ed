"""Simulate a plenary day on which 500 people read, 50 people log changes, and 20 programs poll.

Every acknowledged change must be recorded exactly once. `make load` runs the simulation for three minutes, with
gunicorn as in production and a separate PostgreSQL database, and writes the table. `python -m benchmarks.load 20` runs
the simulation for 20 seconds without writing the table. `plenary.py` defines the behaviour of the users.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg2

from benchmarks.rows import NotMeasured, Row
from tests import postgresql
from tests.serving import served

SECONDS = 180
READERS, LOGGERS, PROGRAMS = 500, 50, 20
SIGNED_IN = 100  # sessions shared by the readers
PEOPLE, ACKNOWLEDGED, REFUSED = "people.json", "acknowledged.json", "refused.json"
# The source of each change, followed by its key.
SOURCE_PREFIX = "A plenary day: "
# Rate limits are off, because all requests come from this machine and would share one limit.
UNLIMITED = {"API_RATE_ADDRESS": "off", "COSTLY_PAGES_RATE": "off"}
# The log level that is usual in production.
LEVEL = "WARNING"


def rows(seconds: int = SECONDS) -> Iterator[Row]:
    """Yield the numbers of failed requests and lost changes, and the response times of people and programs.

    Raises NotMeasured if locust is not installed, and SystemExit if verification of the record fails.
    """
    # locust is run as a separate program, because importing it would patch the socket module.
    if find_spec("locust") is None:
        raise NotMeasured("locust is not installed (run make .venv/.dev)")
    with tempfile.TemporaryDirectory() as name, _database() as url:
        folder = Path(name)
        environment = {**os.environ, **UNLIMITED, "DATABASE_URL": url, "LOG_LEVEL": LEVEL, "LOAD_FOLDER": name}
        _python(environment, "manage.py", "migrate", "--verbosity=0")
        _python(environment, "manage.py", "load_fixtures", "--verbosity=0")
        _python(environment, "-m", "benchmarks.load", "prepare")
        with served(environment, "/health/ready") as site:
            _locust(environment, site, seconds)
        counts = json.loads(_python(environment, "-m", "benchmarks.load", "verify").splitlines()[-1])
        _python(environment, "manage.py", "verify_record")
        yield from _result_rows(_statistics(folder), counts, seconds)


def _result_rows(statistics: dict[str, dict[str, float]], counts: dict[str, int], seconds: int) -> Iterator[Row]:
    everything = statistics["Aggregated"]
    peer = f"none of {everything['count']:.0f} in {seconds} s"
    yield Row("a plenary day: failed requests", peer, everything["failed"], "at most 0")
    logged = f"none of {counts['acknowledged']} (on record: {counts['recorded']})"
    wrong = counts["lost"] + counts["twice"]
    yield Row("a plenary day: acknowledged changes lost or recorded twice", logged, wrong, "at most 0")
    for name in ("a page read", "the form of a change", "a change logged", "a program's poll"):
        measured = statistics.get(name)
        if measured is not None:
            yield Row(
                f"{name}, 95th percentile", f"1 second ({measured['count']:.0f} requests)", measured["p95"] / 1000
            )


def _statistics(folder: Path) -> dict[str, dict[str, float]]:
    """Return locust's statistics by the name of the request."""
    with (folder / "locust_stats.csv").open(encoding="utf-8") as file:
        return {
            row["Name"]: {
                "count": float(row["Request Count"]),
                "failed": float(row["Failure Count"]),
                "p95": float(row["95%"] or "nan"),
            }
            for row in csv.DictReader(file)
        }


@contextmanager
def _database() -> Iterator[str]:
    """Create an empty PostgreSQL database for the duration of the context, and yield its URL."""
    with postgresql.server() as (url, _):
        name = f"tracker_load_{os.getpid()}"
        _execute(url, f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            _execute(url, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(url: str, statement: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _python(environment: dict[str, str], *command: str) -> str:
    completed = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, check=False)
    if completed.returncode:
        raise SystemExit(f"{' '.join(command)}: {completed.stderr or completed.stdout}")
    return completed.stdout


def _locust(environment: dict[str, str], site: str, seconds: int) -> None:
    folder = environment["LOAD_FOLDER"]
    scenario = str(Path(__file__).with_name("plenary.py"))
    users = str(READERS + LOGGERS + PROGRAMS)
    how = [
        "--headless",
        "--host",
        site,
        "--users",
        users,
        "--spawn-rate",
        "50",
        "--run-time",
        f"{seconds}s",
        "--stop-timeout",
        "30",
    ]
    reporting = ["--csv", f"{folder}/locust", "--only-summary", "--loglevel", "ERROR"]
    # The exit status is 1 if a request failed. Failures are counted below.
    completed = subprocess.run(
        [sys.executable, "-m", "locust", "--locustfile", scenario, *how, *reporting],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode not in (0, 1) or not Path(folder, ACKNOWLEDGED).exists():
        raise SystemExit(completed.stderr or completed.stdout)
    failures = Path(folder, "locust_failures.csv").read_text(encoding="utf-8")
    if failures.count("\n") > 1:  # more than the header
        print(failures, Path(folder, REFUSED).read_text(encoding="utf-8"), file=sys.stderr)
    exceptions = Path(folder, "locust_exceptions.csv").read_text(encoding="utf-8")
    if exceptions.count("\n") > 1:
        raise SystemExit(f"The scenario raised exceptions: {exceptions}")


def main(command: str) -> None:
    """Run one step, "prepare" or "verify", or run the whole simulation for a number of seconds."""
    if command.isdigit():
        for row in rows(int(command)):
            print(f"{row.what} | {row.peer} | {row.ratio:.3f} | {row.met}")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jsi_tracker.settings")
    django.setup()
    # The steps import models, which require the setup above.
    steps = import_module("benchmarks.load_steps")
    {"prepare": steps.prepare, "verify": steps.verify}[command](Path(os.environ["LOAD_FOLDER"]))


if __name__ == "__main__":
    main(sys.argv[1])
