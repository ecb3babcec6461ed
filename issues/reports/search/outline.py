"""The search in the table of issues, the small groups, the lenses and the definitions."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from issues.models import Issue, Lens, SmallGroup, SubIssue
from issues.models.page_links import PageLink
from issues.reports.definitions import DEFINITIONS, Definition
from issues.reports.search.base import Details, Kind, RowKind, Source, any_of
from issues.reports.search.values import Found, Hit, Match, ResultKind, SearchInput
from issues.text.search import excerpt_of, fold_words, is_similar, marked_where
from issues.text.search.marks import WORD
from members.models import in_all_languages, local_field, local_language, local_name


class TranslatedKind(RowKind):
    """A kind whose title, stored in `field` and its translations, is shown in the reader's language."""

    field: ClassVar[str] = "name"

    def titled(self, search: SearchInput) -> Q:
        """Return the condition that the query is the title in any language."""
        return any_of(Q(**{f"{field}__iexact": search.text}) for field in in_all_languages(self.field))

    def shown_titles(self, source: Source, row: Any) -> tuple[str, ...]:
        """Return the column with the title in the reader's language."""
        return (local_field(row, self.field),)

    def language(self, row: Any) -> str:
        """Return the reader's language, or English for a title without a translation."""
        return local_language(row, self.field)


class IssueKind(TranslatedKind):
    """Issues, by code, title, note and assessment."""

    name, field = ResultKind.ISSUE, "title"
    sources = (Source(Issue, titles=in_all_languages("title"), codes=("code",)),)
    order = ("position",)
    related = ("section",)

    def rows(self, search: SearchInput) -> "QuerySet[Issue]":
        """Return the issues of the negotiation."""
        return Issue.objects.filter(negotiation=search.negotiation)

    def exact(self, search: SearchInput) -> Q:
        """Return the condition that the query is the code or the title."""
        return Q(code__iexact=search.text) | self.titled(search)

    def details(self, row: Issue) -> Details:
        """Return the code, the section and the page."""
        return Details(row.code, f"{row.code} · {row.section.local_title}", PageLink("issue", (row.code,)))


class SubIssueKind(TranslatedKind):
    """Sub-issues, by code, title and note."""

    name, field = ResultKind.SUB_ISSUE, "title"
    sources = (Source(SubIssue, titles=in_all_languages("title"), codes=("code",)),)
    order = ("position",)
    related = ("section", "issue__section")

    def rows(self, search: SearchInput) -> "QuerySet[SubIssue]":
        """Return the sub-issues of the negotiation."""
        return SubIssue.objects.filter(negotiation=search.negotiation)

    def exact(self, search: SearchInput) -> Q:
        """Return the condition that the query is the code or the title."""
        return Q(code__iexact=search.text) | self.titled(search)

    def details(self, row: SubIssue) -> Details:
        """Return the code, the issue or section, and the page."""
        parent = row.issue or row.parent_section
        return Details(row.code, f"{row.code} · {parent.local_title}", PageLink("sub-issue", (row.code,)))


class SmallGroupKind(TranslatedKind):
    """Small groups, by name, highlights and state of play."""

    name = ResultKind.SMALL_GROUP
    sources = (Source(SmallGroup, titles=in_all_languages("name")),)
    order = ("position",)

    def rows(self, search: SearchInput) -> "QuerySet[SmallGroup]":
        """Return the small groups of the negotiation."""
        return SmallGroup.objects.filter(negotiation=search.negotiation)

    def exact(self, search: SearchInput) -> Q:
        """Return the condition that the query is the name or the slug."""
        return self.titled(search) | Q(slug__iexact=search.text)

    def details(self, row: SmallGroup) -> Details:
        """Return the slug and the page."""
        return Details(row.slug, "", PageLink("small-group", (row.slug,)))


class LensKind(TranslatedKind):
    """Lenses, by name and definition."""

    name = ResultKind.LENS
    sources = (Source(Lens, titles=in_all_languages("name")),)

    def rows(self, search: SearchInput) -> "QuerySet[Lens]":
        """Return all lenses."""
        return Lens.objects.all()

    def ordered(self, search: SearchInput, rows: "QuerySet[Any]", limit: int) -> "QuerySet[Any]":
        """Return the lenses in order of relevance and then of name."""
        return rows.order_by("level", local_name())

    def exact(self, search: SearchInput) -> Q:
        """Return the condition that the query is the name or the slug."""
        return self.titled(search) | Q(slug__iexact=search.text)

    def details(self, row: Lens) -> Details:
        """Return the slug and the page."""
        return Details(row.slug, "", PageLink("lens", (row.slug,)))


class DefinitionKind(Kind):
    """Definitions of figures and statuses, in the reader's language. Their key is their place in the list."""

    name = ResultKind.DEFINITION

    def find(self, search: SearchInput, limit: int) -> list[Found]:
        """Return the definitions that contain all terms. They require no query."""
        matches = [
            Found(self.name, index, match)
            for index, definition in enumerate(DEFINITIONS)
            if (match := self._match(search, definition)) is not None
        ]
        return sorted(matches, key=lambda row: row.match)[:limit]

    def hits(self, search: SearchInput, matches: Sequence[Found]) -> list[Hit]:
        """Return the hits for some of the matches, in the same order."""
        return [self._hit(search, match, DEFINITIONS[match.key]) for match in matches]

    def _match(self, search: SearchInput, definition: Definition) -> Match | None:
        term, text = str(definition.term), str(definition.text)
        if any(contains(text, excluded) or contains(term, excluded) for excluded in search.terms.excluded):
            return None
        if fold_words(term) == fold_words(search.text):
            return Match.EXACT
        is_in = contains_similar if search.similar else contains
        if all(is_in(term, required) for required in search.required):
            return Match.TITLE
        return Match.TEXT if all(is_in(f"{term} {text}", required) for required in search.required) else None

    def _hit(self, search: SearchInput, match: Found, definition: Definition) -> Hit:
        title, text = (mark_terms(str(part), search) for part in (definition.term, definition.text))
        link = PageLink("definitions", fragment=definition.slug)
        language = get_language() or "en"
        return Hit(self.name, definition.slug, match.match, title, "", excerpt_of(text), link, language, language)


def contains(text: str, term: str) -> bool:
    """Return whether `text` contains a word that begins with `term`, or the phrase, ignoring case and accents."""
    return f" {fold_words(term)}" in f" {' '.join(WORD.findall(fold_words(text)))}"


def contains_similar(text: str, term: str) -> bool:
    """Return whether `text` contains a word similar to `term`."""
    return contains(text, term) or any(is_similar(term, word) for word in WORD.findall(text))


def mark_terms(text: str, search: SearchInput) -> Any:
    """Return `text` with the words marked that begin with a word of the search or, if it is on, are similar to one."""
    words = [fold_words(word) for word in search.terms.words]

    def is_match(word: str) -> bool:
        folded = fold_words(word)
        return any(folded.startswith(term) or (search.similar and is_similar(term, folded)) for term in words)

    return marked_where(text, is_match)
