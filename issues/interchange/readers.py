"""A file or a pasted text in, a draft out: the one way in for all formats."""

from django.utils.translation import gettext as _

from issues.interchange.akoma.reader import read_akoma
from issues.interchange.character_map import Seen, in_file, plain
from issues.interchange.drafts import Draft
from issues.interchange.file_checks import Unreadable, kind_of, require_length, require_size
from issues.interchange.html_reader import read_html
from issues.interchange.plain_reader import decoded, read_pdf_text, read_plain
from issues.interchange.word.reader import read_word


def read_file(name: str, data: bytes) -> Draft:
    """Return the draft of a file; its kind is told by what is inside. Raises Unreadable, with the way out."""
    kind, seen = kind_of(name, data), Seen()
    if kind == "docx":
        return plain(read_word(data), seen)
    if kind == "akn":
        return plain(read_akoma(data), seen)
    text = decoded(data)
    require_length(len(text))
    text = seen.mapped(text, in_file, keep_page_breaks=kind != "html")
    draft = plain(read_html(text) if kind == "html" else read_plain(text, kind), seen)
    if not any(paragraph.text.strip() for paragraph in draft.paragraphs):
        raise Unreadable(_("The file contains no text."))
    return draft


def read_pasted(text: str, *, from_pdf: bool = False) -> Draft:
    """Return the draft of a text that was pasted; `from_pdf` joins lines that a page broke. Raises Unreadable."""
    require_size(len(text))
    require_length(len(text))
    seen = Seen()
    text = seen.mapped(text, in_file, keep_page_breaks=not from_pdf)
    if not text.strip():
        raise Unreadable(_("There is no text to read."))
    return plain(read_pdf_text(text) if from_pdf else read_plain(text), seen)
