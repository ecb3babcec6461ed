"""Words in the text of variants: found by their stem, ranked, and shown where they stand.

PostgreSQL searches with a configuration of its own, `treaty`: English stems, but no word is left out, since “not”,
“may” and “other than” are what people negotiate about. SQLite searches an FTS5 table that triggers keep in step.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVector
from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import Combinable, RawSQL
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from issues.models import Variant

CONFIGURATION = "treaty"
# From the private use area of Unicode: where a found word begins and ends, in text that is not yet HTML.
BEGINS, ENDS = "\ue000", "\ue001"
FOUND = re.compile(f"{BEGINS}([^{BEGINS}{ENDS}]*){ENDS}")
TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
WORDS_SHOWN = 30
# Databases nest a condition for each; nobody means more.
MOST_TERMS = 24
# So many letters are added to each text, or the shortest would always come first.
SHORT = 200

SQLITE_TABLE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS issues_variant_words USING fts5("
    "text, content='issues_variant', content_rowid='id', tokenize='porter unicode61')"
)
SQLITE_TRIGGERS = (
    "CREATE TRIGGER IF NOT EXISTS issues_variant_words_insert AFTER INSERT ON issues_variant BEGIN "
    "INSERT INTO issues_variant_words (rowid, text) VALUES (NEW.id, NEW.text); END",
    "CREATE TRIGGER IF NOT EXISTS issues_variant_words_delete AFTER DELETE ON issues_variant BEGIN "
    "INSERT INTO issues_variant_words (issues_variant_words, rowid, text) VALUES ('delete', OLD.id, OLD.text); END",
    "CREATE TRIGGER IF NOT EXISTS issues_variant_words_update AFTER UPDATE OF id, text ON issues_variant BEGIN "
    "INSERT INTO issues_variant_words (issues_variant_words, rowid, text) VALUES ('delete', OLD.id, OLD.text); "
    "INSERT INTO issues_variant_words (rowid, text) VALUES (NEW.id, NEW.text); END",
)
# What stood there before the triggers did.
SQLITE_REBUILD = "INSERT INTO issues_variant_words (issues_variant_words) VALUES ('rebuild')"
POSTGRESQL_CONFIGURATION = """
DROP TEXT SEARCH CONFIGURATION IF EXISTS treaty;
DROP TEXT SEARCH DICTIONARY IF EXISTS treaty_stem;
CREATE TEXT SEARCH DICTIONARY treaty_stem (TEMPLATE = snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION treaty (COPY = english);
ALTER TEXT SEARCH CONFIGURATION treaty ALTER MAPPING REPLACE english_stem WITH treaty_stem;
"""
# The very expression that Django writes for the vector below: else the index would not be used.
POSTGRESQL_INDEX = (
    "CREATE INDEX issues_variant_words ON issues_variant "
    "USING gin (to_tsvector('treaty'::regconfig, COALESCE(text, '')))"
)
VECTOR = SearchVector("text", config=CONFIGURATION)


class TooManyWords(ValueError):
    """More is searched for at once than anybody means."""


@dataclass(frozen=True)
class Words:
    """What is searched for: words and phrases that must all stand in the text, and those that must not."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...] = ()


def read_words(typed: str) -> Words:
    """Return what `typed` asks for: words, “phrases” in quotation marks, and what is not wanted behind a minus.

    Raises ValueError where there is no word in it.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, phrase, word in TERM.findall(typed.replace("“", '"').replace("”", '"').replace("\0", " ")):
        term = phrase or word
        if re.search(r"[^\W_]", term):
            (unwanted if minus else wanted).append(term)
    if not wanted and not unwanted:
        raise ValueError("There is no word in it.")
    if len(wanted) + len(unwanted) > MOST_TERMS:
        raise TooManyWords
    return Words(tuple(wanted), tuple(unwanted))


def matching(variants: "QuerySet[Variant]", words: Words) -> "QuerySet[Variant]":
    """Return those of `variants` in which all that is wanted stands, and nothing of what is not."""
    if _on_postgresql(variants):
        found = variants.alias(_vector=VECTOR)
        if words.wanted:
            found = found.filter(_vector=_query(words.wanted))
        for term in words.unwanted:
            found = found.exclude(_vector=_query([term]))
        return found
    for term in words.wanted:
        variants = variants.filter(pk__in=_rows(term))
    for term in words.unwanted:
        variants = variants.exclude(pk__in=_rows(term))
    return variants


def best_first(variants: "QuerySet[Variant]", words: Words) -> "QuerySet[Variant]":
    """Return `variants` with those first that are most about the words: `ts_rank` on PostgreSQL, density on SQLite.

    Neither asks how often a word stands elsewhere, as BM25 does: the order would tell of texts that one may not read.
    """
    if not words.wanted:
        return variants
    rank: Combinable
    if _on_postgresql(variants):
        rank = SearchRank(VECTOR, _query(words.wanted))
        return variants.order_by(rank.desc(), "provision__position", "ordinal", "pk")
    # Each place that is found is marked with one more letter, so the marked text is longer by their number.
    rank = RawSQL(  # nothing but parameters comes from outside
        "(SELECT (length(highlight(issues_variant_words, 0, %s, '')) - length(text)) * 1.0 / (length(text) + %s) "
        "FROM issues_variant_words WHERE issues_variant_words MATCH %s AND rowid = issues_variant.id)",
        [BEGINS, SHORT, _expression(words.wanted)],
    )
    return variants.order_by(rank.desc(), "provision__position", "ordinal", "pk")


def excerpts(variants: "Collection[Variant]", words: Words, using: str = "default") -> dict[int, SafeString]:
    """Return for each of `variants`, by its key, the part of its text where the words stand, as HTML with `<mark>`."""
    if not words.wanted:
        return {}
    rows = Variant.objects.using(using).filter(pk__in=[one.pk for one in variants]).order_by()
    said: Any
    if _on_postgresql(rows):
        said = SearchHeadline(
            "text",
            _query(words.wanted),
            config=CONFIGURATION,
            start_sel=BEGINS,
            stop_sel=ENDS,
            max_words=WORDS_SHOWN,
            min_words=WORDS_SHOWN // 2,
        )
    else:
        said = RawSQL(  # nothing but parameters comes from outside
            "(SELECT snippet(issues_variant_words, 0, %s, %s, '…', %s) FROM issues_variant_words "
            "WHERE issues_variant_words MATCH %s AND rowid = issues_variant.id)",
            [BEGINS, ENDS, WORDS_SHOWN, _expression(words.wanted)],
        )
    return {key: as_html(text or "") for key, text in rows.values_list("pk", said)}


def as_html(excerpt: str) -> SafeString:
    """Return an excerpt as HTML: what was found inside `<mark>`, all else escaped."""
    return mark_safe(FOUND.sub(r"<mark>\1</mark>", escape(excerpt)))  # noqa: S308  # escaped before the marks are set


def install_search(using: str = "default", **kwargs: Any) -> None:
    """Install the index of words on the database `using`, after every migrate; again and again does no harm."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if Variant._meta.db_table not in connection.introspection.table_names(cursor):
            return
        if connection.vendor == "postgresql":
            cursor.execute("SELECT to_regclass('issues_variant_words')")
            if cursor.fetchone() == (None,):
                cursor.execute(POSTGRESQL_CONFIGURATION)
                cursor.execute(POSTGRESQL_INDEX)
        elif connection.vendor == "sqlite":
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'issues_variant'")
            in_step = cursor.fetchone()[0] == len(SQLITE_TRIGGERS)
            for statement in (SQLITE_TABLE, *SQLITE_TRIGGERS):
                cursor.execute(statement)
            if not in_step:
                cursor.execute(SQLITE_REBUILD)


def _on_postgresql(variants: "QuerySet[Variant]") -> bool:
    return connections[variants.db].vendor == "postgresql"


def _query(terms: Collection[str]) -> Any:
    """Return what PostgreSQL searches for: every term as a phrase, since one word may be read as several."""
    phrases = [SearchQuery(term, config=CONFIGURATION, search_type="phrase") for term in terms]
    return reduce(and_, phrases)


def _expression(terms: Collection[str]) -> str:
    """Return what FTS5 searches for; in quotation marks nothing is an operator."""
    return " ".join('"' + term.replace('"', " ") + '"' for term in terms)


def _rows(term: str) -> RawSQL:
    """Return the rows in which `term` stands, in SQLite's index."""
    found = "SELECT rowid FROM issues_variant_words WHERE issues_variant_words MATCH %s"
    return RawSQL(found, [_expression([term])])  # noqa: S611  # nothing but a parameter comes from outside
