"""Fixtures for tests of imports, which the secretariat makes into one sub-issue."""

from typing import Any

import pytest

from issues.models import Provision, SubIssue
from tests import people
from tests.factories import IssueFactory, SubIssueFactory, provision_with


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


@pytest.fixture
def record(place: Any) -> list[Provision]:
    """Return two provisions whose headings are not part of their texts."""
    return [
        provision_with("Each Party shall publish its measures.", heading="Transparency", sub_issue=place, position=1),
        provision_with(
            "Each Party [CAN propose: shall] [BRA oppose: may] act against spam.",
            heading="Spam",
            sub_issue=place,
            position=2,
        ),
    ]
