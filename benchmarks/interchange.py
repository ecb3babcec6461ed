"""Staging a Word document of ninety pages, compared with reading it by python-docx and parsing it.

`python -m benchmarks.interchange` measures in a test database of DATABASE_URL and prints each row as a line of JSON.
`rows` does so on SQLite and on PostgreSQL.
"""

import io
import resource
from collections.abc import Iterator
from typing import Any

from benchmarks.databases import rows_on_both_databases, run_in_test_database
from benchmarks.engine import fastest_times
from benchmarks.rows import Row

# About 400 words per page.
ARTICLES, WORDS, BRACKETS = 90, 400, 12
ROUNDS = 9


def rows() -> Iterator[Row]:
    """Yield the rows of both databases."""
    return rows_on_both_databases("benchmarks.interchange")


def _measure() -> Iterator[Row]:
    from django.core.management import call_command

    from benchmarks.text import negotiating_text
    from issues.interchange import staging
    from issues.interchange.readers import read_file
    from issues.models import Negotiation
    from tests.factories import DelegationFactory

    call_command("load_fixtures", verbosity=0)
    texts = [negotiating_text(WORDS, BRACKETS, seed) for seed in range(ARTICLES)]
    data = _document(texts)
    negotiation = Negotiation.objects.get(is_default=True)
    user = DelegationFactory(role="secretariat", member=None).user
    origin = staging.Origin("ninety pages", _day(), "benchmark")

    def stage() -> None:
        staged = staging.stage(read_file("ninety.docx", data), origin, negotiation=negotiation, actor=user)
        while staging.compare(staged)[0] < ARTICLES:
            pass

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    floor, staged = fastest_times(lambda: _floor(data), stage, rounds=ROUNDS)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    what = f"a Word document of ninety pages ({len(data) // 1000} kB) staged and compared"
    yield Row(what, "reading it with python-docx and parsing it", staged / floor, "at most 3")
    yield Row("additional memory for staging it, in MB", "100 MB", grown / 100, "at most 1")


def _floor(data: bytes) -> int:
    import docx

    from bracketed_text import parse_document
    from issues.text.member_names import load_register

    text = "\n\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)
    return len(parse_document(text, load_register()).sections)


def _document(texts: list[str]) -> bytes:
    """Return a document with an article for each text."""
    import docx

    document = docx.Document()
    for number, text in enumerate(texts, start=1):
        document.add_heading(f"Article {number}", 1)
        for paragraph in text.split("\n\n"):
            document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _day() -> Any:
    from django.utils import timezone

    return timezone.localdate()


if __name__ == "__main__":
    run_in_test_database(_measure)
