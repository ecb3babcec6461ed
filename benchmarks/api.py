"""Compare REST requests with an empty Django view, served by gunicorn as in `make run` and measured with wrk.

On both databases, pages of a long list are also compared with plain SQL.
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

from benchmarks.databases import rows_on_both_databases
from benchmarks.rows import NotMeasured, Row
from tests.serving import served

SECONDS, CONNECTIONS, ROUNDS = 3, 16, 7


def rows() -> Iterator[Row]:
    """Yield the rows for REST requests. Raises NotMeasured if wrk is not installed."""
    if shutil.which("wrk") is None:
        raise NotMeasured("wrk is not installed (run apt-get install wrk)")
    with _served() as site:
        yield from _polled(site)
    yield from rows_on_both_databases("benchmarks.on_database.api")


def _polled(site: str) -> Iterator[Row]:
    status = f"{site}/api/v1/status/"
    with urllib.request.urlopen(status) as response:
        tag = response.headers["ETag"]
    requests = {
        "empty": (f"{site}/empty/", ""),
        "status, unchanged (304)": (status, f"If-None-Match: {tag}"),
        "status, cached (200)": (status, ""),
        "status, cached and compressed (200)": (status, "Accept-Encoding: gzip"),
    }
    rates: dict[str, list[float]] = {name: [] for name in requests}
    for _ in range(ROUNDS):  # the requests are measured in turn, so that other load on the machine affects all of them
        for name, (url, header) in requests.items():
            rates[name].append(_rate(url, header))
    peer = f"an empty Django view, {max(rates['empty']):.0f} per second (ratio of rates: more is better)"
    for name, target in zip(list(requests)[1:], ("at least 0.8", "at least 0.6", ""), strict=True):
        # Rates are compared within a round, because the load on the machine varies between rounds.
        ratio = median(rate / empty for rate, empty in zip(rates[name], rates["empty"], strict=True))
        yield Row(f"REST: {name}", peer, ratio, target)


def _rate(url: str, header: str) -> float:
    """Return the number of requests served per second."""
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *(["-H", header] if header else []), url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in output, output
    match = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert match is not None, output
    return float(match[1])


@contextmanager
def _served() -> Iterator[str]:
    """Serve the site with the fixtures in a temporary database, and yield its URL."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        settings = {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
        environment = {**os.environ, **settings}
        for command in (["migrate", "--verbosity", "0"], ["load_fixtures", "--verbosity", "0"]):
            subprocess.run(
                [sys.executable, "manage.py", *command], env=environment, check=True, stdout=subprocess.DEVNULL
            )
        with served(environment, "/empty/", "--workers", "2", "--threads", "4", "--log-level", "error") as site:
            yield site
