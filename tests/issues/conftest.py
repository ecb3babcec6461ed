"""Fixtures of the people who act. Delegates and facilitators act on the test's own `provision`."""

from typing import Any

import pytest

from issues.models import Provision
from tests import people
from tests.factories import MemberFactory
from tests.issues.test_index import CODES


@pytest.fixture
def members(db: None) -> None:
    """Create the members that are named in the generated texts."""
    for code in CODES:
        MemberFactory(code=code)


@pytest.fixture
def secretariat(db: None) -> Any:
    """Return a user of the secretariat, who may make any change."""
    return people.secretariat()


@pytest.fixture
def canada(provision: Provision) -> Any:
    """Return a delegate of Canada."""
    return people.delegate("CAN")


@pytest.fixture
def facilitator(provision: Provision) -> Any:
    """Return the facilitator of the small group that works on the provision."""
    return people.facilitator_at(provision.sub_issue)
