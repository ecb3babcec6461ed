"""Fixtures for tests of the admin."""

import pytest
from django.test import Client

from issues.models import Provision
from tests.admin.rows import a_row_of_each
from tests.factories import DelegationFactory, UserFactory
from tests.people import client_of


@pytest.fixture
def desk(db: None) -> Client:
    """Return a client logged in as the secretariat."""
    user = DelegationFactory(role="secretariat", member=None, user=UserFactory(is_staff=True)).user
    return client_of(user)


@pytest.fixture
def provision(db: None) -> Provision:
    """Return a provision with a bracket by Canada, together with a row in every other table."""
    return a_row_of_each(code="CAN", name="Canada")
