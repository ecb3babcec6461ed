"""Fixtures for all tests, including the facts and a real browser, and the selection of tests to run."""

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings

from issues.text.member_names import load_register
from tests import facts as kept_facts
from tests.guards import guards_lifted
from tests.selection import Scheduling, at_night, leave_unmeasured, select

# Deadlines are disabled, because a busy machine could otherwise make tests fail.
settings.register_profile("tracker", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("tracker")

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
# Without a network, Chromium's own services would fill the log with refused connections.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_report_header() -> str:
    return f"database: {connection.vendor}, {'all tests of the night' if at_night() else 'tests of CI'}"


def pytest_collection_finish() -> None:
    """Collect garbage less often.

    The modules and tests that exist now are never garbage, but each full collection would examine all of them. Creating
    and migrating the test database takes a quarter less time in this way.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Select and mark tests by the rules in `tests.selection`, and order browser tests last, or skip them.

    Browser tests come last because, after the first of them, Django no longer rejects queries from a coroutine (see
    `browser`). They are skipped without a browser, except in CI, where a browser is required.
    """
    select(config, items)
    leave_unmeasured(config, items)
    items.sort(key=_wants_a_browser)
    if CHROMIUM.exists() or os.environ.get("CI"):
        return
    for item in filter(_wants_a_browser, items):
        item.add_marker(pytest.mark.skip(reason=f"no Chromium at {CHROMIUM}: apt-get install chromium"))


def _wants_a_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


@pytest.fixture(scope="session", autouse=True)
def _tables_can_be_emptied() -> Iterator[None]:
    """Remove the guards of the record while Django empties the tables after a transactional test.

    On SQLite, Django empties tables with DELETE, which the guards reject.
    """
    empty: Callable[..., None] = TransactionTestCase._fixture_teardown

    def lifted(case: Any) -> None:
        with guards_lifted():
            empty(case)

    TransactionTestCase._fixture_teardown = lifted
    yield
    TransactionTestCase._fixture_teardown = empty


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_language_of_other_tests() -> None:
    """Deactivate the language that an earlier request in the same thread may have activated."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _no_failed_logins_of_other_tests(settings: Any) -> None:
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(time.monotonic_ns())}
    settings.CACHES = {"default": memory, "limits": memory}


@pytest.fixture(autouse=True)
def _no_answers_of_other_tests(settings: Any) -> None:
    """Disable the response cache, because primary keys and versions start again in each test."""
    settings.API_MEMORY_BYTES = 0


@pytest.fixture
def django_assert_max_num_queries(django_assert_max_num_queries: Any) -> Any:
    """Count queries with the register of names already loaded, so that the count does not depend on earlier tests."""

    @contextmanager
    def counted(*args: Any, **kwargs: Any) -> Iterator[Any]:
        load_register()
        with django_assert_max_num_queries(*args, **kwargs) as captured:
            yield captured

    return counted


@pytest.fixture(scope="session")
def _facts_kept(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        kept_facts.keep()


@pytest.fixture(scope="module")
def facts(_facts_kept: None, django_db_blocker: Any) -> Iterator[None]:
    """Load the facts once for a module of tests, and roll them back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        kept_facts.put_back()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def facts_on_disk(_facts_kept: None, transactional_db: None) -> None:
    """Load and commit the facts, for tests with a separate server."""
    kept_facts.put_back()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Yield a headless Chromium."""
    from playwright.sync_api import sync_playwright

    # Playwright's event loop runs in this thread until the last test, so Django would take every query for one made by
    # a coroutine.
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()
        # While the loop runs, this thread has its own database connections (asgiref.local), which nothing else closes.
        # PostgreSQL does not drop a database with an open connection.
        connections.close_all()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Yield a new page at the width of a desktop."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
