"""Fixtures for tests of imports, which the secretariat makes into one sub-issue."""

from typing import Any

import pytest

from issues.models import SubIssue
from tests import people
from tests.factories import IssueFactory, SubIssueFactory


@pytest.fixture
def secretariat(db: None) -> Any:
    """Return a user of the secretariat. Canada, Japan and Brazil take part."""
    people.take_part("CAN", "JPN", "BRA")
    return people.secretariat()


@pytest.fixture
def place(db: None) -> SubIssue:
    """Return the sub-issue."""
    place: SubIssue = SubIssueFactory(code="A.1.a", issue=IssueFactory(code="A.1"))
    return place
