"""Words with similar spellings, for queries that match nothing exactly.

Two words are similar if at least half of their distinct trigrams are common to both. A trigram is a group of three
consecutive characters of the word, which is first converted to lower case and padded with two spaces at the start and
one at the end. This is `strict_word_similarity` from PostgreSQL's `pg_trgm` extension. On SQLite, a function of the
same name is defined for each connection.

For example, “moratorum” has ten trigrams and “moratorium” eleven. Eight are common to both, and thirteen are distinct
in all, so the similarity is 8 / 13 = 0.62.

FTS5's `trigram` tokenizer is not used, because it finds parts of words but not misspellings.
"""

from functools import lru_cache
from typing import Any

from django.db import connections
from django.db.models import BooleanField, Func, Value
from django.db.models.expressions import Combinable

from issues.text.search.marks import WORD

FUNCTION = "strict_word_similarity"
# The default of `pg_trgm.strict_word_similarity_threshold`, which the operator `<<%` uses.
THRESHOLD = 0.5
# In shorter words, one wrong character leaves too few common trigrams.
MIN_LENGTH = 4


class SimilarTo(Func):
    """The condition that a column contains a word similar to `term`."""

    output_field = BooleanField()

    def __init__(self, term: Any, column: Combinable | str, **extra: Any) -> None:
        super().__init__(term if hasattr(term, "resolve_expression") else Value(term), column, **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return the condition with the function that `register_similarity` defines."""
        return super().as_sql(
            compiler, connection, template=f"({FUNCTION}(%(expressions)s) >= {THRESHOLD})", arg_joiner=", "
        )

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return the condition with an operator, because only an operator can use an index."""
        return super().as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" <<%% ")


@lru_cache(maxsize=100_000)
def _trigrams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))


@lru_cache(maxsize=100_000)
def word_similarity(word: str, other_word: str) -> float:
    """Return the similarity of two words in lower case, from 0 to 1."""
    own, compared = _trigrams(word), _trigrams(other_word)
    return len(own & compared) / len(own | compared)


def is_similar(term: str, word: str) -> bool:
    """Return whether two words are similar or equal, ignoring case."""
    term, word = term.lower(), word.lower()
    return term == word or (len(term) >= MIN_LENGTH and word_similarity(term, word) >= THRESHOLD)


def strict_word_similarity(term: str | None, text: str | None) -> float:
    """Return the greatest similarity between `term` and a word of `text`."""
    if not term or not text:
        return 0.0
    words = set(WORD.findall(text.lower()))
    return max((word_similarity(term.lower(), word) for word in words), default=0.0)


def register_similarity(connection: Any, **kwargs: Any) -> None:
    """Define the function on a new connection to SQLite. PostgreSQL has it from the extension."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(FUNCTION, 2, strict_word_similarity, deterministic=True)


def similarity_available(using: str) -> bool:
    """Return whether the database `using` can compare words. On PostgreSQL, this requires `pg_trgm` (one query)."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('strict_word_similarity(text, text)') IS NOT NULL")
        return bool(cursor.fetchone()[0])
