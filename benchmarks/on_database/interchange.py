"""Compare staging a 90-page Word document with reading it through python-docx and parsing it."""

import io
import resource
from collections.abc import Iterator

import docx
from django.core.management import call_command
from django.utils import timezone

from benchmarks.rows import Row
from benchmarks.text import negotiating_text
from benchmarks.timing import fastest_times
from bracketed_text import parse_document
from issues.interchange import staging
from issues.interchange.readers import read_file
from issues.models import Negotiation
from issues.text.member_names import load_register
from tests.factories import DelegationFactory

# About 400 words per page.
ARTICLES, WORDS, BRACKETS = 90, 400, 12

ROUNDS = 9


def measure() -> Iterator[Row]:
    """Yield the rows for staging."""
    call_command("load_fixtures", verbosity=0)
    texts = [negotiating_text(WORDS, BRACKETS, seed) for seed in range(ARTICLES)]
    data = _document(texts)
    negotiation = Negotiation.objects.get(is_default=True)
    user = DelegationFactory(role="secretariat", member=None).user
    origin = staging.Origin("ninety pages", timezone.localdate(), "benchmark")

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
    text = "\n\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)
    return len(parse_document(text, load_register()).sections)


def _document(texts: list[str]) -> bytes:
    """Return a Word document with an article for each text."""
    document = docx.Document()
    for number, text in enumerate(texts, start=1):
        document.add_heading(f"Article {number}", 1)
        for paragraph in text.split("\n\n"):
            document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
