"""The base classes of the kinds that a search finds."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, ClassVar

from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When

from issues.models.page_links import PageLink
from issues.reports.search.values import Found, Hit, Match, ResultKind, SearchInput
from issues.text.search import (
    INDEXES,
    MarkedText,
    SimilarTo,
    containing,
    excerpt_of,
    is_similar,
    marked_columns,
    marked_where,
)
from issues.text.search.similarity import MIN_LENGTH
from members.models import field_language


@dataclass(frozen=True)
class Source:
    """An indexed model in which a kind is searched, with the path from the row to it ("" for the row itself).

    The `titles` are the columns that serve as title. The `codes` identify the row and are shown as its place.
    """

    model: type[Model]
    path: str = ""
    titles: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def bodies(self) -> tuple[str, ...]:
        """The columns from which excerpts are taken."""
        return tuple(column for column in INDEXES[self.model].columns if column not in self.titles + self.codes)

    def lookup(self, column: str) -> str:
        """Return the lookup of a column from the row."""
        return f"{self.path}__{column}" if self.path else column

    def containing(self, term: str, columns: tuple[str, ...] = ()) -> Q:
        """Return the condition that this part of the row contains `term`."""
        return Q(**{f"{self.path or 'pk'}__in": containing(self.model, term, columns)})

    def similar(self, term: str, columns: tuple[str, ...] = ()) -> Q:
        """Return the condition that this part of the row, or `columns` of it, contains a word similar to `term`."""
        searched = columns or INDEXES[self.model].columns
        return any_of(Q(SimilarTo(term, self.lookup(column))) for column in searched)

    def key_of(self, row: Any) -> int:
        """Return the primary key of this part of the row."""
        return int(getattr(row, f"{self.path}_id")) if self.path else int(row.pk)


@dataclass(frozen=True)
class Details:
    """What a kind shows about a row besides its excerpt. An empty `title` is replaced by the marked title column."""

    key: str
    place: str
    link: PageLink
    title: str = ""
    demonstration: bool = False


class Kind(ABC):
    """A kind of result."""

    name: ClassVar[ResultKind]

    @abstractmethod
    def find(self, search: SearchInput, limit: int) -> list[Found]:
        """Return at most `limit` matches in order of relevance, in at most one query for words."""

    @abstractmethod
    def hits(self, search: SearchInput, matches: Sequence[Found]) -> list[Hit]:
        """Return the hits for some of the matches, in the same order."""


class RowKind(Kind):
    """A kind of result that is a row of the database."""

    sources: ClassVar[tuple[Source, ...]]
    order: ClassVar[tuple[Any, ...]] = ("pk",)
    related: ClassVar[tuple[str, ...]] = ()
    prefetched: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def rows(self, search: SearchInput) -> "QuerySet[Any]":
        """Return the rows that the reader may read, as of the day of the search."""

    def listed(self, search: SearchInput) -> "QuerySet[Any]":
        """Return the rows that a result may be: `rows`, and others that only their names find."""
        return self.rows(search)

    @abstractmethod
    def details(self, row: Any) -> Details:
        """Return the values that a result shows for the row."""

    def exact(self, search: SearchInput) -> Q | None:
        """Return the condition that the query is the code, symbol or name of the row, or None if it has none."""
        return None

    def containing(self, search: SearchInput, term: str) -> Q:
        """Return the condition that a row contains `term`."""
        return any_of(source.containing(term) for source in self.sources)

    def similar(self, search: SearchInput, term: str) -> Q:
        """Return the condition that a row contains `term` or a word with a similar spelling."""
        if len(term) < MIN_LENGTH:
            return self.containing(search, term)
        return any_of(source.similar(term) for source in self.sources)

    def in_title(self, search: SearchInput) -> Q | None:
        """Return the condition that the title contains all terms, or None if the kind has no title."""
        titled = [source for source in self.sources if source.titles]
        if not titled:
            return None
        if search.similar:
            return all_of(any_of(source.similar(term, source.titles) for source in titled) for term in search.required)
        return all_of(
            any_of(source.containing(term, source.titles + source.codes) for source in titled)
            for term in search.required
        )

    def ordered(self, search: SearchInput, rows: "QuerySet[Any]", limit: int) -> "QuerySet[Any]":
        """Return the rows in order of relevance, of which the first `limit` are read. `level` is how a row matches."""
        return rows.order_by("level", *self.order)

    def shown_titles(self, source: Source, row: Any) -> tuple[str, ...]:
        """Return the columns that are shown as the title of a row."""
        return source.titles

    def language(self, row: Any) -> str:
        """Return the language of the title of a row."""
        return "en"

    def find(self, search: SearchInput, limit: int) -> list[Found]:
        """Return at most `limit` matches in order of relevance, in one query."""
        matches = self.similar if search.similar else self.containing
        exact = self.exact(search)
        condition = all_of(matches(search, term) for term in search.required)
        condition = condition | exact if exact is not None else condition
        rows = self.rows(search).filter(condition)
        for term in search.terms.excluded:
            rows = rows.exclude(self.containing(search, term))
        title = self.in_title(search)
        levels = [(exact, Match.EXACT), (title, Match.TITLE)]
        cases = [When(level_condition, then=Value(level)) for level_condition, level in levels if level_condition]
        level = Case(*cases, default=Value(Match.TEXT), output_field=IntegerField()) if cases else Value(Match.TEXT)
        rows = self.ordered(search, rows.annotate(level=level), limit)
        return [Found(self.name, key, Match(match)) for key, match in rows.values_list("pk", "level")[:limit]]

    def hits(self, search: SearchInput, matches: Sequence[Found]) -> list[Hit]:
        """Return the hits for some of the matches, in the same order."""
        rows = self.listed(search).select_related(*self.related).prefetch_related(*self.prefetched)
        by_key = {row.pk: row for row in rows.filter(pk__in=[match.key for match in matches])}
        columns = [self.columns(source, search, list(by_key.values())) for source in self.sources]
        return [self._hit(match, by_key[match.key], columns) for match in matches if match.key in by_key]

    def columns(self, source: Source, search: SearchInput, rows: list[Any]) -> dict[int, dict[str, str]]:
        """Return the columns of a source with the matches marked, by primary key, in at most one query."""
        if not search.similar:
            return marked_columns(source.model, [source.key_of(row) for row in rows], search.terms, source.titles)
        marked: dict[int, dict[str, str]] = {}
        for row in rows:
            part = getattr(row, source.path) if source.path else row
            texts = {column: mark_similar(getattr(part, column), search) for column in INDEXES[source.model].columns}
            marked[source.key_of(row)] = {
                column: (text if column in source.titles else excerpt_of(text)).marked for column, text in texts.items()
            }
        return marked

    def _hit(self, match: Found, row: Any, columns: list[dict[int, dict[str, str]]]) -> Hit:
        titles: list[str] = []
        excerpts: list[tuple[MarkedText, str]] = []
        other_titles: list[tuple[MarkedText, str]] = []
        for source, texts in zip(self.sources, columns, strict=True):
            of_row = {column: text for column, text in texts.get(source.key_of(row), {}).items() if text}
            shown = self.shown_titles(source, row)
            titles += [of_row[column] for column in shown if column in of_row]
            excerpts += [(MarkedText(of_row[column]), "en") for column in source.bodies if column in of_row]
            hidden = [column for column in source.titles if column in of_row and column not in shown]
            other_titles += [(MarkedText(of_row[column]), field_language(column)) for column in hidden]
        # A title in another language is an excerpt only if it matches.
        default = excerpts[0] if excerpts else (MarkedText(""), "en")
        excerpt, excerpt_language = next(
            ((text, language) for text, language in (*excerpts, *other_titles) if text.has_match), default
        )
        details = self.details(row)
        return Hit(
            kind=self.name,
            key=details.key,
            match=match.match,
            title=MarkedText(details.title or " · ".join(titles)),
            place=details.place,
            excerpt=excerpt if excerpt.has_match else excerpt_of(excerpt),
            link=details.link,
            language=self.language(row),
            excerpt_language=excerpt_language,
            demonstration=details.demonstration,
        )


def any_of(conditions: Any) -> Q:
    """Return the disjunction of one or more conditions."""
    union: Q = reduce(or_, conditions)
    return union


def all_of(conditions: Any) -> Q:
    """Return the conjunction of conditions, which is true without conditions."""
    return reduce(and_, conditions, Q())


def mark_similar(text: str, search: SearchInput) -> MarkedText:
    """Return `text` with the words marked that are similar to a term of the search."""
    return marked_where(text, lambda word: any(is_similar(term, word) for term in search.required))
