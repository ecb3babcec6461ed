"""Tests of the rule in tests/conftest.py that selects the tests for the second database and for the nightly run."""

from typing import Any

import pytest

from tests.conftest import differs_between_databases


def test_a_test_without_a_database_runs_once(request: Any) -> None:
    assert not differs_between_databases(request.node)


@pytest.mark.django_db
def test_a_test_that_uses_the_database_runs_on_both_databases(request: Any) -> None:
    assert differs_between_databases(request.node)


def test_a_test_that_requests_a_database_fixture_runs_on_both_databases(request: Any, db: None) -> None:
    assert differs_between_databases(request.node)


@pytest.mark.once
@pytest.mark.django_db
def test_a_browser_test_of_pages_runs_once(request: Any) -> None:
    assert not differs_between_databases(request.node)
