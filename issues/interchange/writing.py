"""An export put into a file: the formats there are, each with its ending and its type."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.text import slugify

from issues.interchange.akoma_writing import write_akoma
from issues.interchange.exporting import Export
from issues.interchange.page_writing import write_page, write_pdf
from issues.interchange.word_writing import write_word


@dataclass(frozen=True)
class Format:
    """A format: what it is called, its type, how it is written, and whether it shows what changed between two days."""

    ending: str
    label: str
    content_type: str
    write: Callable[[Export], bytes]
    shows_changes: bool = True


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS = {
    one.ending: one
    for one in (
        Format("docx", "Word", _WORD, write_word),
        Format("html", "HTML", "text/html; charset=utf-8", write_page),
        Format("pdf", "PDF", "application/pdf", write_pdf),
        Format("xml", "Akoma Ntoso 3.0", "application/akn+xml", write_akoma, shows_changes=False),
    )
}


def file_name(export: Export, chosen: Format) -> str:
    """Return what the file is called: the negotiation, the day, the earlier day if there is one."""
    since = f"-since-{export.wish.since}" if export.wish.since and chosen.shows_changes else ""
    return f"{slugify(export.negotiation.slug)}-{export.day}{since}.{chosen.ending}"
