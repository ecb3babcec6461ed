"""Guards in the database: a row on record can be added, never changed or deleted.

Triggers, so that no code path, admin action or SQL shell of the site's own user gets around them.
An UPDATE that changes nothing passes: loading the same fixture twice is no change.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# Each with what a row of it is called.
TABLES = {
    "issues_revision": "revision",
    "issues_proposalstep": "step of a proposal",
    "issues_change": "change that was told",
    "django_admin_log": "line of the desk log",
}

SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} "
    "WHEN {differs} BEGIN SELECT RAISE(ABORT, 'a {row} is never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'a {row} is never deleted'); END",
)

# restrict_violation, so that Django raises IntegrityError as on SQLite.
POSTGRESQL = """
CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a {row} is never changed or deleted' USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER IF EXISTS {table}_guard ON {table};
CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_guard();
"""


def install_guards(using: str = "default", **kwargs: Any) -> None:
    """Install the triggers on the database `using`, after every migrate; again and again does no harm."""
    connection = connections[using]
    remove_guards(using)
    for table, row in _tables(connection):
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
                differs = " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in columns)
                for statement in SQLITE:
                    cursor.execute(statement.format(table=table, row=row, differs=differs))
        elif connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(POSTGRESQL.format(table=table, row=row))


def remove_guards(using: str = "default") -> None:
    """Remove the triggers, for tests that empty the tables between them."""
    connection = connections[using]
    for table, _ in _tables(connection):
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
            elif connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_guard ON {table}")


def _tables(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Return the tables that are there yet, each with what a row is called."""
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
    return [(table, row) for table, row in TABLES.items() if table in there]
