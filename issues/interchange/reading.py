"""A file or a pasted text in, a draft out: the one way in for all formats."""

from django.utils.translation import gettext as _

from issues.interchange.akoma_reading import read_akoma
from issues.interchange.drafts import Draft
from issues.interchange.html_reading import read_html
from issues.interchange.plain_reading import decoded, read_pdf_text, read_plain
from issues.interchange.refusing import Unreadable, kind_of, require_size
from issues.interchange.word_reading import read_word


def read_file(name: str, data: bytes) -> Draft:
    """Return the draft of a file; its kind is told by what is inside. Raises Unreadable, with the way out."""
    kind = kind_of(name, data)
    if kind == "docx":
        return read_word(data)
    if kind == "akn":
        return read_akoma(data)
    text = decoded(data)
    draft = read_html(text) if kind == "html" else read_plain(text, kind)
    if not any(paragraph.text.strip() for paragraph in draft.paragraphs):
        raise Unreadable(_("There is no text in the file."))
    return draft


def read_pasted(text: str, *, from_pdf: bool = False) -> Draft:
    """Return the draft of a text that was pasted; `from_pdf` joins lines that a page broke. Raises Unreadable."""
    require_size(len(text))
    if not text.strip():
        raise Unreadable(_("There is no text to read."))
    return read_pdf_text(text) if from_pdf else read_plain(text)
