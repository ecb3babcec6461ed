"""The guards of the record, lifted for what only tests do to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from issues.models.append_only import install_guards, remove_guards


@contextmanager
def guards_lifted() -> Iterator[None]:
    """Let rows on record be changed and deleted, as somebody with the database in hand could."""
    remove_guards()
    try:
        yield
    finally:
        install_guards()
