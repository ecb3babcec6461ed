"""Fixtures for tests of the running site with a primary, two replicas and Redis, which are started once."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from tests.running.servers import PostgreSQL, Redis, Site, missing, until
from tests.running.world import Person, World, at_hand, make_tables, people
from tests.serving import copy_of_the_empty_database

# The secret key of the tested site, which is also needed to create sessions and passwords for it.
SECRET_KEY = "a key of the tests of the running site, and of nothing else at all"
AS_SERVED = {"SECRET_KEY": SECRET_KEY, "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}


@pytest.fixture(scope="session")
def running(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Yield the running site. All its servers must be running again after each test."""
    if connection.vendor != "postgresql":
        pytest.skip("servers of its own run once: with the tests on PostgreSQL")
    if why := missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("site")
    primary = PostgreSQL.made()
    started: list[Any] = [primary]
    try:
        with django_db_blocker.unblock(), override_settings(**AS_SERVED):
            make_tables(primary)
            with at_hand(primary.url):
                token, session = people()
            replicas = [primary.replica("one"), primary.replica("two")]
            started += replicas
            redis = Redis() if shutil.which("redis-server") else None
            if redis:
                redis.start()
                started.append(redis)
            site = _site(folder, primary, replicas, redis)
            started.append(site)
            yield World(primary.url, site, Person(site, token, session), primary, replicas, redis)
    finally:
        for one in reversed(started):
            one.stop()
        shutil.rmtree(primary.folder, ignore_errors=True)


def _site(folder: Path, primary: PostgreSQL, replicas: list[PostgreSQL], redis: Redis | None) -> Site:
    (folder / "clock").write_text("0")
    return Site(
        folder,
        CLOCK=str(folder / "clock"),
        DATABASE_URL=primary.url,
        REPLICA_URLS=",".join(one.url for one in replicas),
        REDIS_URL=redis.url if redis else "",
        REPLICA_LAG="600",
        SECRET_KEY=SECRET_KEY,
        TRUSTED_PROXIES="1",
        API_RATE_ADDRESS="off",
        SLOWEST_REQUEST="1",
    )


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    """Yield the running site of a small secretariat, on SQLite."""
    if connection.vendor != "sqlite":
        pytest.skip("a site on SQLite runs once: with the tests on SQLite")
    url = copy_of_the_empty_database(tmp_path / "site.sqlite3")
    with override_settings(**AS_SERVED), at_hand(url):
        token, session = people()
    site = Site(tmp_path, DATABASE_URL=url, SECRET_KEY=SECRET_KEY)
    yield World(url, site, Person(site, token, session))
    site.stop()


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """Yield the running site. All servers must run, and replicas must be up to date, before and after the test."""
    _all_is_well(running)
    yield running
    _all_is_well(running)


def _all_is_well(running: World) -> None:
    for one in running.replicas:
        one.ask("SELECT pg_wal_replay_resume()")
    running.replayed()
    until(running.site.answers)


@pytest.fixture
def clock(world: World) -> Iterator[Callable[[float], None]]:
    """Yield a function that shifts the clock of the web processes by a number of seconds."""
    set_by = world.site.log.with_name("clock")
    yield lambda seconds: set_by.write_text(str(seconds)) and None
    set_by.write_text("0")
