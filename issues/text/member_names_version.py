"""A stamp on the names of members and groupings: another one whenever any of them changes.

What was made of them once can be kept as long as the stamp is the same. Triggers set it, so that no way of writing
gets around it; it is drawn at random, so that a transaction that is taken back leaves no stamp that is used again.
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


def install_stamp(using: str = "default", **kwargs: Any) -> None:
    """Install the triggers on the database `using`, after every migrate; again and again does no harm."""
    connection = connections[using]
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        if "issues_register_stamp" not in there or not there.issuperset(TABLES):
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


def stamp(using: str = "default") -> str:
    """Return the stamp of the names as they are now. One short query."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT value FROM issues_register_stamp")
        return str(cursor.fetchone()[0])
