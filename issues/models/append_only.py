"""Guards in the database: a revision can be added, never changed or deleted.

Triggers, so that no code path, admin action or SQL shell of the site's own user gets around them.
An UPDATE that changes nothing passes: loading the same fixture twice is no change.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "issues_revision"

SQLITE = f"""
CREATE TRIGGER IF NOT EXISTS {TABLE}_no_update BEFORE UPDATE ON {TABLE}
WHEN %s BEGIN SELECT RAISE(ABORT, 'a revision is never changed'); END;
CREATE TRIGGER IF NOT EXISTS {TABLE}_no_delete BEFORE DELETE ON {TABLE}
BEGIN SELECT RAISE(ABORT, 'a revision is never deleted'); END;
"""

# restrict_violation, so that Django raises IntegrityError as on SQLite.
POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION {TABLE}_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a revision is never changed or deleted' USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER IF EXISTS {TABLE}_guard ON {TABLE};
CREATE TRIGGER {TABLE}_guard BEFORE UPDATE OR DELETE ON {TABLE}
FOR EACH ROW EXECUTE FUNCTION {TABLE}_guard();
"""


def _table_exists(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        return TABLE in connection.introspection.table_names(cursor)


def _sqlite_script(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, TABLE)]
    return SQLITE % " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in columns)


def install_guards(using: str = "default", **kwargs: Any) -> None:
    """Install the triggers on the database `using`, after every migrate; again and again does no harm."""
    connection = connections[using]
    if not _table_exists(connection):
        return
    if connection.vendor == "sqlite":
        remove_guards(using)
        for statement in _sqlite_script(connection).strip().split("END;"):
            if statement.strip():
                with connection.cursor() as cursor:
                    cursor.execute(statement + "END;")
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(POSTGRESQL)


def remove_guards(using: str = "default") -> None:
    """Remove the triggers, for tests that empty the tables between them."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_no_update")
            cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_no_delete")
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_guard ON {TABLE}")
