"""Read the whole database in a consistent state."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, router, transaction

from issues.models import Change


@contextmanager
def snapshot() -> Iterator[None]:
    """Run the block so that all its queries read the database in the state seen by the first query.

    The block must not write, and it does not delay other writers. On PostgreSQL, it runs in a read-only transaction at
    the isolation level REPEATABLE READ. On SQLite, it runs in a deferred transaction, because the transactions that the
    site uses by default begin with a write lock. Within another transaction, the block reads the state of that
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
