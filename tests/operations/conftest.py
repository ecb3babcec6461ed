"""A second, empty database for tests of upgrades and of restoring backups."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import connection

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def another_database(tmp_path_factory: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Use an empty database of the same type instead of the test database."""
    usual = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        if connection.vendor == "sqlite":
            name = str(tmp_path_factory.mktemp("another") / "another.sqlite3")
        else:
            # The name is different each time, because cached values are stored by the name of the database.
            name = f"{usual}_another_{next(NUMBERS)}"
            _on_the_server(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
        connection.settings_dict["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual
            if connection.vendor == "postgresql":
                _on_the_server(f'DROP DATABASE "{name}"')


def _on_the_server(*statements: str) -> None:
    given = connection.settings_dict
    address = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
    with closing(psycopg2.connect(dbname="postgres", **{key: one for key, one in address.items() if one})) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
