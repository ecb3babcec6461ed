"""Tests of faults around the running site, which produce the rows of docs/reference/faults.md.

`make faults` causes the faults and writes the results. The tests compare the results with the page.
"""

import contextlib
import os
import re
import resource
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import psycopg2
import pytest
from django.utils import timezone

from tests.running.servers import ROOT, until
from tests.running.test_replicas import paused, stopped
from tests.running.world import API, PAGE, World

pytestmark = pytest.mark.django_db

TABLE = ROOT / "docs" / "reference" / "faults.md"
READS = {frozenset({200}): "as usual", frozenset({503}): "an error page that states when to try again (503)"}
# The number of seconds for which the running site waits for the head of a request, as set in conftest.py.
SLOWEST_REQUEST = 1
WRITES = {
    201: "recorded",
    503: "refused (503); resent with its key and recorded once",
    0: "no response; resent with its key and recorded once",
}


@dataclass
class Seen:
    """The observations of one fault."""

    world: World
    reads: set[int] = field(default_factory=set)
    writes: dict[str, int] = field(default_factory=dict)
    recovers: str = "not"

    def read(self) -> None:
        """Read as an anonymous reader, a program and a browser."""
        person = self.world.person
        anybody = self.world.anybody().get(PAGE)
        with person.browser() as browser:
            answers = [anybody, person.program().get(API), browser.get(PAGE)]
        assert all("Retry-After" in one.headers for one in answers if one.status_code == 503)
        self.reads |= {one.status_code for one in answers}

    def write(self, words: str) -> int:
        """Log a change, and return the status of the response, or 0 if there was none."""
        self.writes[words] = self.world.person.log(words)
        return self.writes[words]

    def healed(self) -> None:
        """Repeat all unacknowledged changes. Raises AssertionError if the site does not recover by itself."""
        for words, status in self.writes.items():
            if status != 201:
                until(lambda words=words: self.world.person.log(words) == 201)
        until(lambda: self.world.shown() == self.world.person.acknowledged[-1])
        self.recovers = "automatic"

    def row(self, fault: str, reads: str = "") -> str:
        """Return the row of the table. `reads` replaces the description of the statuses of reads."""
        recorded = self.world.recorded()
        lost = [one for one in self.world.person.acknowledged if one not in recorded]
        twice = sorted({one for one in recorded if recorded.count(one) > 1})
        sound = "nothing" if self.world.is_sound() else "something"
        wrote = "; or ".join(WRITES[status] for status in sorted(set(self.writes.values()), reverse=True))
        cells = [
            fault,
            reads or READS[frozenset(self.reads)],
            wrote,
            _listed(lost),
            _listed(twice),
            sound,
            self.recovers,
        ]
        return f"| {' | '.join(cells)} |"


def _listed(words: list[str]) -> str:
    return ", ".join(words) or "nothing"


def compare(row: str) -> None:
    """Compare a row with the documentation, or write the row if WRITE_FAULTS is set."""
    fault = row.split(" | ")[0]
    page = TABLE.read_text(encoding="utf-8")
    if os.environ.get("WRITE_FAULTS"):
        old = next((line for line in page.splitlines() if line.startswith(f"{fault} |")), None)
        assert old is not None, f"write a line for it in docs/reference/faults.md first: {fault}"
        TABLE.write_text(page.replace(old, row), encoding="utf-8")
        return
    assert row in page.splitlines(), "make faults writes what is true now: read it before you commit it"


@pytest.fixture
def seen(world: World) -> Seen:
    return Seen(world)


