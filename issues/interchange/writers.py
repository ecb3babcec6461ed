"""The export formats, each with its file name extension and media type."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.text import slugify

from issues.interchange.akoma.writer import write_akoma
from issues.interchange.export import Export
from issues.interchange.html_writer import write_page, write_pdf
from issues.interchange.word.writer import write_word
from issues.models.choices import FileFormat


@dataclass(frozen=True)
class Format:
    """An export format. `shows_changes` indicates that the format can show changes between two dates."""

    ending: FileFormat
    content_type: str
    write: Callable[[Export], bytes]
    shows_changes: bool = True


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS: dict[str, Format] = {
    file_format.ending: file_format
    for file_format in (
        Format(FileFormat.WORD, _WORD, write_word),
        Format(FileFormat.HTML, "text/html; charset=utf-8", write_page),
        Format(FileFormat.PDF, "application/pdf", write_pdf),
        Format(FileFormat.AKOMA_NTOSO, "application/akn+xml", write_akoma, shows_changes=False),
    )
}


def export_file_name(export: Export, chosen: Format) -> str:
    """Return the file name, which contains the negotiation's slug, the date and any start date of the changes shown."""
    since = f"-since-{export.options.since}" if export.options.since and chosen.shows_changes else ""
    return f"{slugify(export.negotiation.slug)}-{export.day}{since}.{chosen.ending}"
