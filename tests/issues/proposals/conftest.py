"""Fixtures for tests of proposals: a sub-issue and a provision in it."""

import pytest

from issues.models import Provision, SubIssue
from tests.factories import DelegationFactory, MemberFactory, SubIssueFactory, provision_with
from tests.issues.proposals.tabling import BASE
from tests.people import take_part


@pytest.fixture
def place(db: None) -> SubIssue:
    """Return a sub-issue of a negotiation in which Canada, Japan and Brazil, but not India, take part."""
    take_part("CAN", "JPN", "BRA")
    DelegationFactory(member=MemberFactory(code="IND", name="India"), takes_part=False)
    return SubIssueFactory(code="B.1.a")


@pytest.fixture
def provision(place: SubIssue) -> Provision:
    """Return a provision with a bracket by Brazil in the sub-issue."""
    return provision_with(BASE, sub_issue=place, slug="article")
