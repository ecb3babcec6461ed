"""Consistent reads of the whole database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, router, transaction

from issues.models import Change


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all queries in the block read the state seen by the first. The block cannot write; other writers continue.

    On PostgreSQL this is a read-only transaction with REPEATABLE READ; on SQLite a deferred one, because the default
    transactions of the site begin with a write lock. Inside another transaction, the block reads the state of that
    transaction.
    """
    connection = connections[router.db_for_read(Change)]
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(using=connection.alias):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
