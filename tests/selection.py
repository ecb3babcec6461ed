"""The rules that decide which tests run where: in CI, on the second database, at night, and together on one worker."""

import os
import re
from collections.abc import Callable

import pytest
from django.db import connection
from xdist.scheduler import LoadScopeScheduling

# Fixtures through which a test reaches the database, and folders whose tests start their own servers.
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server", "facts"}
WITH_SERVERS = {"running", "operations"}
# Tests without which the measured packages still reach their floor. Measuring would only slow them down.
UNMEASURED = re.compile(
    r"^tests/(access|admin|analysis|benchmarks|browser|confidentiality|fixtures|house|operations|running|security|site)/"
    r"|/test_corpora\.py|/test_limits\.py|two_megabytes"
)
# Folders whose fixtures take seconds, such as servers or the upgrade of a database. Each worker that runs one of a
# module's tests would create them again, so one worker runs all tests of a module, or of the whole folder "running".
COSTLY_FIXTURES = {"another_database", "loaded", "running"}
MODULES_ON_ONE_WORKER = re.compile(r"tests/(operations|fixtures)/[^:]*|tests/running/")
# CI tries one of this many examples of Hypothesis, and never fewer than the second number.
SHARE_OF_EXAMPLES, FEWEST_EXAMPLES = 3, 10


def at_night() -> bool:
    """Return whether this is the nightly run, which leaves out no test."""
    return "NIGHTLY" in os.environ


def share_of(full: int) -> int:
    """Return the number of examples that Hypothesis tries: all of them at night, and a share of them in CI."""
    return full if at_night() else min(full, max(FEWEST_EXAMPLES, full // SHARE_OF_EXAMPLES))


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of the nightly run in CI, and on the second database those that need not run on it."""
    if not at_night():
        _leave_out(config, items, lambda item: item.get_closest_marker("nightly") is not None)
    if connection.vendor != "sqlite":
        runs = reaches_the_database if at_night() else differs_between_databases
        _leave_out(config, items, lambda item: not runs(item))


def _leave_out(config: pytest.Config, items: list[pytest.Item], condition: Callable[[pytest.Item], bool]) -> None:
    if left_out := [item for item in items if condition(item)]:
        config.hook.pytest_deselected(items=left_out)
        without = set(left_out)
        items[:] = [item for item in items if item not in without]


def differs_between_databases(item: pytest.Item) -> bool:
    """Return whether a test uses the database or servers and is not marked `once`, so that CI runs it on both."""
    return item.get_closest_marker("once") is None and reaches_the_database(item)


def reaches_the_database(item: pytest.Item) -> bool:
    """Return whether a test uses the database or servers. At night, such tests run on both databases."""
    if WITH_SERVERS & set(item.path.parts):
        return True
    return item.get_closest_marker("django_db") is not None or bool(
        DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
    )


def leave_unmeasured(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that coverage need not measure."""
    if config.pluginmanager.hasplugin("_cov"):
        for item in items:
            if UNMEASURED.search(item.nodeid):
                item.add_marker(pytest.mark.no_cover)


def group_of(nodeid: str) -> str:
    """Return the name of the group of tests that run on the same worker. Most groups contain a single test."""
    together = MODULES_ON_ONE_WORKER.match(nodeid)
    return together[0] if together else nodeid


class Scheduling(LoadScopeScheduling):
    """Distributes groups of tests to workers. Pytest 9.2 ignores the groups that xdist 3.8 makes of markers."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
