"""A fixture for tests of writing through the API."""

import pytest

from tests.api.writing.programs import TEXT
from tests.factories import SmallGroupFactory, SubIssueFactory, provision_with
from tests.people import take_part


@pytest.fixture(autouse=True)
def _text() -> None:
    """Create a provision in a small group. Canada and Japan take part."""
    take_part("CAN", "JPN")
    place = SubIssueFactory(code="B.1.a")
    SmallGroupFactory(slug="circle").sub_issues.add(place)
    provision_with(TEXT, slug="open", sub_issue=place)
