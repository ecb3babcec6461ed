"""Full-text search in variants, with matching by word stem, ranking, and excerpts that show the matches.

On PostgreSQL, the search uses the text search configuration `treaty`, which applies English stemming without stop
words, because negotiations often concern words such as “not”, “may” and “other than”. On SQLite, the search uses an
FTS5 table that triggers keep up to date.
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
# Characters from the Unicode private use area. They delimit a match in text that has not yet been converted to HTML.
BEGINS, ENDS = "\ue000", "\ue001"
MATCH = re.compile(f"{BEGINS}([^{BEGINS}{ENDS}]*){ENDS}")
TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
EXCERPT_WORDS = 30
# The number of terms is limited, because each term adds a nested condition to the query.
MAX_TERMS = 24
# This number is added to the length of each text. Otherwise, the shortest texts would always rank first.
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
# This statement indexes rows stored before the triggers were installed.
SQLITE_REBUILD = "INSERT INTO issues_variant_words (issues_variant_words) VALUES ('rebuild')"
POSTGRESQL_CONFIGURATION = """
DROP TEXT SEARCH CONFIGURATION IF EXISTS treaty;
DROP TEXT SEARCH DICTIONARY IF EXISTS treaty_stem;
CREATE TEXT SEARCH DICTIONARY treaty_stem (TEMPLATE = snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION treaty (COPY = english);
ALTER TEXT SEARCH CONFIGURATION treaty ALTER MAPPING REPLACE english_stem WITH treaty_stem;
"""
# The expression must be identical to the one that Django generates for the vector below. Otherwise, the index is not
# used.
POSTGRESQL_INDEX = (
    "CREATE INDEX issues_variant_words ON issues_variant "
    "USING gin (to_tsvector('treaty'::regconfig, COALESCE(text, '')))"
)
VECTOR = SearchVector("text", config=CONFIGURATION)


class TooManyTerms(ValueError):
    """The search has more terms than are permitted."""


@dataclass(frozen=True)
class SearchTerms:
    """The words and phrases of a search. A text must contain all `required` terms and no `excluded` term."""

    required: tuple[str, ...]
    excluded: tuple[str, ...] = ()


def parse_terms(query: str) -> SearchTerms:
    """Return the terms in `query`.

    A term is a word or a phrase in quotation marks. A minus sign marks an excluded term. Raise ValueError if the query
    contains no word, or TooManyTerms if it contains too many terms.
    """
    required: list[str] = []
    excluded: list[str] = []
    for minus, phrase, word in TERM.findall(query.replace("“", '"').replace("”", '"').replace("\0", " ")):
        term = phrase or word
        if re.search(r"[^\W_]", term):
            (excluded if minus else required).append(term)
    if not required and not excluded:
        raise ValueError("The query contains no words.")
    if len(required) + len(excluded) > MAX_TERMS:
        raise TooManyTerms
    return SearchTerms(tuple(required), tuple(excluded))


def matching(variants: "QuerySet[Variant]", terms: SearchTerms) -> "QuerySet[Variant]":
    """Return the variants that contain all required terms and no excluded term."""
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
    """Return `variants` in order of relevance.

    Relevance is measured by `ts_rank` on PostgreSQL and by the density of matches on SQLite. Unlike BM25, these
    measures do not depend on the frequency of a word in other texts. The order therefore reveals nothing about texts
    that the reader may not read.
    """
    if not terms.required:
        return variants
    rank: Combinable
    if _on_postgresql(variants):
        rank = SearchRank(VECTOR, _query(terms.required))
        return variants.order_by(rank.desc(), "provision__position", "ordinal", "pk")
    # Each match is marked with one extra character. The marked text is therefore longer by the number of matches.
    rank = RawSQL(  # user input enters only through the parameters
        "(SELECT (length(highlight(issues_variant_words, 0, %s, '')) - length(text)) * 1.0 / (length(text) + %s) "
        "FROM issues_variant_words WHERE issues_variant_words MATCH %s AND rowid = issues_variant.id)",
        [BEGINS, LENGTH_OFFSET, _expression(terms.required)],
    )
    return variants.order_by(rank.desc(), "provision__position", "ordinal", "pk")


def excerpts(variants: "Collection[Variant]", terms: SearchTerms, using: str = "default") -> dict[int, SafeString]:
    """Return an HTML excerpt of each variant, in which the matches are marked with `<mark>`.

    The keys are the primary keys of the variants.
    """
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
        excerpt = RawSQL(  # user input enters only through the parameters
            "(SELECT snippet(issues_variant_words, 0, %s, %s, '…', %s) FROM issues_variant_words "
            "WHERE issues_variant_words MATCH %s AND rowid = issues_variant.id)",
            [BEGINS, ENDS, EXCERPT_WORDS, _expression(terms.required)],
        )
    return {key: as_html(text or "") for key, text in rows.values_list("pk", excerpt)}


def as_html(excerpt: str) -> SafeString:
    """Return an excerpt as HTML, in which all text is escaped and the matches are marked with `<mark>`."""
    return mark_safe(MATCH.sub(r"<mark>\1</mark>", escape(excerpt)))  # noqa: S308  # escaped before the marks are set


def install_search(using: str = "default", **kwargs: Any) -> None:
    """Install the search index in the database `using`. This handler runs after every migration and is idempotent."""
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
    """Return the query for PostgreSQL.

    Each term is a phrase, because the parser may split a word into several parts.
    """
    phrases = [SearchQuery(term, config=CONFIGURATION, search_type="phrase") for term in terms]
    return reduce(and_, phrases)


def _expression(terms: Collection[str]) -> str:
    """Return the query for FTS5. Each term is in quotation marks, so that it is not interpreted as an operator."""
    return " ".join('"' + term.replace('"', " ") + '"' for term in terms)


def _rows(term: str) -> RawSQL:
    """Return a subquery for the row IDs of the variants that contain `term`."""
    query = "SELECT rowid FROM issues_variant_words WHERE issues_variant_words MATCH %s"
    return RawSQL(query, [_expression([term])])  # noqa: S611  # user input enters only through the parameter
