"""Define the page, styles, header, footer and footnotes part of the Word files that this site writes."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from lxml import etree

from issues.interchange.drafts import INVENTED
from issues.interchange.export import Export
from issues.interchange.word.numbering import W
from issues.interchange.word.styles import (
    ABOUT,
    ASIDE,
    HEAD,
    HEADING,
    LINE,
    MARK,
    OPPOSED,
    POINT,
    POSITIONS,
    PROPOSED,
    PROVISION,
    SECTION,
    SUBPOINT,
    TEXT,
)
from members.plain_text import sanitize

_SERIF, _SANS = "Times New Roman", "Arial"
_INK, _MUTED, _NAVY = RGBColor(0x1A, 0x22, 0x30), RGBColor(0x56, 0x60, 0x72), RGBColor(0x10, 0x32, 0x5A)
_GREEN, _RED, _VIOLET = RGBColor(0x17, 0x69, 0x4D), RGBColor(0xA1, 0x2D, 0x26), RGBColor(0x4D, 0x3A, 0x84)
# Style, base style, font, size in points, bold, colour, spacing before and after in points, and indent in cm.
_PARAGRAPHS = (
    (SECTION, "Heading 1", _SANS, 13, True, _NAVY, 22, 8, 0.0),
    (PROVISION, "Heading 2", _SANS, 11, True, _INK, 16, 5, 0.0),
    (HEADING, "Heading 2", _SANS, 11, True, _INK, 16, 5, 0.0),
    (ABOUT, "Normal", _SANS, 8.5, False, _MUTED, 0, 2, 0.0),
    (HEADING + LINE, "Heading 2", _SANS, 11, True, _INK, 0, 5, 0.0),
    (TEXT, "Normal", _SERIF, 11, False, _INK, 7, 0, 0.0),
    (TEXT + LINE, "Normal", _SERIF, 11, False, _INK, 1, 0, 0.0),
    (POINT, "Normal", _SERIF, 11, False, _INK, 6, 0, 1.0),
    (POINT + LINE, "Normal", _SERIF, 11, False, _INK, 2, 0, 1.0),
    (SUBPOINT, "Normal", _SERIF, 11, False, _INK, 6, 0, 2.0),
    (SUBPOINT + LINE, "Normal", _SERIF, 11, False, _INK, 2, 0, 2.0),
    (POSITIONS, "Normal", _SANS, 8, False, _INK, 0, 1, 0.0),
)
_CHARACTERS = (
    (MARK, None, None),
    (HEAD, _SANS, _VIOLET),
    (PROPOSED, _SANS, _GREEN),
    (OPPOSED, _SANS, _RED),
    (ASIDE, None, _MUTED),
)


def apply_layout(document: Document, export: Export) -> None:
    """Set the page format, styles, header, footer and properties of an empty document."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)
    _styles(document)
    day = date_format(export.day, "j F Y")
    head = section.header.paragraphs[0]
    name = sanitize(export.negotiation.local_short_name)
    invented = any(text.provision.demonstration for text in export.texts())
    head.text = f"{name} · {_('as of %(day)s') % {'day': day}}"
    if invented:
        head.text += f" · {_('Demonstration: the text and the positions are invented')}"
    foot = section.footer.paragraphs[0]
    foot.text = f"{_('No official record')} · "
    for name in ("PAGE", "NUMPAGES"):
        if name == "NUMPAGES":
            foot.add_run(" / ")
        foot._p.extend(field_runs(name))
    for paragraph in (head, foot):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for run in paragraph.runs:
            run.font.name, run.font.size, run.font.color.rgb = _SANS, Pt(8), _MUTED
    properties = document.core_properties
    properties.title = f"{name}: {_('as of %(day)s') % {'day': day}}"
    properties.author, properties.comments = "JSI tracker", ""
    properties.keywords = INVENTED if invented else ""


def _styles(document: Document) -> None:
    styles: Any = document.styles
    for name, base, font, size, bold, colour, before, after, indent in _PARAGRAPHS:
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles[base]
        _font(style, font, size, colour)
        style.font.bold, style.font.italic = bold, False
        form = style.paragraph_format
        form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.15
        form.left_indent = Cm(indent)
        form.keep_with_next = base != "Normal"
    for name, face, shade in _CHARACTERS:
        style = styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        _font(style, face, 9 if face else None, shade)
        style.font.bold = name != ASIDE
    title = styles["Title"]
    _font(title, _SANS, 20, _NAVY)
    title.font.bold = True
    title.paragraph_format.space_after = Pt(10)
    # Remove the rule below the title, which the template adds.
    for border in title.element.iter(qn("w:pBdr")):
        border.getparent().remove(border)


def _font(style: Any, font: str | None, size: float | None, colour: RGBColor | None) -> None:
    if font is not None:
        style.font.name = font
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        # Theme fonts would take precedence.
        for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(name), None)
        for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(name), font)
    if size is not None:
        style.font.size = Pt(size)
    if colour is not None:
        style.font.color.rgb = colour


def field_runs(name: str) -> list[Any]:
    """Return the runs of a field, such as PAGE, that Word evaluates."""
    runs = []
    for kind in ("begin", "", "end"):
        run, properties = OxmlElement("w:r"), OxmlElement("w:rPr")
        for tag, value in (("w:color", str(_MUTED)), ("w:sz", "16")):
            element = OxmlElement(tag)
            element.set(qn("w:val"), value)
            properties.append(element)
        run.append(properties)
        inner = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            inner.set(qn("w:fldCharType"), kind)
        else:
            inner.text = name
        run.append(inner)
        runs.append(run)
    return runs


class Footnotes:
    """The footnotes of a document.

    Because python-docx does not support footnotes, this class builds the footnotes part, and `attach` adds it to the
    package.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.root = etree.Element(f"{W}footnotes", nsmap={"w": W[1:-1]})
        for number, kind in enumerate(("separator", "continuationSeparator")):
            note = self._note(number - 1, kind)
            run = etree.SubElement(etree.SubElement(note, f"{W}p"), f"{W}r")
            etree.SubElement(run, f"{W}{kind}")
        self.count = 0

    def _note(self, number: int, kind: str = "") -> Any:
        note = etree.SubElement(self.root, f"{W}footnote", {f"{W}id": str(number)})
        if kind:
            note.set(f"{W}type", kind)
        return note

    def reference(self, text: str) -> Any:
        """Add a footnote with `text` and return the run that refers to it."""
        self.count += 1
        paragraph = etree.SubElement(self._note(self.count), f"{W}p")
        etree.SubElement(etree.SubElement(paragraph, f"{W}pPr"), f"{W}pStyle", {f"{W}val": POSITIONS})
        mark = etree.SubElement(paragraph, f"{W}r")
        _raised(mark)
        etree.SubElement(mark, f"{W}footnoteRef")
        etree.SubElement(etree.SubElement(paragraph, f"{W}r"), f"{W}tab")
        words = etree.SubElement(etree.SubElement(paragraph, f"{W}r"), f"{W}t")
        words.text = sanitize(text)
        run = OxmlElement("w:r")
        _raised(run)
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(self.count))
        run.append(reference)
        return run

    def attach(self) -> None:
        """Add the footnotes part to the package if the document contains any footnotes."""
        if not self.count:
            return
        package = self.document.part.package
        blob = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", standalone=True)
        part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, blob, package)
        self.document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _raised(run: Any) -> None:
    properties = etree.SubElement(run, f"{W}rPr")
    etree.SubElement(properties, f"{W}vertAlign", {f"{W}val": "superscript"})
