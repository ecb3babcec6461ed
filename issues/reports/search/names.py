"""The search for members and groupings, by their codes, names and aliases in any language."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from issues.models.page_links import PageLink
from issues.reports.search.base import Details, RowKind, all_of
from issues.reports.search.outline import contains, contains_similar, mark_terms
from issues.reports.search.values import Found, Hit, Holders, ResultKind, SearchInput
from issues.text.search import MarkedText, SimilarTo
from members.models import Alias, Grouping, Member, fold

# Shorter terms are compared with whole names, because too many names begin with them.
MIN_PREFIX = 3
MAX_ALIASES_SHOWN = 6


def named(term: str, *, similar: bool = False) -> Q:
    """Return the condition that an alias contains a word that begins with `term` or, with `similar`, is similar."""
    folded = fold(term)
    if similar:
        return Q(folded=folded) | Q(SimilarTo(folded, "folded"))
    if len(folded) < MIN_PREFIX:
        return Q(folded=folded)
    return Q(folded__startswith=folded) | Q(folded__contains=f" {folded}")


def holders_named(search: SearchInput) -> dict[str, Holders]:
    """Return the members and groupings named by each term, in one query."""
    terms = search.required
    condition = reduce(or_, (named(term, similar=search.similar) for term in terms))
    rows = list(Alias.objects.filter(condition).order_by("pk").values_list("folded", "member", "grouping"))
    is_in = contains_similar if search.similar else contains
    holders = {}
    for term in terms:
        folded = fold(term)
        # Short terms only match whole names, as in the condition.
        matches = [row for row in rows if row[0] == folded or (len(folded) >= MIN_PREFIX and is_in(row[0], folded))]
        holders[term] = Holders(
            frozenset(member for _name, member, _grouping in matches if member),
            frozenset(grouping for _name, _member, grouping in matches if grouping),
        )
    return holders


class NamedKind(RowKind):
    """A kind whose rows have aliases. `owner` is the field of an alias that refers to them."""

    sources = ()
    owner: str

    def exact(self, search: SearchInput) -> Q:
        """Return the condition that the query is the code, the name or an alias."""
        return self._aliased(Q(folded=fold(search.text))) | Q(code__iexact=search.text) | Q(name__iexact=search.text)

    def containing(self, search: SearchInput, term: str) -> Q:
        """Return the condition that a word in the code, the name or an alias begins with `term`."""
        in_name = Q(name__istartswith=term) | Q(name__icontains=f" {term}")
        return self._aliased(named(term)) | Q(code__istartswith=term) | in_name

    def similar(self, search: SearchInput, term: str) -> Q:
        """Return the condition that a word in an alias is similar to `term`."""
        return self._aliased(named(term, similar=True))

    def in_title(self, search: SearchInput) -> Q:
        """Return the condition that the names contain all terms. Nothing else of these rows is searched."""
        matches = self.similar if search.similar else self.containing
        return all_of(matches(search, term) for term in search.required)

    def _aliased(self, condition: Q) -> Q:
        aliases = Alias.objects.filter(condition, **{f"{self.owner}__isnull": False})
        return Q(pk__in=aliases.values(self.owner))

    def hits(self, search: SearchInput, matches: Sequence[Found]) -> list[Hit]:
        """Return the hits for some of the matches, in the same order, with the aliases that match as excerpts."""
        rows = self.rows(search).prefetch_related("aliases").in_bulk([match.key for match in matches])
        return [self._named_hit(search, match, rows[match.key]) for match in matches if match.key in rows]

    def _named_hit(self, search: SearchInput, match: Found, row: Any) -> Hit:
        title = mark_terms(row.local_name, search)
        aliases = [mark_terms(alias.text, search) for alias in row.aliases.all()]
        matching = [alias.marked for alias in aliases if alias.has_match and alias.plain != title.plain]
        excerpt = MarkedText("" if title.has_match else ", ".join(matching[:MAX_ALIASES_SHOWN]))
        details, language = self.details(row), get_language() or "en"
        return Hit(self.name, details.key, match.match, title, details.place, excerpt, details.link, language, language)


class MemberKind(NamedKind):
    """Members, whether or not they participate."""

    name, owner = ResultKind.MEMBER, "member"
    order = ("name",)

    def rows(self, search: SearchInput) -> "QuerySet[Member]":
        """Return all members, which all negotiations share."""
        return Member.objects.all()

    def details(self, row: Member) -> Details:
        """Return the code and the page."""
        return Details(row.code, row.code, PageLink("member", (row.code,)))


class GroupingKind(NamedKind):
    """Groupings, whose positions are listed in the explorer of variants."""

    name, owner = ResultKind.GROUPING, "grouping"
    order = ("name",)

    def rows(self, search: SearchInput) -> "QuerySet[Grouping]":
        """Return all groupings, which all negotiations share."""
        return Grouping.objects.all()

    def details(self, row: Grouping) -> Details:
        """Return the code and the variants on which the grouping takes a position."""
        return Details(row.slug, row.code, PageLink("variants", query=(("member", row.code), ("state", "any"))))
