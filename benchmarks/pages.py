"""Compare the explorer on a million variants, the whole text, and agreement with lower bounds."""

from collections.abc import Iterator

from benchmarks.databases import rows_on_both_databases, rows_on_sqlite
from benchmarks.rows import Row


def rows() -> Iterator[Row]:
    """Yield the rows for the pages."""
    yield from rows_on_sqlite("benchmarks.on_database.rendering")
    yield from rows_on_both_databases("benchmarks.on_database.pages")
