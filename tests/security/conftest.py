"""Fixtures that the security tests share with the tests of the admin."""

from tests.admin.conftest import desk

__all__ = ["desk"]
