"""Simulate a plenary day: 500 people read, 50 log changes, and 20 programs poll.

Every acknowledged change must be recorded exactly once. `make load` runs the simulation for three minutes, with
gunicorn as in production and its own PostgreSQL database, and writes the table. `python -m benchmarks.load 20` runs it
for 20 seconds and writes nothing. `plenary.py` defines the behaviour of the users.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from benchmarks.rows import NotMeasured, Row
from tests.serving import served

SECONDS = 180
READERS, LOGGERS, PROGRAMS = 500, 50, 20
SIGNED_IN = 100  # sessions shared by the readers
PEOPLE, ACKNOWLEDGED, REFUSED = "people.json", "acknowledged.json", "refused.json"
# The source of each change, followed by its key.
SAID = "A plenary day: "
# All requests come from this machine and would share one limit.
UNLIMITED = {"API_RATE_ADDRESS": "off", "COSTLY_PAGES_RATE": "off"}
# As in production.
LEVEL = "WARNING"


def rows(seconds: int = SECONDS) -> Iterator[Row]:
    """Yield the numbers of failed requests and lost changes, and the response times of people and programs.

    Raises NotMeasured if locust is not installed, and SystemExit if the record fails its verification.
    """
    try:
        import locust  # noqa: F401  run as a program, since it patches the socket module
    except ImportError:
        raise NotMeasured("no locust: make .venv/.dev") from None
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
    asked = f"none of {everything['count']:.0f} in {seconds} s"
    yield Row("a plenary day: failed requests", asked, everything["failed"], "at most 0")
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
    """Return the statistics of locust by the name of the request."""
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
    """Create an empty PostgreSQL database for the duration of the context."""
    from tests import postgresql

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
    # The exit status is 1 if a request failed; failures are counted below.
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


def _prepare(folder: Path) -> None:
    """Create the people of the day and write their sessions and tokens."""
    import datetime

    from django.conf import settings
    from django.test import Client

    from issues.models import Participation, Provision
    from members.tokens import make
    from tests.factories import DelegationFactory, UserFactory

    # No one signs in with a password here, and secure hashing takes about a second each.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def session(user: Any) -> str:
        client = Client()
        client.force_login(user)
        return client.cookies["sessionid"].value

    members = [
        participation.member
        for participation in Participation.objects.select_related("member").order_by("member__code")
    ]
    delegates = [
        (
            DelegationFactory(role="delegate", member=member, user=UserFactory(username=f"day-{number}")).user,
            member.code,
        )
        for number, member in enumerate((members * 2)[: max(LOGGERS, SIGNED_IN)])
    ]
    age = datetime.timedelta(days=1)
    tokens = [make(user, "A plenary day", "read", age, second_factor=False)[1] for user, _ in delegates[:10]]
    people = {
        "loggers": [{"session": session(user), "member": code} for user, code in delegates[:LOGGERS]],
        "readers": [session(user) for user, _ in delegates[:SIGNED_IN]],
        "tokens": tokens,
        "provisions": list(Provision.objects.values_list("slug", flat=True)),
        "members": [member.code for member in members],
    }
    (folder / PEOPLE).write_text(json.dumps(people))


def _verify(folder: Path) -> None:
    """Print the number of acknowledged changes that are missing from the record or recorded twice."""
    from collections import Counter

    from issues.models import Revision

    acknowledged = json.loads((folder / ACKNOWLEDGED).read_text())
    recorded = Counter(Revision.objects.filter(source__startswith=SAID).values_list("source", flat=True))
    counts = {
        "acknowledged": len(acknowledged),
        "recorded": sum(recorded.values()),
        "lost": len(set(acknowledged) - set(recorded)),
        "twice": sum(count - 1 for count in recorded.values()),
    }
    print(json.dumps(counts))


def main(command: str) -> None:
    """Run one step of the day, or all of it for a number of seconds."""
    if command.isdigit():
        for row in rows(int(command)):
            print(f"{row.what} | {row.peer} | {row.ratio:.3f} | {row.met}")
        return
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jsi_tracker.settings")
    django.setup()
    {"prepare": _prepare, "verify": _verify}[command](Path(os.environ["LOAD_FOLDER"]))


if __name__ == "__main__":
    main(sys.argv[1])
