"""A fixture for tests of undoing and correcting."""

import pytest

from issues.models import Provision
from tests.factories import MemberFactory, provision_with
from tests.issues.test_index import CODES
from tests.issues.undoing.acts import TEXT


@pytest.fixture
def provision() -> Provision:
    """Return a provision on record since FIRST_DAY."""
    for code in CODES:
        MemberFactory(code=code)
    return provision_with(TEXT)
