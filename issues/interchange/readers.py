"""Read a file or a pasted text in any supported format into a draft."""

from django.utils.translation import gettext as _

from issues.interchange.akoma.reader import read_akoma
from issues.interchange.character_map import CharacterMapper, location_in_file, map_draft
from issues.interchange.drafts import Draft
from issues.interchange.file_checks import Unreadable, detect_format, require_length, require_size
from issues.interchange.html_reader import read_html
from issues.interchange.plain_reader import decode, read_pdf_text, read_plain
from issues.interchange.word.reader import read_word


def read_file(name: str, data: bytes) -> Draft:
    """Return the draft of a file, whose format is detected from its content and name.

    Raises Unreadable, with advice for the sender, if the file cannot be imported.
    """
    kind, mapper = detect_format(name, data), CharacterMapper()
    if kind == "docx":
        return map_draft(read_word(data), mapper)
    if kind == "akn":
        return map_draft(read_akoma(data), mapper)
    text = decode(data)
    require_length(len(text))
    text = mapper.map_text(text, location_in_file, keep_page_breaks=kind != "html")
    draft = map_draft(read_html(text) if kind == "html" else read_plain(text, kind), mapper)
    if not any(paragraph.text.strip() for paragraph in draft.paragraphs):
        raise Unreadable(_("The file contains no text."))
    return draft


def read_pasted(text: str, *, from_pdf: bool = False) -> Draft:
    """Return the draft of a pasted text. With `from_pdf`, broken lines are joined.

    Raises Unreadable if the text is empty or too long.
    """
    require_size(len(text))
    require_length(len(text))
    mapper = CharacterMapper()
    text = mapper.map_text(text, location_in_file, keep_page_breaks=not from_pdf)
    if not text.strip():
        raise Unreadable(_("There is no text to read."))
    return map_draft(read_pdf_text(text) if from_pdf else read_plain(text), mapper)
