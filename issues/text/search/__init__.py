"""Full-text search in stored text, with matching by word stem, ranking, similar words and marked matches.

`terms` parses a query, `indexes` keeps the full-text indexes of both databases, `matching` finds and marks words by
their stems, and `similarity` finds words with similar spellings.
"""

from issues.text.search.indexes import INDEXES, install_search
from issues.text.search.marks import MarkedText, as_html, excerpt_of, fold_words, marked_where
from issues.text.search.matching import best_first, containing, excerpts, marked_columns, matching
from issues.text.search.similarity import SimilarTo, is_similar, register_similarity, similarity_available
from issues.text.search.terms import SearchTerms, TooManyTerms, parse_terms

__all__ = [
    "INDEXES",
    "MarkedText",
    "SearchTerms",
    "SimilarTo",
    "TooManyTerms",
    "as_html",
    "best_first",
    "containing",
    "excerpt_of",
    "excerpts",
    "fold_words",
    "install_search",
    "is_similar",
    "marked_columns",
    "marked_where",
    "matching",
    "parse_terms",
    "register_similarity",
    "similarity_available",
]
