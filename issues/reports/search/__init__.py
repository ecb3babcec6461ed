"""Search in everything on record: the text, its brackets, proposals, the record, members and definitions.

Theory of operation
-------------------

Each kind of row (`kinds`) is searched among the rows that the reader may read, as of the selected day. The conditions
apply to these rows alone. Hidden rows therefore influence no result, count, order or excerpt.

1. `find` sends one query for each kind. It returns the keys of at most `MAX_MATCHES` rows, with how they match: `EXACT`
   (the query is the code, symbol or name), `TITLE` (all terms are in the title) or `TEXT`. If the query may be the
   label of a bracket (`issues.text.label_search`), a limited number of further queries find the bracket.
2. If no kind has a match, `find` searches once more for words with similar spellings, where the database can
   compare words.
3. `hits` reads only the rows on one page of the results, with excerpts, in at most three queries for each kind.

The number of queries does not depend on the size of the record.
"""

from issues.reports.search.kinds import KINDS
from issues.reports.search.results import MAX_MATCHES, Results, find, hits
from issues.reports.search.values import Found, Hit, Match, ResultKind, SearchInput

__all__ = ["KINDS", "MAX_MATCHES", "Found", "Hit", "Match", "ResultKind", "Results", "SearchInput", "find", "hits"]
