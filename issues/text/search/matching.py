"""Rows that contain words and phrases, compared by word stem, in order of relevance and with the matches marked."""

from collections.abc import Collection, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db import connections
from django.db.models import CharField, F, Model, QuerySet
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Left
from django.utils.safestring import SafeString

from issues.models import Variant
from issues.text.search.indexes import CONFIGURATION, INDEXES
from issues.text.search.marks import BEGINS, ENDS, EXCERPT_WORDS, as_html
from issues.text.search.terms import SearchTerms

# This number is added to the length of each text. Otherwise, the shortest texts would always rank first.
LENGTH_OFFSET = 200
# The characters read from a column without a match, which are more than an excerpt shows.
CHARACTERS_WITHOUT_MATCH = 600


def matching(rows: "QuerySet[Any]", terms: SearchTerms) -> "QuerySet[Any]":
    """Return the rows of an indexed model that contain all required terms and no excluded term."""
    if _on_postgresql(rows):
        matches: QuerySet[Any] = rows.alias(_vector=INDEXES[rows.model].vector())
        if terms.required:
            matches = matches.filter(_vector=_query(terms.required))
        for term in terms.excluded:
            matches = matches.exclude(_vector=_query([term]))
        return matches
    for term in terms.required:
        rows = rows.filter(pk__in=containing(rows.model, term))
    for term in terms.excluded:
        rows = rows.exclude(pk__in=containing(rows.model, term))
    return rows


def containing(model: type[Model], term: str, columns: tuple[str, ...] = ()) -> Any:
    """Return a subquery for the primary keys of the rows of an indexed model that contain `term`.

    With `columns`, only these columns are searched.
    """
    index = INDEXES[model]
    rows = model._default_manager.all()
    if _on_postgresql(rows):
        return rows.order_by().alias(_vector=index.vector(columns)).filter(_vector=_query([term])).values("pk")
    expression = _expression([term])
    if columns:
        expression = f"{{{' '.join(columns)}}} : ({expression})"
    query = f"SELECT rowid FROM {index.name} WHERE {index.name} MATCH %s"  # noqa: S608  # the name is fixed
    return RawSQL(query, [expression])  # noqa: S611  # user input enters only through the parameter


def best_first(variants: "QuerySet[Variant]", terms: SearchTerms) -> "QuerySet[Variant]":
    """Return `variants` in order of relevance.

    Relevance is measured by `ts_rank` on PostgreSQL and by the density of matches on SQLite. Unlike BM25, these
    measures do not depend on the frequency of a word in other texts. The order therefore reveals nothing about texts
    that the reader may not read.
    """
    if not terms.required:
        return variants
    return variants.order_by(relevance(variants, terms).desc(), "provision__position", "ordinal", "pk")


def relevance(variants: "QuerySet[Variant]", terms: SearchTerms) -> Any:
    """Return the expression for the relevance of a variant, as `best_first` defines it."""
    if _on_postgresql(variants):
        return SearchRank(INDEXES[Variant].vector(), _query(terms.required))
    # Each match is marked with one extra character. The marked text is therefore longer by the number of matches.
    return RawSQL(  # user input enters only through the parameters
        "(SELECT (length(highlight(issues_variant_words, 0, %s, '')) - length(text)) * 1.0 / (length(text) + %s) "
        "FROM issues_variant_words WHERE issues_variant_words MATCH %s AND rowid = issues_variant.id)",
        [BEGINS, LENGTH_OFFSET, _expression(terms.required)],
    )


def excerpts(variants: "Collection[Variant]", terms: SearchTerms, using: str = "default") -> dict[int, SafeString]:
    """Return an HTML excerpt of each variant, in which the matches are marked with `<mark>`.

    The keys are the primary keys of the variants.
    """
    if not terms.required:
        return {}
    rows = Variant.objects.using(using).filter(pk__in=[variant.pk for variant in variants]).order_by()
    excerpt = _excerpt(rows, "text", terms, every=True)
    return {key: as_html(text or "") for key, text in rows.values_list("pk", excerpt)}


def marked_columns(
    model: type[Model], keys: Collection[int], terms: SearchTerms, whole: tuple[str, ...]
) -> dict[int, dict[str, str]]:
    """Return the columns of rows of an indexed model with the matches marked, by primary key and column, in one query.

    The columns in `whole` are complete. Of the others, there are excerpts around the matches.
    """
    rows = model._default_manager.filter(pk__in=keys).order_by()
    columns = INDEXES[model].columns
    values: list[Any] = [Left(F(column), CHARACTERS_WITHOUT_MATCH) for column in columns]
    if terms.required:
        values += [_excerpt(rows, column, terms, every=False, whole=column in whole) for column in columns]
    marked: dict[int, dict[str, str]] = {}
    for key, *texts in rows.values_list("pk", *values):
        plain, excerpted = texts[: len(columns)], texts[len(columns) :] or [None] * len(columns)
        # An excerpt without a match is not used, because it may begin anywhere in the text.
        chosen = [mark if mark and BEGINS in mark else text for text, mark in zip(plain, excerpted, strict=True)]
        marked[key] = dict(zip(columns, chosen, strict=True))
    return marked


def _excerpt(rows: "QuerySet[Any]", column: str, terms: SearchTerms, *, every: bool, whole: bool = False) -> Combinable:
    """Return the expression for a column with the matches marked: an excerpt, or the `whole` column.

    With `every`, the row is known to contain every term. Otherwise, the terms that it contains are marked.
    """
    index = INDEXES[rows.model]
    if _on_postgresql(rows):
        limits = {"highlight_all": True} if whole else {"max_words": EXCERPT_WORDS, "min_words": EXCERPT_WORDS // 2}
        return SearchHeadline(
            index.expression(column),
            _query(terms.required, any_term=not every),
            config=CONFIGURATION,
            start_sel=BEGINS,
            stop_sel=ENDS,
            **limits,
        )
    position = index.columns.index(column)
    function = "highlight" if whole else "snippet"
    limits_sql, limits_values = ("", []) if whole else (", '…', %s", [EXCERPT_WORDS])
    return RawSQL(  # noqa: S611  # user input enters only through the parameters
        f"(SELECT {function}({index.name}, {position}, %s, %s{limits_sql}) FROM {index.name} "  # noqa: S608
        f"WHERE {index.name} MATCH %s AND rowid = {index.table}.id)",
        [BEGINS, ENDS, *limits_values, _expression(terms.required, any_term=not every)],
        output_field=CharField(),
    )


def _on_postgresql(rows: "QuerySet[Any]") -> bool:
    return connections[rows.db].vendor == "postgresql"


def _query(terms: Collection[str], *, any_term: bool = False) -> Any:
    """Return the query for PostgreSQL.

    Each term is a phrase, because the parser may split a word into several parts.
    """
    phrases = [SearchQuery(term, config=CONFIGURATION, search_type="phrase") for term in terms]
    return reduce(or_ if any_term else and_, phrases)


def _expression(terms: Sequence[str], *, any_term: bool = False) -> str:
    """Return the query for FTS5. Each term is in quotation marks, so that it is not interpreted as an operator."""
    return (" OR " if any_term else " ").join('"' + term.replace('"', " ") + '"' for term in terms)
