"""Tests of reading from replicas, of reading one's own writes, and of the effects of unavailable servers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from issues.models import Provision
from jsi_tracker.replicas import _any_replica, _is_usable
from tests.running.servers import PostgreSQL, until
from tests.running.world import API, PAGE, TEXT, World, connection_to, words_in

# The tables of the running site are copied from the test database.
pytestmark = pytest.mark.django_db
MANY = 8
EVERYTHING = "/api/v1/bulk/everything.jsonl"


@contextmanager
def paused(*replicas: PostgreSQL) -> Iterator[None]:
    """Let replicas receive changes without replaying them."""
    for one in replicas:
        one.ask("SELECT pg_wal_replay_pause()")
        until(lambda one=one: one.ask("SELECT pg_get_wal_replay_pause_state()") == "paused")
    try:
        yield
    finally:
        for one in replicas:
            one.ask("SELECT pg_wal_replay_resume()")


@contextmanager
def stopped(*servers: PostgreSQL) -> Iterator[None]:
    for one in servers:
        one.stop()
    try:
        yield
    finally:
        for one in servers:
            one.start()


def seen_by_anybody(world: World) -> set[str]:
    """Return the results of several consecutive requests."""
    return {world.shown() for _ in range(MANY)}


def test_reads_are_spread_over_the_replicas_and_writers_see_their_own_changes_immediately(world: World) -> None:
    person, one, two = world.person, *world.replicas
    before = world.shown()
    with person.browser() as browser:
        with paused(one, two):
            assert person.submit(browser, "by a browser").status_code == 302
            assert "by a browser" in browser.get(PAGE).text
            assert person.log("by a program") == 201
            assert world.shown(person.program()) == "by a program"
            assert seen_by_anybody(world) == {before}
            # A download also reads one state from one server until its end.
            everything = world.anybody().get(EVERYTHING)
            assert everything.status_code == 200
            assert before in everything.text
            assert "by a program" not in everything.text
            two.ask("SELECT pg_wal_replay_resume()")
            until(lambda: two.has_replayed(world.primary))
            assert seen_by_anybody(world) == {before, "by a program"}
        world.replayed()
        # The requests use replicas again, so changes by others are not yet visible.
        with paused(one, two):
            with world.at_hand():
                Provision.objects.filter(slug="tried").update(heading="Another heading")
            assert "Another heading" not in browser.get(PAGE).text
            assert "Another heading" not in person.program().get(API).text


def test_an_etag_never_claims_more_than_its_text_contains(world: World) -> None:
    texts: dict[str, str] = {}
    held = ""
    with paused(world.replicas[0]):
        for number in range(3):
            assert world.person.log(f"tagged {number}") == 201
            until(lambda: world.replicas[1].has_replayed(world.primary))
            for _ in range(MANY):
                answer = world.anybody(**{"If-None-Match": held}).get(API)
                tag = answer.headers["ETag"]
                if answer.status_code == 304:
                    assert tag == held
                    continue
                assert texts.setdefault(tag, words_in(answer)) == words_in(answer)
                held = tag
    assert len(texts) == 4  # the state of the paused replica, and three states of the other


def test_an_unavailable_replica_is_skipped_and_used_again_after_recovery(world: World) -> None:
    one, two = world.replicas
    with stopped(one):
        assert world.person.log("while one is away") == 201
        assert world.shown(world.person.program()) == "while one is away"
        until(lambda: seen_by_anybody(world) == {"while one is away"})
        with stopped(two):
            assert world.person.log("while both are away") == 201
            assert seen_by_anybody(world) == {"while both are away"}
    world.replayed()
    with paused(one):
        before = world.shown()
        assert world.person.log("when they are back") == 201
        # The paused replica is used again, so some readers see the earlier state.
        until(lambda: before in seen_by_anybody(world))


def test_while_the_primary_is_unavailable_pages_are_readable_and_refused_changes_lose_nothing(world: World) -> None:
    person = world.person
    with person.browser() as browser:
        assert person.submit(browser, "before").status_code == 302
        world.replayed()
        with stopped(world.primary):
            assert world.shown() == "before"
            assert world.shown(person.program()) == "before"
            assert "before" in browser.get(PAGE).text
            assert browser.get(f"{PAGE}log/").status_code == 200
            long = "words that took an hour to write, and that nobody would like to write again"
            refused = person.submit(browser, long)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert "No partial changes were saved" in refused.text
            assert person.log(long) == 503
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', refused.text)
        fields += re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>\n(.*?)</textarea>', refused.text, re.DOTALL)
        assert dict(fields)["text"] == TEXT.format(long)
        until(lambda: browser.post(f"{PAGE}log/", data=dict(fields)).status_code == 302)
        assert "refused" not in browser.get(PAGE).text
    assert world.recorded()[-2:] == ["before", long]
    person.base += 1


def test_an_unavailable_database_returns_a_problem_document_to_api_clients(world: World) -> None:
    sent = {"base_revision": world.person.base, "text": TEXT.format("never"), "on_behalf_of": "CAN"}
    with stopped(world.primary):
        answer = world.person.program().post(f"{API}revisions/", json=sent)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.headers["Retry-After"]) == ("unavailable", "5")
    assert "Idempotency-Key" in answer.json()["way_out"]


@pytest.fixture
def replica(world: World, settings: Any) -> Iterator[PostgreSQL]:
    """Yield one replica, as seen from this process. The maximum lag is zero."""
    settings.REPLICA_LAG = 0
    connections["replica1"] = connection_to(world.replicas[0].url, "replica1")
    yield world.replicas[0]
    connections["replica1"].close()
    del connections["replica1"]


def test_a_replica_that_lags_too_far_behind_is_not_used(world: World, replica: PostgreSQL) -> None:
    assert _is_usable("replica1", "0/0")
    with paused(replica):
        assert _is_usable("replica1", "0/0")  # nothing has been written in the meantime
        assert world.person.log("late") == 201
        until(lambda: not _is_usable("replica1", "0/0"))
    until(lambda: _is_usable("replica1", "0/0"))


def test_a_replica_without_its_primary_is_used_until_its_permitted_lag(
    world: World, replica: PostgreSQL, settings: Any
) -> None:
    settings.REPLICA_LAG = 30
    with stopped(world.primary):
        assert _is_usable("replica1", "0/0")
        settings.REPLICA_LAG = 0
        assert not _is_usable("replica1", "0/0")
        assert _any_replica_of("replica1", settings) == "replica1"
    settings.REPLICA_LAG = 30
    until(lambda: _is_usable("replica1", "0/0"))


def test_a_server_without_a_primary_is_not_used_as_a_replica(world: World) -> None:
    connections["replica1"] = connection_to(world.primary.url, "replica1")
    try:
        assert not _is_usable("replica1", "0/0")
    finally:
        connections["replica1"].close()
        del connections["replica1"]


def _any_replica_of(alias: str, settings: Any) -> str:
    settings.REPLICAS = [alias]
    return _any_replica()
