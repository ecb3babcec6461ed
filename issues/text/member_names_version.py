"""The version of the names of members and groupings: a stored value that changes whenever a name changes.

Data computed from the names can be cached as long as the version remains the same. Database triggers set the version,
so that no write can bypass this mechanism. The value is random so that a later transaction cannot produce the same
version as a transaction that was rolled back.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("members_member", "members_alias", "members_grouping", "members_groupingmembership")

SQLITE = (
    "CREATE TRIGGER {table}_stamp_{event} AFTER {event} ON {table} "
    "BEGIN UPDATE issues_register_stamp SET value = lower(hex(randomblob(16))); END"
)
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION issues_register_stamp_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE issues_register_stamp SET value = md5(random()::text || clock_timestamp()::text);
    RETURN NULL;
END $$
"""
POSTGRESQL = """
DROP TRIGGER IF EXISTS {table}_stamp ON {table};
CREATE TRIGGER {table}_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION issues_register_stamp_set();
"""


def names_version(using: str = "default") -> str:
    """Return the current version of the names, which is read with one short query."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT value FROM issues_register_stamp")
        return str(cursor.fetchone()[0])


def install_triggers(using: str = "default", **kwargs: Any) -> None:
    """Install the triggers in the database `using`. This handler runs after every migration and is idempotent."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if "issues_register_stamp" not in tables or not tables.issuperset(TABLES):
            return
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTION)
        for table in TABLES:
            _install(connection, table)


def _install(connection: BaseDatabaseWrapper, table: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL.format(table=table))
        elif connection.vendor == "sqlite":
            for event in ("insert", "update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_stamp_{event}")
                cursor.execute(SQLITE.format(table=table, event=event))
