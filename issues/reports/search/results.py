"""The results of a search: the matches of each kind, and the hits on one page of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import router

from issues.models import Provision
from issues.reports.search.kinds import KINDS
from issues.reports.search.names import holders_named
from issues.reports.search.values import Found, Hit, Match, ResultKind, SearchInput
from issues.text.search import similarity_available

# The greatest number of matches that are counted and listed for one kind.
MAX_MATCHES = 1000


@dataclass(frozen=True)
class Results:
    """The matches of a search by kind, in order of relevance.

    `search.similar` tells whether they contain similar words, because no row contains the exact words.
    """

    search: SearchInput
    by_kind: dict[ResultKind, list[Found]]
    # Kinds that have more matches than are listed.
    incomplete: frozenset[ResultKind] = frozenset()

    @property
    def exact(self) -> list[Found]:
        """The rows whose code, symbol or name is the query, of all kinds."""
        return [row for matches in self.by_kind.values() for row in matches if row.match is Match.EXACT]

    @property
    def all(self) -> list[Found]:
        """All matches, in order of relevance and then of kind."""
        matches = (row for of_kind in self.by_kind.values() for row in of_kind)
        return sorted(matches, key=lambda row: row.match)

    def count(self, kind: ResultKind) -> int:
        """Return the number of listed matches of a kind."""
        return len(self.by_kind[kind])


def find(search: SearchInput) -> Results:
    """Return the results of a search. If it has none, return those with words with similar spellings."""
    results = _find(search)
    if any(results.by_kind.values()) or not similarity_available(router.db_for_read(Provision)):
        return results
    return _find(replace(search, similar=True))


def _find(search: SearchInput) -> Results:
    search = replace(search, holders=holders_named(search))
    by_kind = {name: kind.find(search, MAX_MATCHES + 1) for name, kind in KINDS.items()}
    incomplete = frozenset(name for name, matches in by_kind.items() if len(matches) > MAX_MATCHES)
    return Results(search, {name: matches[:MAX_MATCHES] for name, matches in by_kind.items()}, incomplete)


def hits(search: SearchInput, matches: Sequence[Found]) -> list[Hit]:
    """Return the hits for some of the matches, in the same order. A row that no longer matches is left out."""
    keys: defaultdict[ResultKind, list[Found]] = defaultdict(list)
    for row in matches:
        keys[row.kind].append(row)
    shown = {kind: iter(KINDS[kind].hits(search, of_kind)) for kind, of_kind in keys.items()}
    listed = (next(shown[row.kind], None) for row in matches)
    return [hit for hit in listed if hit is not None]
