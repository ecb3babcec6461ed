"""Fixtures for tests of the pages of proposals."""

import pytest
from django.test import Client

from issues.models import SubIssue
from tests.factories import SubIssueFactory
from tests.people import client_of, delegate, take_part


@pytest.fixture
def place(db: None) -> SubIssue:
    """Return a sub-issue of a negotiation in which Canada, Japan and Brazil take part."""
    take_part("CAN", "JPN", "BRA")
    return SubIssueFactory(code="B.1.a", title="Customs duties")


@pytest.fixture
def canada(place: SubIssue) -> Client:
    """Return a client of a delegate of Canada."""
    return client_of(delegate("CAN"))
