"""Back up the whole database to one file, and restore it.

SQLite databases are copied by SQLite itself. PostgreSQL databases are copied by pg_dump, pg_restore and psql. A backup
is a consistent snapshot and can be made while the site is running. The file appears under its name only when the backup
is complete.
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
from issues.text.search.indexes import CREATE_TRIGRAMS
from members.models import Member

MAGIC = {b"SQLite format 3\x00": "sqlite", b"PGDMP": "postgresql"}
VENDOR_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
# The extension that finds similar words, as a dump lists it.
TRIGRAMS = "EXTENSION - pg_trgm"


class BackupError(Exception):
    """Raised when a backup or restore fails or is refused. The message gives the reason."""


def back_up(path: Path) -> None:
    """Write the database to a new file `path`, readable only by its owner. Raises BackupError if the backup fails."""
    if path.exists():
        raise BackupError(
            f"{path} already exists, and a backup does not overwrite files. Choose another name, perhaps with a date."
        )
    if not path.parent.is_dir():
        raise BackupError(f"The directory {path.parent} does not exist. Create it first.")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        {"sqlite": _copy_sqlite, "postgresql": _dump_postgresql}[connection.vendor](draft)
        draft.chmod(0o600)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        # Unlike a rename, a link cannot replace a file that another process has created in the meantime.
        os.link(draft, path)
    except FileExistsError:
        raise BackupError(
            f"{path} was created in the meantime by another backup. Choose another name, or wait for that backup."
        ) from None
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"The backup failed: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def restore(path: Path, *, replace: bool) -> None:
    """Replace the content of the database with the backup in `path`, in one transaction.

    Raises BackupError if the file is not a backup of this type of database, if the database is not empty and `replace`
    is not set, or if the restore fails.
    """
    vendor = _vendor_of(path)
    if vendor != connection.vendor:
        raise BackupError(
            f"{path} is a backup of {VENDOR_NAMES[vendor]}, but DATABASE_URL names a {VENDOR_NAMES[connection.vendor]} "
            "database. To move from one to the other, see docs/how-to/production.md."
        )
    if not replace and (content := _database_content()):
        raise BackupError(
            f"The database contains {content}. To replace all of it with the backup, add --yes-replace-everything."
        )
    {"sqlite": _restore_sqlite, "postgresql": _restore_postgresql}[vendor](path)


def _vendor_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from None
    for magic, vendor in MAGIC.items():
        if start.startswith(magic):
            return vendor
    raise BackupError(f"{path} is not a backup: it is neither an SQLite database nor a PostgreSQL dump.")


def _database_content() -> str:
    """Return a description of the database's content, or "" if it is empty. Tables may be missing."""
    tables = set(connection.introspection.table_names())
    models: Iterable[Any] = (Negotiation, Member, Revision, get_user_model())
    counts = [(model, model.objects.count()) for model in models if model._meta.db_table in tables]
    return ", ".join(f"{count} {model._meta.verbose_name_plural}" for model, count in counts if count)


def _copy_sqlite(draft: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(draft)])
    _require_intact(draft)


def _restore_sqlite(path: Path) -> None:
    _require_intact(path)
    connection.ensure_connection()
    with closing(sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)) as source:
        # One transaction covers all pages. A running site reads the old database until the new database is complete.
        source.backup(connection.connection)
    connection.close()


def _require_intact(path: Path) -> None:
    with closing(sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)) as copy:
        try:
            result = copy.execute("PRAGMA quick_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            result = str(error)
    if result != "ok":
        raise BackupError(f"{path} is damaged: {result}.")


def _dump_postgresql(draft: Path) -> None:
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={draft}"]
    _run(["pg_dump", *options, *_connection_options(connection)])


def _restore_postgresql(path: Path) -> None:
    """Empty the schema and load the dump in one psql transaction."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write("DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n")
        if TRIGRAMS in _contents(path):  # pg_restore leaves out extensions if it restores a single schema
            file.write(f"{CREATE_TRIGRAMS};\n")
        file.flush()
        _run(["pg_restore", "--no-owner", "--no-privileges", "--schema=public", "--file=-", str(path)], stdout=file)
        connection.close()
        # psql reads from a file, because it would commit a dump that ended prematurely in a pipe.
        options = ["--single-transaction", "--set=ON_ERROR_STOP=1", "--no-psqlrc", "--quiet", f"--file={file.name}"]
        _run(["psql", *options, *_connection_options(connection)], stdout=subprocess.DEVNULL)


def _contents(path: Path) -> str:
    """Return the table of contents of a dump."""
    with tempfile.NamedTemporaryFile("r") as file:
        _run(["pg_restore", "--list", f"--file={file.name}", str(path)])
        return file.read()


def _connection_options(database: BaseDatabaseWrapper) -> list[str]:
    """Return the connection options for PostgreSQL programs. The password is passed in the environment."""
    options = {"host": "HOST", "port": "PORT", "username": "USER", "dbname": "NAME"}
    return [
        f"--{option}={database.settings_dict[key]}" for option, key in options.items() if database.settings_dict[key]
    ]


def _run(command: list[str], stdout: Any = None) -> None:
    password = connection.settings_dict["PASSWORD"]
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    try:
        process = subprocess.run(  # noqa: S603 - fixed programs, no shell
            command, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
        )
    except FileNotFoundError:
        _raise_missing(command[0])
    if process.returncode:
        raise BackupError(f"{command[0]} failed: {process.stderr.strip()}")


def _raise_missing(program: str) -> NoReturn:
    raise BackupError(
        f"{program} is not installed: it is part of the PostgreSQL client (Debian: postgresql-client). Install the "
        "version of the server or a newer one."
    )
