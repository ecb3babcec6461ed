"""Tests of the rules in tests/selection.py that decide which tests run on which database, at night and together."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.faults import CONTRAST, RULES, SIZES, questions
from tests.selection import (
    COSTLY_FIXTURES,
    Scheduling,
    differs_between_databases,
    group_of,
    reaches_the_database,
    share_of,
)

ROOT = Path(__file__).resolve().parents[2]
NIGHTLY = re.search(r"^nightly:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.fixture
def in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTLY", raising=False)


@pytest.fixture
def in_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTLY", "1")


def test_a_test_without_a_database_runs_once(request: Any) -> None:
    assert not differs_between_databases(request.node)
    assert not reaches_the_database(request.node)


@pytest.mark.django_db
def test_a_test_that_uses_the_database_runs_on_both_databases(request: Any) -> None:
    assert differs_between_databases(request.node)


def test_a_test_that_requests_a_database_fixture_runs_on_both_databases(request: Any, db: None) -> None:
    assert differs_between_databases(request.node)


@pytest.mark.once
@pytest.mark.django_db
def test_a_browser_test_of_pages_runs_once(request: Any) -> None:
    assert not differs_between_databases(request.node)
    assert reaches_the_database(request.node)


def test_tests_that_share_a_costly_fixture_run_on_one_worker(request: Any) -> None:
    for item in request.session.items:
        if COSTLY_FIXTURES & set(getattr(item, "fixturenames", ())):
            assert group_of(item.nodeid) in (item.nodeid.partition("::")[0], "tests/running/"), item.nodeid
    assert group_of("tests/operations/test_upgrades.py::test_a[::1]") == "tests/operations/test_upgrades.py"
    assert group_of("tests/running/test_faults.py::test_a") == group_of("tests/running/test_replicas.py::test_b")
    assert group_of(request.node.nodeid) == request.node.nodeid


def test_workers_are_given_groups_of_tests(pytestconfig: pytest.Config) -> None:
    made = pytestconfig.pluginmanager.hook.pytest_xdist_make_scheduler.get_hookimpls()
    assert [hook.plugin_name for hook in made if hook.plugin_name.endswith("tests/conftest.py")]
    assert Scheduling._split_scope(None, "tests/running/test_faults.py::test_a") == "tests/running/"


def test_ci_tries_a_share_of_the_examples_but_not_too_few(in_ci: None) -> None:
    assert [share_of(full) for full in (60, 30, 25, 5)] == [20, 10, 10, 5]


def test_the_night_tries_all_examples(in_the_night: None) -> None:
    assert [share_of(full) for full in (60, 25, 5)] == [60, 25, 5]


def test_in_ci_each_page_gets_each_check_of_axe_in_one_of_the_sizes(in_ci: None) -> None:
    pages = [f"/provisions/{number}/" for number in range(20)]
    for page in pages:
        assert sorted(question for size in SIZES for question in questions(page, size)) == sorted([RULES, CONTRAST])
    for size in SIZES:
        assert {question for page in pages for question in questions(page, size)} == {RULES, CONTRAST}


def test_at_night_each_page_gets_each_check_of_axe_in_each_size(in_the_night: None) -> None:
    assert all(questions("/", size) == [RULES, CONTRAST] for size in SIZES)


def test_the_night_runs_the_whole_suite_on_both_databases() -> None:
    assert NIGHTLY is not None
    assert re.search(r"NIGHTLY=1 .*\$\(MAKE\) test\b", NIGHTLY[1])
