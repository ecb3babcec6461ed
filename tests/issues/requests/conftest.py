"""A fixture for tests of requests."""

import pytest

from issues.models import Provision
from tests.factories import provision_with
from tests.issues.requests.asking import TEXT
from tests.people import take_part


@pytest.fixture
def provision(db: None) -> Provision:
    take_part("BRA", "CAN", "JPN")
    return provision_with(TEXT, slug="article")
