"""REST requests compared with an empty Django view, served by gunicorn as in `make run` and measured with wrk.

`python -m benchmarks.api` compares pages of a long list, at any depth, with plain SQL, in a test database.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.databases import rows_on_both_databases, run_in_test_database
from benchmarks.pages import PAGE_SIZE, fastest_time, fill_tables, query_with_bare_sql
from benchmarks.rows import NotMeasured, Row
from tests.serving import served

SECONDS, CONNECTIONS, ROUNDS = 3, 16, 7
DEEP = 400  # pages after the first


def rows() -> Iterator[Row]:
    """Yield the rows. Raises NotMeasured if wrk is not installed."""
    if shutil.which("wrk") is None:
        raise NotMeasured("no wrk: apt-get install wrk")
    with _served() as site:
        yield from _polled(site)
    yield from rows_on_both_databases("benchmarks.api")


def _polled(site: str) -> Iterator[Row]:
    status = f"{site}/api/v1/status/"
    with urllib.request.urlopen(status) as answer:
        tag = answer.headers["ETag"]
    asked = {
        "empty": (f"{site}/empty/", ""),
        "status, unchanged (304)": (status, f"If-None-Match: {tag}"),
        "status, cached (200)": (status, ""),
        "status, cached and compressed (200)": (status, "Accept-Encoding: gzip"),
    }
    rates: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):  # in turn, so that other load on the machine affects all of them
        for name, (address, header) in asked.items():
            rates[name].append(_rate(address, header))
    peer = f"an empty Django view, {max(rates['empty']):.0f} per second (ratio of rates: more is better)"
    for name, target in zip(list(asked)[1:], ("at least 0.8", "at least 0.6", ""), strict=True):
        # Compare within a round, since the load on the machine varies between rounds.
        ratio = median(rate / empty for rate, empty in zip(rates[name], rates["empty"], strict=True))
        yield Row(f"REST: {name}", peer, ratio, target)


def _rate(address: str, header: str) -> float:
    """Return the number of requests answered per second."""
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *(["-H", header] if header else []), address]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in output, output
    match = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert match is not None, output
    return float(match[1])


@contextmanager
def _served() -> Iterator[str]:
    """Serve the site with the fixtures, on a temporary database."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        settings = {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "benchmarks.settings_served"}
        environment = {**os.environ, **settings}
        for command in (["migrate", "--verbosity", "0"], ["load_fixtures", "--verbosity", "0"]):
            subprocess.run(
                [sys.executable, "manage.py", *command], env=environment, check=True, stdout=subprocess.DEVNULL
            )
        with served(environment, "/empty/", "--workers", "2", "--threads", "4", "--log-level", "error") as site:
            yield site


def _measure() -> Iterator[Row]:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from members.models import Member

    # Disable the response cache and the rate limit.
    settings.API_MEMORY_BYTES, settings.API_RATE_ADDRESS = 0, "off"
    call_command("load_fixtures", verbosity=0)
    member = Member.objects.get(pk=fill_tables()["member"])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    client, address = Client(), f"/api/v1/variants/?proponent={member.code}&page_size={PAGE_SIZE}"

    def page(where: str) -> str | None:
        answer = client.get(where)
        assert answer.status_code == 200, answer.content
        following: str | None = answer.json()["next"]
        return following

    floor = fastest_time(lambda: query_with_bare_sql(member.pk))
    yield Row(
        "REST: 50 of 1,000,000 variants by proponent",
        "plain SQL and json.dumps",
        fastest_time(lambda: page(address)) / floor,
        "at most 2",
    )
    second = page(address)
    assert second is not None
    deep = second
    for _ in range(DEEP):
        following = page(deep)
        assert following is not None
        deep = following
    shallow = fastest_time(lambda: page(second))
    yield Row(
        f"REST: page {DEEP + 2} of the same", "page 2", fastest_time(lambda: page(deep)) / shallow, "at most 1.2 (flat)"
    )


if __name__ == "__main__":
    run_in_test_database(_measure)
