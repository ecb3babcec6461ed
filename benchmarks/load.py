"""A plenary day: 500 people read, 50 log changes, 20 programs poll, and whatever was acknowledged is on record.

`make load` measures it for three minutes, with gunicorn as it is in service and a PostgreSQL database of its own, and
writes the table. `python -m benchmarks.load 20` tries it for 20 seconds and writes nothing. Who does what:
`plenary.py`.
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
SIGNED_IN = 100  # sessions that readers have among them
PEOPLE, ACKNOWLEDGED, REFUSED = "people.json", "acknowledged.json", "refused.json"
# What each change gives as its source, with a key of its own behind.
SAID = "A plenary day: "
# Everybody asks from this machine, and would share the limit of one address.
UNLIMITED = {"API_RATE_ADDRESS": "off", "COSTLY_PAGES_RATE": "off"}
# As a site in service says about itself.
LEVEL = "WARNING"


def rows(seconds: int = SECONDS) -> Iterator[Row]:
    """Yield how many requests failed, how many changes were lost, and how long people and programs waited.

    Raises NotMeasured without locust, and SystemExit where the record does not hold.
    """
    try:
        import locust  # noqa: F401 - run as a program: it makes over what Python's sockets do
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
    asked = f"none, of {everything['count']:.0f} in {seconds} s"
    yield Row("a plenary day: requests that failed", asked, everything["failed"], "at most 0")
    logged = f"none, of {counts['acknowledged']} (on record: {counts['recorded']})"
    wrong = counts["lost"] + counts["twice"]
    yield Row("a plenary day: changes acknowledged and lost, or recorded twice", logged, wrong, "at most 0")
    for name in ("a page read", "the form of a change", "a change logged", "a program's poll"):
        measured = statistics.get(name)
        if measured is not None:
            yield Row(
                f"{name}, 95 of 100 within", f"1 second ({measured['count']:.0f} of them)", measured["p95"] / 1000
            )


def _statistics(folder: Path) -> dict[str, dict[str, float]]:
    """Return what locust counted, by the name of what was done."""
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
    """Make an empty database on the PostgreSQL that answers, for as long as it is wanted."""
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
    # It ends with 1 where a request failed: that is counted, and told.
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
    if failures.count("\n") > 1:  # more than the heading
        print(failures, Path(folder, REFUSED).read_text(encoding="utf-8"), file=sys.stderr)
    stumbled = Path(folder, "locust_exceptions.csv").read_text(encoding="utf-8")
    if stumbled.count("\n") > 1:
        raise SystemExit(f"The scenario itself is wrong: {stumbled}")


def _prepare(folder: Path) -> None:
    """Make the people of the day, and write how each of them comes in."""
    import datetime

    from django.conf import settings
    from django.test import Client

    from issues.models import Participation, Provision
    from members.tokens import make
    from tests.factories import DelegationFactory, UserFactory

    # Nobody signs in by a password here, and a good one takes a second to store.
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
    """Print how many of the changes that were acknowledged are not on record, or more than once."""
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
    """Do one step of the day, or try all of it for so many seconds."""
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
