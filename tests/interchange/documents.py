"""Word documents for tests, with elements that Word writes but python-docx does not."""

import io
import zipfile
from typing import Any

import docx
from docx.oxml import parse_xml

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DAY = 'w:date="2021-02-03T09:00:00Z"'


def run(text: str, properties: str = "") -> str:
    """Return a run as XML, with `properties` in its `rPr` element."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def inserted(text: str, by: str) -> str:
    """Return a run inserted by `by`, as XML."""
    return f'<w:ins w:id="1" w:author="{by}" {DAY}>{run(text)}</w:ins>'


def deleted(text: str, by: str) -> str:
    """Return a run deleted by `by`, as XML."""
    words = f'<w:r><w:delText xml:space="preserve">{text}</w:delText></w:r>'
    return f'<w:del w:id="2" w:author="{by}" {DAY}>{words}</w:del>'


def paragraph(inner: str, properties: str = "") -> str:
    """Return a paragraph as XML, with `properties` in its `pPr` element."""
    return f"<w:p {W}><w:pPr>{properties}</w:pPr>{inner}</w:p>"


class Sheet:
    """A Word document to which paragraphs are added."""

    def __init__(self) -> None:
        self.document = docx.Document()

    def heading(self, text: str, level: int = 1) -> "Sheet":
        """Add a heading with a heading style."""
        self.document.add_heading(text, level)
        return self

    def text(self, text: str) -> Any:
        """Add a paragraph and return it."""
        return self.document.add_paragraph(text)

    def xml(self, *paragraphs: str) -> "Sheet":
        """Add paragraphs or tables given as XML."""
        for one in paragraphs:
            self.document.element.body.insert(-1, parse_xml(one))
        return self

    def saved(self) -> bytes:
        """Return the bytes of the file."""
        out = io.BytesIO()
        self.document.save(out)
        return out.getvalue()


def revised(heading: str, text: str) -> bytes:
    """Return a document in which Canada changed “shall” and the chair recorded Japan's comment on “in force”."""
    first, *others = text.split("\n\n")
    before, _, rest = first.partition("shall")
    between, _, behind = rest.partition("in force")
    sheet = Sheet().heading(heading)
    sheet.xml(paragraph(run(before) + deleted("shall", "Canada") + inserted("should", "Canada") + run(between)))
    last = sheet.document.paragraphs[-1]
    noted = last.add_run("in force")
    last.add_run(behind)
    sheet.document.add_comment(noted, text="Japan: delete", author="Chair", initials="C")
    for other in others:
        sheet.text(other)
    return sheet.saved()


def changed(data: bytes, name: str, content: bytes, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a package with one part added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", kind) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()
