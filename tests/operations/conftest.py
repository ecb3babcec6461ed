"""A database besides that of the tests, for what takes place in an empty one: upgrades and restoring."""

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
    """An empty database of the same sort, to which everything of this process goes meanwhile."""
    usual = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        if connection.vendor == "sqlite":
            name = str(tmp_path_factory.mktemp("another") / "another.sqlite3")
        else:
            # By another name each time: what is kept of a database is kept by its name.
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
