"""Write the text as a Word document with bold brackets, coloured heads and tracked changes."""

import io
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import docx
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from bracketed_text.advanced import Bracket
from issues.interchange.export import Export, Text
from issues.interchange.redline import Account
from issues.interchange.spans import Paragraph, Span, paragraphs
from issues.interchange.word.layout import Footnotes, apply_layout
from issues.interchange.word.styles import (
    ABOUT,
    ASIDE,
    HEAD,
    HEADING,
    LINE,
    MARK,
    OPPOSED,
    POINT,
    PROPOSED,
    PROVISION,
    SECTION,
    SUBPOINT,
    TEXT,
    anchor_name,
)
from issues.models.choices import Stance
from members.plain_text import sanitize

_POINT = re.compile(r"[\[\s]*(?:\([a-z]{1,2}\)|[a-z][.)])\s")
_SUBPOINT = re.compile(r"[\[\s]*(?:\((?:[ivx]{2,5}|[ivx])\)\s)(?!$)")
_TABS = re.compile(r"([\n\t])")


def write_word(export: Export) -> bytes:
    """Return the document. Paragraph numbers are written as text, because brackets may precede them."""
    document = docx.Document()
    apply_layout(document, export)
    writer = _Writer(document, export)
    writer.front()
    for part in export.parts:
        writer.section(f"{part.section.label}  {part.section.title}")
        for text in part.texts:
            writer.provision(text)
    writer.notes.attach()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


class _Writer:
    def __init__(self, document: Document, export: Export) -> None:
        self.document = document
        self.export = export
        self.body: Any = document.element.body
        self.last = self.body.find(qn("w:sectPr"))
        self.notes = Footnotes(document)
        self.changes = 0
        self.bookmarks = 0

    def front(self) -> None:
        """Write the title and the description of the document."""
        title = self._add("Title")
        title.append(_run(self.export.negotiation.local_name))
        for name, value in self.export.about:
            line = self._add(ABOUT)
            line.append(_run(f"{name}: ", bold=True))
            line.append(_run(value))

    def section(self, title: str) -> None:
        """Begin a section."""
        self._add(SECTION).append(_run(title))

    def provision(self, text: Text) -> None:
        """Write one provision. The heading is added unless the text already contains it."""
        marked = bool(text.heading_length)
        if not marked:
            heading = self._add(PROVISION)
            self._bookmark(heading, text)
            heading.append(_run(text.provision.heading))
        for paragraph in paragraphs(text):
            style = HEADING if paragraph.is_heading else _style(paragraph)
            element = self._add(style + LINE if paragraph.continues else style)
            if marked:
                self._bookmark(element, text)
                marked = False
            if not paragraph.text:
                _flatten(element)
            self._fill(element, paragraph)

    def _add(self, style: str) -> Any:
        element = OxmlElement("w:p")
        properties = OxmlElement("w:pPr")
        properties.append(_with_value("w:pStyle", style))
        element.append(properties)
        self.last.addprevious(element)
        return element

    def _bookmark(self, element: Any, text: Text) -> None:
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        start.set(qn("w:id"), str(self.bookmarks))
        start.set(qn("w:name"), anchor_name(text.provision.slug))
        end.set(qn("w:id"), str(self.bookmarks))
        self.bookmarks += 1
        element.extend((start, end))

    def _fill(self, element: Any, paragraph: Paragraph) -> None:
        end = paragraph.end
        if end is not None and (end.inserted or end.deleted):
            mark = OxmlElement("w:rPr")
            mark.append(self._change("w:ins" if end.inserted else "w:del", end.inserted or end.deleted))
            element.find(qn("w:pPr")).append(mark)
        for (inserted, deleted), together in groupby(paragraph.spans, lambda span: (span.inserted, span.deleted)):
            runs = self._runs(together)
            if inserted or deleted:
                change = self._change("w:ins" if inserted else "w:del", inserted or deleted)
                change.extend(runs)
                element.append(change)
            else:
                element.extend(runs)

    def _change(self, name: str, account: Account | None) -> Any:
        assert account is not None
        self.changes += 1
        element = OxmlElement(name)
        element.set(qn("w:id"), str(self.changes))
        element.set(qn("w:author"), sanitize(account.author))
        element.set(qn("w:date"), f"{account.day}T00:00:00Z")
        return element

    def _runs(self, spans: Iterable[Span]) -> Iterator[Any]:
        for span in spans:
            if span.role == "open" and span.bracket is not None:
                yield from self._opening(span, span.bracket)
            elif span.role == "head" and span.bracket is not None:
                yield from self._head(span.text, span.bracket)
            elif span.role == "deleted":
                yield _run(span.text, deleted=True)
            else:
                yield _run(span.text, _CHARACTERS.get(span.role, ""))

    def _opening(self, span: Span, bracket: Bracket) -> Iterator[Any]:
        """Yield the runs of the opening bracket and its head, or the rest of the head if the span begins inside it."""
        mark = span.text[:1] if span.text.startswith("[") else ""
        if mark:
            yield _run(mark, MARK)
        if head := span.text[len(mark) :]:
            yield from self._head(head, bracket)

    def _head(self, head: str, bracket: Bracket) -> Iterator[Any]:
        if self.export.options.proponents_in_notes and head.endswith(":"):
            yield self.notes.reference(head[:-1])
        else:
            yield _run(head, _head_style(bracket))


def _flatten(element: Any) -> None:
    """Reduce the height of an empty line, whose only purpose is to allow the text to be read back exactly."""
    spacing = OxmlElement("w:spacing")
    for name, value in (("before", "0"), ("after", "0"), ("line", "80"), ("lineRule", "exact")):
        spacing.set(qn(f"w:{name}"), value)
    element.find(qn("w:pPr")).append(spacing)


_CHARACTERS = {"close": MARK, "label": MARK, "aside": ASIDE}


def _head_style(bracket: Bracket) -> str:
    """Return the style of a head: green if the text is only supported, red if it is only opposed, else neutral."""
    supported = bool(bracket.head.names(Stance.PROPOSE, Stance.SUPPORT))
    unwanted = bool(bracket.head.names(Stance.OPPOSE))
    return HEAD if supported == unwanted else PROPOSED if supported else OPPOSED


def _style(paragraph: Paragraph) -> str:
    text = paragraph.text
    if _SUBPOINT.match(text) and not text.lstrip("[ ").startswith(("(i) ", "(v) ", "(x) ")):
        return SUBPOINT
    return POINT if _POINT.match(text) else TEXT


def _run(text: str, style: str = "", *, bold: bool = False, deleted: bool = False) -> Any:
    run = OxmlElement("w:r")
    if style or bold:
        properties = OxmlElement("w:rPr")
        properties.append(_with_value("w:rStyle", style) if style else OxmlElement("w:b"))
        run.append(properties)
    for part in _TABS.split(sanitize(text)):
        if part == "\n":
            run.append(OxmlElement("w:br"))
        elif part == "\t":
            run.append(OxmlElement("w:tab"))
        elif part:
            words = OxmlElement("w:delText" if deleted else "w:t")
            words.text = part
            words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            run.append(words)
    return run


def _with_value(name: str, value: str) -> Any:
    element = OxmlElement(name)
    element.set(qn("w:val"), value)
    return element
