"""Reading one state of the whole database, however long it takes and whoever writes meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, router, transaction

from issues.models import Change


@contextmanager
def snapshot() -> Iterator[None]:
    """Let every query inside see the state at the first one. Nothing can be written inside, and nobody is held up.

    On PostgreSQL a transaction with REPEATABLE READ, on SQLite one that reads only (the site's own would begin with
    the lock of a writer). Inside another transaction it is that one's state that is read.
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
