"""Fixtures for tests of accounts."""

from typing import Any

import pytest

from tests.factories import UserFactory
from tests.site.people import PASSWORD


@pytest.fixture
def alice(db: None) -> Any:
    """Return a user with a password and no role."""
    return UserFactory(username="alice", password=PASSWORD)
