"""Fixtures for tests of the admin."""

import pytest
from django.test import Client

from issues.models import Provision
from tests.admin.rows import a_row_of_each
from tests.people import client_of, secretariat


@pytest.fixture
def desk(db: None) -> Client:
    """Return a client logged in as the secretariat."""
    return client_of(secretariat(is_staff=True))


@pytest.fixture
def provision(db: None) -> Provision:
    """Return a provision with a bracket by Canada, together with a row in every other table."""
    return a_row_of_each(code="CAN", name="Canada")
