"""Database guards: triggers that make the tables of the record append-only.

The triggers prevent accidental changes by pages, commands, admin actions and SQL. The owner of the database can drop
them. `missing_guards` reports missing triggers (`manage.py check --deploy`, `manage.py verify_record`), and `manage.py
migrate` restores them. The chained digests reveal alterations that were made while triggers were missing.

An UPDATE that changes no value is allowed, so that the same fixture can be loaded twice. A chained row without seals
(`issues.models.chain`) may receive its seals once.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# The guarded tables, each with the name that error messages use for its rows. The triggers contain these names.
TABLES = {
    "issues_revision": "revision",
    "issues_proposalstep": "step of a proposal",
    "issues_statusreport": "stated status",
    "issues_change": "change that was told",
    "django_admin_log": "line of the desk log",
}
# Columns of chained tables that may be filled while they are empty.
SEALS, FILLED_WITH_SEALS = "seals", ("digest", "digest_scheme", "recorded_names", "seals")


class Trigger(NamedTuple):
    """A trigger: its table, its name, and the SQL statement that creates it."""

    table: str
    name: str
    statement: str


def install_guards(using: str = "default", **kwargs: Any) -> None:
    """Install the triggers in the database `using`. This handler runs after every migration and is idempotent."""
    connection = connections[using]
    remove_guards(using)
    for table, row in _tables(connection):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(_function(connection, table, row))
            for trigger in _triggers(connection, table, row):
                cursor.execute(trigger.statement)


def remove_guards(using: str = "default") -> None:
    """Remove the triggers. This function is intended for tests that truncate tables."""
    connection = connections[using]
    for table, row in _tables(connection):
        with connection.cursor() as cursor:
            for trigger in _triggers(connection, table, row):
                of_table = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{of_table}")


def missing_guards(using: str = "default") -> list[str]:
    """Return descriptions of the guards that are missing, disabled or altered in the database `using`."""
    connection = connections[using]
    installed = _INSTALLED[connection.vendor](connection)
    return [
        f"{trigger.table} ({trigger.name})"
        for table, row in _tables(connection)
        for trigger in _triggers(connection, table, row)
        if installed.get(trigger.name) != _text(connection, trigger, row)
    ]


def _tables(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Return the guarded tables that exist, each with the name of its rows."""
    with connection.cursor() as cursor:
        existing = connection.introspection.table_names(cursor)
    return [(table, row) for table, row in TABLES.items() if table in existing]


def _columns(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """Return the names of the columns. Django's introspection would parse the table's definition, which takes long."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608
        return [column[0] for column in cursor.description]


def _may_change(connection: BaseDatabaseWrapper, table: str) -> str:
    """Return the SQL condition for a permitted UPDATE.

    A permitted UPDATE either changes nothing or seals a row that has no seals.
    """
    same = "IS NOT DISTINCT FROM" if connection.vendor == "postgresql" else "IS"
    columns = _columns(connection, table)
    unchanged = {name: f'OLD."{name}" {same} NEW."{name}"' for name in columns}
    if SEALS not in columns:
        return " AND ".join(unchanged.values())
    filled = {name: f"({unchanged[name]} OR OLD.{SEALS} IS NULL)" for name in FILLED_WITH_SEALS}
    filled["digest"] = f"({unchanged['digest']} OR OLD.{SEALS} IS NULL AND OLD.digest = '')"
    filled["digest_scheme"] = f"({unchanged['digest_scheme']} OR OLD.{SEALS} IS NULL AND OLD.digest = '')"
    return " AND ".join({**unchanged, **filled}.values())


def _triggers(connection: BaseDatabaseWrapper, table: str, row: str) -> Iterator[Trigger]:
    if connection.vendor == "postgresql":
        call = f"EXECUTE FUNCTION {table}_guard()"
        for name, event in ((f"{table}_guard", "UPDATE OR DELETE"), (f"{table}_no_truncate", "TRUNCATE")):
            each = "STATEMENT" if event == "TRUNCATE" else "ROW"
            yield Trigger(table, name, f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} {call}")
    elif connection.vendor == "sqlite":
        events = {
            "no_update": ("UPDATE", f"WHEN NOT ({_may_change(connection, table)}) ", "changed"),
            "no_delete": ("DELETE", "", "deleted"),
            # In SQLite, REPLACE deletes the old row without firing the DELETE trigger.
            "no_replace": ("INSERT", f"WHEN NEW.id IN (SELECT id FROM {table}) ", "replaced"),  # noqa: S608
        }
        for name, (event, when, verb) in events.items():
            refusal = f"BEGIN SELECT RAISE(ABORT, 'a {row} is never {verb}'); END"
            statement = f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} {when}{refusal}"
            yield Trigger(table, f"{table}_{name}", statement)


# The error code is restrict_violation, so that Django raises IntegrityError, as on SQLite.
_BODY = """
BEGIN
    IF TG_OP = 'UPDATE' THEN IF {passes} THEN RETURN NEW; END IF; END IF;
    RAISE EXCEPTION 'a {row} is never changed or deleted' USING ERRCODE = 'restrict_violation';
END """


def _body(connection: BaseDatabaseWrapper, table: str, row: str) -> str:
    return _BODY.format(passes=_may_change(connection, table), row=row)


def _function(connection: BaseDatabaseWrapper, table: str, row: str) -> str:
    head = f"CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS "
    return f"{head}$${_body(connection, table, row)}$$"


# Values of `pg_trigger.tgtype` for triggers before the update or deletion of a row and before TRUNCATE.
_ROW_UPDATED_OR_DELETED, _TRUNCATED = 1 | 2 | 8 | 16, 2 | 32


def _text(connection: BaseDatabaseWrapper, trigger: Trigger, row: str) -> str:
    """Return the definition of an intact trigger as the database stores it."""
    if connection.vendor == "postgresql":
        fires = _TRUNCATED if trigger.name.endswith("_no_truncate") else _ROW_UPDATED_OR_DELETED
        return f"{trigger.table} {fires} {_body(connection, trigger.table, row)}"
    return trigger.statement


def _of_postgresql(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the table, type and function of each trigger that is enabled unconditionally.

    The keys are the trigger names.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, c.relname || ' ' || t.tgtype || ' ' || p.prosrc FROM pg_trigger t "
            "JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr::text = ''"
        )
        return dict(cursor.fetchall())


def _of_sqlite(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return dict(cursor.fetchall())


_INSTALLED = {"postgresql": _of_postgresql, "sqlite": _of_sqlite}
