"""A fixture for tests of undoing and correcting."""

import pytest

from issues.models import Provision
from tests.factories import provision_with
from tests.issues.undoing.acts import TEXT


@pytest.fixture
def provision(members: None) -> Provision:
    """Return a provision on record since FIRST_DAY."""
    return provision_with(TEXT)