def test_a_worker_killed_while_logging_a_change_records_nothing_and_the_site_recovers(seen: Seen) -> None:
    world = seen.world
    # Another connection locks the text, so that the change waits within its transaction.
    other = psycopg2.connect(world.primary.url)
    with other.cursor() as cursor, ThreadPoolExecutor(1) as pool:
        cursor.execute("SELECT FROM issues_provision FOR UPDATE")
        writing = pool.submit(seen.write, "killed")
        until(lambda: world.primary.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        for pid in world.site.workers():
            os.kill(pid, signal.SIGKILL)
        assert writing.result() == 0
    other.close()
    assert "killed" not in world.recorded()
    seen.read()
    seen.healed()
    compare(seen.row("a worker is killed while it logs a change"))


def test_the_site_recovers_from_a_crash_of_the_primary_during_changes(seen: Seen) -> None:
    world = seen.world
    assert world.person.log("before the crash") == 201
    with stopped(world.primary):
        until(lambda: seen.write("in the crash") == 503)
        seen.read()
    seen.healed()
    compare(seen.row("the PostgreSQL primary crashes and is restarted"))


def test_the_site_recovers_after_all_database_servers_were_unavailable(seen: Seen) -> None:
    world = seen.world
    with stopped(world.primary, *world.replicas):
        seen.read()
        seen.write("nobody hears this")
    seen.healed()
    compare(seen.row("all PostgreSQL servers are unavailable"))


def test_the_site_works_while_a_replica_is_unavailable(seen: Seen) -> None:
    with stopped(seen.world.replicas[0]):
        for number in range(2):
            seen.write(f"without a replica {number}")
            seen.read()
    seen.healed()
    compare(seen.row("a replica is unavailable"))


def test_the_site_works_while_replicas_lag(seen: Seen) -> None:
    with paused(*seen.world.replicas):
        seen.write("ahead of all replicas")
        seen.read()
        assert seen.world.shown(seen.world.person.program()) == "ahead of all replicas"
    seen.healed()
    compare(seen.row("all replicas lag"))


def test_failed_logins_are_still_counted_without_redis(seen: Seen) -> None:
    redis = seen.world.redis
    if redis is None:
        pytest.skip("no redis-server: apt-get install redis-server")
    redis.stop()
    try:
        seen.read()
        seen.write("without Redis")
        assert flood(seen.world, "nobody-without-redis", "192.0.2.1", 6) == 1
    finally:
        redis.start()
    seen.healed()
    compare(seen.row("Redis is unavailable"))


def test_a_flood_of_logins_does_not_lock_out_other_users(seen: Seen) -> None:
    with ThreadPoolExecutor(4) as pool:
        floods = [pool.submit(flood, seen.world, "somebody", "192.0.2.2", 6) for _ in range(4)]
        seen.read()
        seen.write("in the flood")
        # Of 24 attempts, five are checked, and up to three more at the same time. The number doubles if a worker still
        # considers Redis unavailable, which the previous test may have stopped.
        assert sum(one.result() for one in floods) >= 8
    assert log_in(seen.world, "reader", "a-long-demonstration-password", "192.0.2.3").status_code == 302
    seen.healed()
    compare(seen.row("a flood of logins"))


def flood(world: World, name: str, address: str, tries: int) -> int:
    """Try to log in with wrong passwords, and return the number of attempts refused without checking the password."""
    answers = [log_in(world, name, f"wrong {number}", address) for number in range(tries)]
    return sum("Too many failed" in one.text for one in answers)


def log_in(world: World, name: str, password: str, address: str) -> httpx.Response:
    """Send the login form from an IP address."""
    with world.anybody(**{"X-Forwarded-For": address}) as browser:
        page = browser.get("/accounts/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        sent = {"csrfmiddlewaretoken": token[1], "login": name, "password": password}
        return browser.post("/accounts/login/", data=sent)


def test_the_site_works_after_a_jump_of_a_servers_clock(seen: Seen, clock: Callable[[float], None]) -> None:
    # The test must not run over midnight, because a change made today would be refused after one made tomorrow.
    now = timezone.localtime()
    today = now.hour * 3600 + now.minute * 60
    for jump in (min(3600, 86400 - 120 - today), -min(3600, today)):
        clock(jump)
        seen.write(f"at {jump} seconds")
        seen.read()
    clock(0)
    seen.healed()
    assert seen.world.recorded()[-2:] == seen.world.person.acknowledged[-2:]
    compare(seen.row("the machine's clock jumps"))


def test_slow_clients_do_not_block_others_for_long(seen: Seen) -> None:
    address = ("127.0.0.1", seen.world.site.port)
    # Open twice as many connections as there are threads. None of them completes its request.
    with contextlib.ExitStack() as slow:
        for _ in range(16):
            client = slow.enter_context(socket.create_connection(address))
            client.sendall(b"GET / HTTP/1.1\r\nHost: ")
        begun = time.monotonic()
        seen.read()
        waited = time.monotonic() - begun
        seen.write("beside slow clients")
    seen.healed()
    assert seen.reads == {200}
    assert waited < 2 * SLOWEST_REQUEST + 10  # two batches of threads in turn, plus the time for the pages themselves
    compare(seen.row("more slow clients than threads", "after a wait (below)"))


def test_the_site_recovers_from_a_full_disk(small: World) -> None:
    seen = Seen(small)
    assert small.person.log("before") == 201
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in small.site.workers()}
    for pid, (_, hard) in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    seen.read()
    seen.write("on a full disk")
    for pid, before in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    seen.healed()
    compare(seen.row("the disk is full (SQLite)"))
