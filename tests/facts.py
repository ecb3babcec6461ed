"""The facts of the negotiation, which are loaded once by the command and then copied from backup tables.

Loading the facts takes seconds, but copying them takes a tenth of a second. About seventy tests and modules use them.
"""

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from tests.guards import guards_lifted

KEPT = "kept_{table}"


def _models() -> list[type[Model]]:
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.app_label in ("issues", "members") and model._meta.managed]


def _columns(model: type[Model]) -> str:
    return ", ".join(connection.ops.quote_name(field.column) for field in model._meta.local_concrete_fields)


def keep() -> None:
    """Load the facts into an empty database, back up every table, and empty the tables again."""
    call_command("load_fixtures", verbosity=0)
    with connection.cursor() as cursor:
        for model in _models():
            table = model._meta.db_table
            cursor.execute(f"DROP TABLE IF EXISTS {KEPT.format(table=table)}")
            cursor.execute(f"CREATE TABLE {KEPT.format(table=table)} AS SELECT {_columns(model)} FROM {table}")
    with guards_lifted():  # on SQLite, tables are emptied with DELETE
        call_command("flush", interactive=False, verbosity=0)


def put_back() -> None:
    """Fill the empty tables with the facts from the backup tables."""
    models = _models()
    with transaction.atomic(), connection.cursor() as cursor:
        for model in models:
            table, columns = model._meta.db_table, _columns(model)
            cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {KEPT.format(table=table)}")
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            # Otherwise, the statistics are those of the empty tables, with which some queries take a minute.
            cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in models)}")
