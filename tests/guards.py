"""A context manager that removes the guards of the record, for tests that alter the record."""

from collections.abc import Iterator
from contextlib import contextmanager

from issues.models.append_only import install_guards, remove_guards


@contextmanager
def guards_lifted() -> Iterator[None]:
    """Allow rows of the record to be changed and deleted, as by someone with direct access to the database."""
    remove_guards()
    try:
        yield
    finally:
        install_guards()
