"""The words and phrases of a search query."""

import re
from dataclasses import dataclass

TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
# The number of terms is limited, because each term adds a nested condition to the query.
MAX_TERMS = 24


class TooManyTerms(ValueError):
    """The search has more terms than are permitted."""


@dataclass(frozen=True)
class SearchTerms:
    """The words and phrases of a search. A text must contain all `required` terms and no `excluded` term."""

    required: tuple[str, ...]
    excluded: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The required terms, with phrases divided into their words."""
        return tuple(word for term in self.required for word in term.split())


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
