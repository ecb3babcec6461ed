"""Full-text search in variants: words are matched by stem, results are ranked, and excerpts show the matches.

PostgreSQL uses a text search configuration of its own, `treaty`: English stemming without stop words, because
negotiations are often about “not”, “may” and “other than”. SQLite uses an FTS5 table that triggers keep up to date.
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
# Characters from the Unicode private use area that delimit a match in text that is not yet HTML.
BEGINS, ENDS = "\ue000", "\ue001"
MATCH = re.compile(f"{BEGINS}([^{BEGINS}{ENDS}]*){ENDS}")
TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
EXCERPT_WORDS = 30
# Databases nest one condition for each term.
MAX_TERMS = 24
# Characters added to the length of each text, because otherwise the shortest texts always rank first.
LENGTH_OFFSET = 200

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
# This indexes rows that were stored before the triggers were installed.
SQLITE_REBUILD = "INSERT INTO issues_variant_words (issues_variant_words) VALUES ('rebuild')"
POSTGRESQL_CONFIGURATION = """
DROP TEXT SEARCH CONFIGURATION IF EXISTS treaty;
DROP TEXT SEARCH DICTIONARY IF EXISTS treaty_stem;
CREATE TEXT SEARCH DICTIONARY treaty_stem (TEMPLATE = snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION treaty (COPY = english);
ALTER TEXT SEARCH CONFIGURATION treaty ALTER MAPPING REPLACE english_stem WITH treaty_stem;
"""
# This must be exactly the expression that Django generates for the vector below; otherwise the index is not used.
POSTGRESQL_INDEX = (
    "CREATE INDEX issues_variant_words ON issues_variant "
    "USING gin (to_tsvector('treaty'::regconfig, COALESCE(text, '')))"
)
VECTOR = SearchVector("text", config=CONFIGURATION)


class TooManyTerms(ValueError):
    """The search has more terms than are allowed."""


@dataclass(frozen=True)
class SearchTerms:
    """The terms of a search, which are words or phrases: those that a text must contain and those that it must not."""

    required: tuple[str, ...]
    excluded: tuple[str, ...] = ()


def parse_terms(query: str) -> SearchTerms:
    """Return the terms in `query`: words, phrases in quotation marks, and, after a minus sign, excluded terms.

    Raises ValueError if there is no word, or TooManyTerms.
    """
    required: list[str] = []
    excluded: list[str] = []
    for minus, phrase, word in TERM.findall(query.replace("“", '"').replace("”", '"').replace("\0", " ")):
        term = phrase or word
        if re.search(r"[^\W_]", term):
            (excluded if minus else required).append(term)
    if not required and not excluded:
        raise ValueError("There is no word to search for.")
    if len(required) + len(excluded) > MAX_TERMS:
        raise TooManyTerms
    return SearchTerms(tuple(required), tuple(excluded))


def matching(variants: "QuerySet[Variant]", terms: SearchTerms) -> "QuerySet[Variant]":
    """Return those of `variants` that contain all required terms and no excluded one."""
    if _on_postgresql(variants):
        matches = variants.alias(_vector=VECTOR)
        if terms.required:
            matches = matches.filter(_vector=_query(terms.required))
        for term in terms.excluded:
            matches = matches.exclude(_vector=_query([term]))
        return matches
    for term in terms.required:
        variants = variants.filter(pk__in=_rows(term))
    for term in terms.excluded:
        variants = variants.exclude(pk__in=_rows(term))
    return variants


def best_first(variants: "QuerySet[Variant]", terms: SearchTerms) -> "QuerySet[Variant]":
    """Return `variants` in order of relevance: `ts_rank` on PostgreSQL, match density on SQLite.

    Unlike BM25, neither measure uses the frequency of a word in other texts, because the order would then reveal
    something about texts that the reader may not read.
    """
    if not terms.required:
        return variants
    rank: Combinable
    if _on_postgresql(variants):
        rank = SearchRank(VECTOR, _query(terms.required))
        return variants.order_by(rank.desc(), "provision__position", "ordinal", "pk")
    # Each match is marked with one extra character, so that the marked text is longer by the number of matches.
    rank = RawSQL(  # only parameters come from outside
        "(SELECT (length(highlight(issues_variant_words, 0, %s, '')) - length(text)) * 1.0 / (length(text) + %s) "
        "FROM issues_variant_words WHERE issues_variant_words MATCH %s AND rowid = issues_variant.id)",
        [BEGINS, LENGTH_OFFSET, _expression(terms.required)],
    )
    return variants.order_by(rank.desc(), "provision__position", "ordinal", "pk")


def excerpts(variants: "Collection[Variant]", terms: SearchTerms, using: str = "default") -> dict[int, SafeString]:
    """Return for each of `variants`, by primary key, an excerpt with the matches in `<mark>`, as HTML."""
    if not terms.required:
        return {}
    rows = Variant.objects.using(using).filter(pk__in=[variant.pk for variant in variants]).order_by()
    excerpt: Any
    if _on_postgresql(rows):
        excerpt = SearchHeadline(
            "text",
            _query(terms.required),
            config=CONFIGURATION,
            start_sel=BEGINS,
            stop_sel=ENDS,
            max_words=EXCERPT_WORDS,
            min_words=EXCERPT_WORDS // 2,
        )
    else:
        excerpt = RawSQL(  # only parameters come from outside
            "(SELECT snippet(issues_variant_words, 0, %s, %s, '…', %s) FROM issues_variant_words "
            "WHERE issues_variant_words MATCH %s AND rowid = issues_variant.id)",
            [BEGINS, ENDS, EXCERPT_WORDS, _expression(terms.required)],
        )
    return {key: as_html(text or "") for key, text in rows.values_list("pk", excerpt)}


def as_html(excerpt: str) -> SafeString:
    """Return an excerpt as HTML: matches in `<mark>`, everything else escaped."""
    return mark_safe(MATCH.sub(r"<mark>\1</mark>", escape(excerpt)))  # noqa: S308  # escaped before the marks are set


def install_search(using: str = "default", **kwargs: Any) -> None:
    """Install the search index on the database `using`. Runs after every migrate; repeating it is harmless."""
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
            up_to_date = cursor.fetchone()[0] == len(SQLITE_TRIGGERS)
            for statement in (SQLITE_TABLE, *SQLITE_TRIGGERS):
                cursor.execute(statement)
            if not up_to_date:
                cursor.execute(SQLITE_REBUILD)


def _on_postgresql(variants: "QuerySet[Variant]") -> bool:
    return connections[variants.db].vendor == "postgresql"


def _query(terms: Collection[str]) -> Any:
    """Return the query for PostgreSQL. Every term is a phrase, because the parser may split a word into several."""
    phrases = [SearchQuery(term, config=CONFIGURATION, search_type="phrase") for term in terms]
    return reduce(and_, phrases)


def _expression(terms: Collection[str]) -> str:
    """Return the query for FTS5, with every term in quotation marks, inside which nothing is an operator."""
    return " ".join('"' + term.replace('"', " ") + '"' for term in terms)


def _rows(term: str) -> RawSQL:
    """Return the row ids of the variants that contain `term`, from the FTS5 table."""
    query = "SELECT rowid FROM issues_variant_words WHERE issues_variant_words MATCH %s"
    return RawSQL(query, [_expression([term])])  # noqa: S611  # only the parameter comes from outside
