"""The full-text indexes of stored text, on both databases.

On PostgreSQL, the search uses the text search configuration `treaty`, which applies English stemming without stop
words, because negotiations often concern words such as “not”, “may” and “other than”. Each index is a GIN index on the
expression that the queries use. On SQLite, each index is an FTS5 table that triggers keep up to date.

An index that lacks a column, because an earlier release created it, is replaced.

The extension `pg_trgm` is created if the role may create extensions. Otherwise, the search finds no similar words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Model
from django.db.models.functions import Left

from issues.models import (
    Document,
    Issue,
    Lens,
    Meeting,
    Proposal,
    ProposalStep,
    Provision,
    ReportedPosition,
    Revision,
    SmallGroup,
    SubIssue,
    Variant,
)
from members.models import in_all_languages

CONFIGURATION = "treaty"
# PostgreSQL cannot index more than a megabyte of words, so that it indexes only the beginning of a whole text.
INDEXED_CHARACTERS = 200_000
POSTGRESQL_CONFIGURATION = """
CREATE TEXT SEARCH DICTIONARY treaty_stem (TEMPLATE = snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION treaty (COPY = english);
ALTER TEXT SEARCH CONFIGURATION treaty ALTER MAPPING REPLACE english_stem WITH treaty_stem;
"""
# Words in the stored definition of an index, among which are the names of its columns.
WORD_OF_SQL = re.compile(r"\w+")
CREATE_TRIGRAMS = "CREATE EXTENSION IF NOT EXISTS pg_trgm"


@dataclass(frozen=True)
class SearchIndex:
    """The full-text index of some columns of a model. `whole_texts` are the columns whose values may be very long.

    With `compares_words`, PostgreSQL also has an index of the trigrams of the first column.
    """

    model: type[Model]
    columns: tuple[str, ...]
    whole_texts: tuple[str, ...] = ()
    compares_words: bool = False

    @property
    def table(self) -> str:
        """The name of the indexed table."""
        return self.model._meta.db_table

    @property
    def name(self) -> str:
        """The name of the index on PostgreSQL and of the FTS5 table on SQLite."""
        return f"{self.table}_words"

    @property
    def trigram_name(self) -> str:
        """The name of the index of trigrams on PostgreSQL."""
        return f"{self.table}_trigrams"

    def expression(self, column: str) -> Any:
        """Return the expression for the searched part of a column on PostgreSQL."""
        return Left(column, INDEXED_CHARACTERS) if column in self.whole_texts else F(column)

    def vector(self, columns: tuple[str, ...] = ()) -> SearchVector:
        """Return the search vector of `columns` (by default all). Only the vector of all columns is indexed."""
        expressions = [self.expression(column) for column in columns or self.columns]
        return SearchVector(*expressions, config=CONFIGURATION)

    def postgresql_indexes(self) -> Iterator[GinIndex]:
        """Yield the indexes on PostgreSQL."""
        yield GinIndex(self.vector(), name=self.name)
        if self.compares_words:
            yield GinIndex(fields=self.columns[:1], opclasses=["gin_trgm_ops"], name=self.trigram_name)

    def sqlite_table(self) -> str:
        """Return the statement that creates the FTS5 table on SQLite."""
        return (
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {self.name} USING fts5("
            f"{', '.join(self.columns)}, content='{self.table}', content_rowid='id', tokenize='porter unicode61')"
        )

    def sqlite_triggers(self) -> dict[str, str]:
        """Return the statements that create the triggers on SQLite, by name."""
        columns = ", ".join(self.columns)
        new, old = (", ".join(f"{row}.{column}" for column in self.columns) for row in ("NEW", "OLD"))
        # Names of tables and columns cannot be parameters. None of them comes from outside.
        insertion = f"INSERT INTO {self.name} (rowid, {columns}) VALUES (NEW.id, {new}); "  # noqa: S608
        named = f"({self.name}, rowid, {columns})"
        deletion = f"INSERT INTO {self.name} {named} VALUES ('delete', OLD.id, {old}); "  # noqa: S608
        events = {
            "insert": ("INSERT", insertion),
            "delete": ("DELETE", deletion),
            "update": (f"UPDATE OF id, {columns}", deletion + insertion),
        }
        return {
            f"{self.name}_{suffix}": f"CREATE TRIGGER IF NOT EXISTS {self.name}_{suffix} AFTER {event} ON {self.table} "
            f"BEGIN {statements}END"
            for suffix, (event, statements) in events.items()
        }

    def sqlite_rebuild(self) -> str:
        """Return the statement that indexes the rows stored before the triggers were installed."""
        return f"INSERT INTO {self.name} ({self.name}) VALUES ('rebuild')"  # noqa: S608  # fixed names


INDEXES: dict[type[Model], SearchIndex] = {
    index.model: index
    for index in (
        SearchIndex(Variant, ("text",), compares_words=True),
        SearchIndex(Revision, ("text",), whole_texts=("text",), compares_words=True),
        SearchIndex(Provision, ("heading",)),
        SearchIndex(Proposal, ("title", "summary", "text"), whole_texts=("text",)),
        SearchIndex(ProposalStep, ("text",), whole_texts=("text",)),
        SearchIndex(Document, ("symbol", "title", "note")),
        SearchIndex(Meeting, ("title", "outcome", "note")),
        SearchIndex(ReportedPosition, ("topic", "statement", "described_as")),
        SearchIndex(Issue, ("code", *in_all_languages("title"), "note", "assessment")),
        SearchIndex(SubIssue, ("code", *in_all_languages("title"), "note")),
        SearchIndex(SmallGroup, (*in_all_languages("name"), "highlights", "state_of_play")),
        SearchIndex(Lens, (*in_all_languages("name"), "definition")),
    )
}


def install_search(using: str = "default", **kwargs: Any) -> None:
    """Install the search indexes in the database `using`. This handler runs after every migration and is idempotent."""
    connection = connections[using]
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
    indexes = [index for index in INDEXES.values() if index.table in existing]
    if connection.vendor == "postgresql" and indexes:
        _install_on_postgresql(connection, indexes)
    elif connection.vendor == "sqlite":
        _install_on_sqlite(connection, indexes)


def _install_on_postgresql(connection: BaseDatabaseWrapper, indexes: list[SearchIndex]) -> None:
    compares_words = _has_trigrams(connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_ts_config WHERE cfgname = %s", [CONFIGURATION])
        if cursor.fetchone() is None:
            cursor.execute("DROP TEXT SEARCH DICTIONARY IF EXISTS treaty_stem")
            cursor.execute(POSTGRESQL_CONFIGURATION)
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = ANY (current_schemas(false))")
        existing = {name: set(WORD_OF_SQL.findall(definition)) for name, definition in cursor.fetchall()}
    with connection.schema_editor(atomic=False) as editor:
        for index in indexes:
            for gin_index in index.postgresql_indexes():
                if gin_index.name == index.name and not existing.get(index.name, set()).issuperset(index.columns):
                    editor.execute(f"DROP INDEX IF EXISTS {index.name}")
                    existing.pop(index.name, None)
                possible = compares_words or gin_index.name != index.trigram_name
                if possible and gin_index.name not in existing:
                    editor.execute(gin_index.create_sql(index.model, editor))


def _has_trigrams(connection: BaseDatabaseWrapper) -> bool:
    """Create the extension `pg_trgm` if possible, and return whether the database has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if cursor.fetchone() is not None:
            return True
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(CREATE_TRIGRAMS)
    except DatabaseError:  # the server lacks the extension, or the role may not create it
        return False
    return True


def _install_on_sqlite(connection: BaseDatabaseWrapper, indexes: list[SearchIndex]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'trigger')")
        existing = {name: set(WORD_OF_SQL.findall(definition or "")) for name, definition in cursor.fetchall()}
        for index in indexes:
            triggers = index.sqlite_triggers()
            has_columns = existing.get(index.name, set()).issuperset(index.columns)
            if has_columns and triggers.keys() <= existing.keys():
                continue
            # An index that an earlier release created may lack columns.
            removal = [] if has_columns else [*(f"DROP TRIGGER IF EXISTS {name}" for name in triggers)]
            removal += [] if has_columns else [f"DROP TABLE IF EXISTS {index.name}"]
            for statement in (*removal, index.sqlite_table(), *triggers.values(), index.sqlite_rebuild()):
                cursor.execute(statement)
