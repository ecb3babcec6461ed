"""What the tests of attacks share with those of the desk."""

from tests.admin.conftest import desk

__all__ = ["desk"]
