"""Fixtures of the clients of people. Delegates and facilitators act on the test's own `provision`."""

import pytest
from django.test import Client

from issues.models import Provision
from tests import people


@pytest.fixture
def secretariat(db: None) -> Client:
    """Return a client of the secretariat."""
    return people.client_of(people.secretariat())


@pytest.fixture
def canada(provision: Provision) -> Client:
    """Return a client of a delegate of Canada."""
    return people.client_of(people.delegate("CAN"))


@pytest.fixture
def facilitator(provision: Provision) -> Client:
    """Return a client of the facilitator of the small group that works on the provision."""
    return people.client_of(people.facilitator_at(provision.sub_issue))
