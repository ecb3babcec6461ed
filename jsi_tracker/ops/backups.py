"""The whole database in one file, and back. SQLite copies itself; for PostgreSQL its own programs do it.

A backup is of one moment, taken beside a running site, and there is either a whole file or none.
"""

import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from issues.models import Negotiation, Revision
from members.models import Member

MAGIC = {b"SQLite format 3\x00": "sqlite", b"PGDMP": "postgresql"}
CALLED = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class NotDone(Exception):
    """Why there is no backup, or nothing was restored, with the way out."""


def back_up(path: Path) -> None:
    """Write the database into `path`, readable by its owner alone; raises NotDone, also where the file exists."""
    if path.exists():
        raise NotDone(f"{path} exists: a backup overwrites nothing. Give another name, such as one with the date.")
    if not path.parent.is_dir():
        raise NotDone(f"There is no folder {path.parent}: make it first.")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        {"sqlite": _copy_sqlite, "postgresql": _dump_postgresql}[connection.vendor](draft)
        draft.chmod(0o600)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        # Unlike a renamed file, a linked one never takes the place of what somebody else wrote meanwhile.
        os.link(draft, path)
    except FileExistsError:
        raise NotDone(f"{path} has come up meanwhile: somebody else is making a backup of that name.") from None
    except (OSError, sqlite3.Error) as error:
        raise NotDone(f"No backup: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def restore(path: Path, *, replace: bool) -> None:
    """Put what `path` holds in place of everything in the database, all or nothing.

    Raises NotDone where the file is no backup of this sort of database, and, without `replace`, where the database
    holds anything.
    """
    vendor = _vendor_of(path)
    if vendor != connection.vendor:
        raise NotDone(
            f"{path} is of {CALLED[vendor]}, the database of DATABASE_URL is {CALLED[connection.vendor]}: restore it "
            "there. To move from one to the other, see docs/how-to/production.md."
        )
    if not replace and (held := _held()):
        raise NotDone(
            f"The database holds {held}. To lose all of it for what the backup holds, say --yes-replace-everything."
        )
    {"sqlite": _restore_sqlite, "postgresql": _restore_postgresql}[vendor](path)


def _vendor_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise NotDone(f"{path} cannot be read: {error.strerror}.") from None
    for magic, vendor in MAGIC.items():
        if start.startswith(magic):
            return vendor
    raise NotDone(f"{path} is no backup: it is neither a database of SQLite nor a dump of PostgreSQL.")


def _held() -> str:
    """Return in words what the database holds, "" for nothing, be it migrated or not."""
    there = set(connection.introspection.table_names())
    models: Iterable[Any] = (Negotiation, Member, Revision, get_user_model())
    counts = [(model, model.objects.count()) for model in models if model._meta.db_table in there]
    return ", ".join(f"{count} {model._meta.verbose_name_plural}" for model, count in counts if count)


def _copy_sqlite(draft: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(draft)])
    _require_sound(draft)


def _restore_sqlite(path: Path) -> None:
    _require_sound(path)
    connection.ensure_connection()
    with closing(sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)) as source:
        # One transaction over all pages: a site that runs meanwhile reads the old database, then the new one.
        source.backup(connection.connection)
    connection.close()


def _require_sound(path: Path) -> None:
    with closing(sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)) as copy:
        try:
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        raise NotDone(f"{path} is damaged: {found}.")


def _dump_postgresql(draft: Path) -> None:
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={draft}"]
    _run(["pg_dump", *options, *_address(connection)])


def _restore_postgresql(path: Path) -> None:
    """Have `psql` run, in one transaction, the emptying of the schema and then what `pg_restore` writes out."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write("DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n")
        file.flush()
        _run(["pg_restore", "--no-owner", "--no-privileges", "--schema=public", "--file=-", str(path)], stdout=file)
        connection.close()
        # From a file, and not through a pipe: what comes to an end too early must not be committed.
        whole = ["--single-transaction", "--set=ON_ERROR_STOP=1", "--no-psqlrc", "--quiet", f"--file={file.name}"]
        _run(["psql", *whole, *_address(connection)], stdout=subprocess.DEVNULL)


def _address(of: BaseDatabaseWrapper) -> list[str]:
    """Return the options of PostgreSQL's programs for a database; the password goes by the environment."""
    given = {"host": "HOST", "port": "PORT", "username": "USER", "dbname": "NAME"}
    return [f"--{option}={of.settings_dict[key]}" for option, key in given.items() if of.settings_dict[key]]


def _run(command: list[str], stdout: Any = None) -> None:
    password = connection.settings_dict["PASSWORD"]
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    try:
        done = subprocess.run(  # noqa: S603 - its own programs, no shell
            command, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
        )
    except FileNotFoundError:
        _refuse_without(command[0])
    if done.returncode:
        raise NotDone(f"{command[0]} says: {done.stderr.strip()}")


def _refuse_without(program: str) -> NoReturn:
    raise NotDone(
        f"{program} is not on this machine: it comes with PostgreSQL's client (Debian: postgresql-client), of the "
        "server's version or newer."
    )
