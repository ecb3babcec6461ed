"""Read a Word document (.docx) into a draft.

python-docx opens the package. Its `paragraph.text` omits insertions, deletions, automatic numbers, notes, and text in
content controls. This module therefore reads the document's XML, which includes all of these. The elements of the body
are visited in order. A tracked change applies to all content of its element. Notes and the text of text boxes are
placed after the paragraph that refers to or contains them. Other objects are reported in warnings.
"""

import io
from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile

import docx
from django.utils.translation import gettext as _
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError, PackageNotFoundError
from lxml import etree

from issues.interchange.drafts import DELETED, INSERTED, INVENTED, Draft, Paragraph, Run
from issues.interchange.file_checks import Unreadable, require_length, require_word
from issues.interchange.word.numbering import ListNumbering, W
from issues.interchange.word.objects import (
    EQUATION,
    MARGINS,
    OBJECTS,
    PARTS,
    describe_object,
    equation_text,
    margin_text,
    text_boxes,
)
from issues.interchange.word.package import (
    Style,
    Styles,
    outline_level,
    read_comments,
    read_notes,
    related_parts,
    root_of,
    value_of,
)
from issues.interchange.word.runs import anchor_in, join_runs, strip_start, symbol_text
from issues.interchange.word.styles import HEADED, HELD, LINES, OURS, POSITIONS, ROLES
from issues.interchange.word.tracked_changes import (
    DELETIONS,
    INSERTIONS,
    NO_CHANGE,
    Change,
    change_of,
    paragraph_mark_change,
)

_WORDS = {f"{W}tab": "\t", f"{W}noBreakHyphen": "\u2011", f"{W}cr": "\n", f"{W}ptab": "\t"}
_PLAIN_COLOURS = frozenset({"", "auto", "000000", "none", "FFFFFF"})
_HYPERLINK = "Hyperlink"
# The number of characters that identify a paragraph in a message.
_QUOTED = 80


def read_word(data: bytes) -> Draft:
    """Return the draft of a .docx file. Raises Unreadable if it is not a valid Word document or is too large."""
    require_word(data)
    try:
        document = docx.Document(io.BytesIO(data))
        invented = INVENTED in (document.core_properties.keywords or "")
        return _Reader(document.part).draft()._replace(demonstration=invented)
    except (KeyError, ValueError, OSError, OpcError, PackageNotFoundError, BadZipFile, etree.LxmlError) as error:
        raise Unreadable(
            _("The Word document is damaged. Open it in Word and save it as .docx under a new name.")
        ) from error


class _Reader:
    """A reader that visits the elements of one document in order."""

    def __init__(self, part: Any) -> None:
        self.body = part.element.body
        related = dict(related_parts(part))
        self.styles = Styles(root_of(related.get(RELATIONSHIP_TYPE.STYLES)))
        self.numbers = ListNumbering(root_of(related.get(RELATIONSHIP_TYPE.NUMBERING)))
        self.notes = read_notes(root_of(related.get(RELATIONSHIP_TYPE.FOOTNOTES)), "footnote")
        self.notes |= read_notes(root_of(related.get(RELATIONSHIP_TYPE.ENDNOTES)), "endnote")
        self.comments = list(read_comments(root_of(related.get(RELATIONSHIP_TYPE.COMMENTS))))
        self.open_comments: list[str] = []
        self.noted: list[Any] = []  # notes to which the current paragraph refers
        self.count = 0  # the number of notes so far, from which note numbers are assigned
        self.length = 0
        self.objects: list[tuple[Any, Change]] = []  # images and other objects of the current paragraph
        self.before = ""  # the first words of the last paragraph with text
        self.margins = [root_of(part) for kind, part in related_parts(part) if kind in MARGINS]
        self.fields: list[bool] = []  # for each open field, whether its result has begun
        self.warnings: list[str] = []
        self.lines: list[int] = []  # paragraphs written by this site without a blank line before them
        self.paragraphs = 0

    def draft(self) -> Draft:
        paragraphs = list(self._blocks(self.body, NO_CHANGE))
        for at in self.lines:
            paragraphs[at - 1] = paragraphs[at - 1]._replace(end="\n")
        draft = Draft("docx", tuple(paragraphs), tuple(self.comments))
        if not draft.from_this_site:
            self._warn_about_margins()
        return draft._replace(warnings=tuple(dict.fromkeys(self.warnings)))

    def _warn_about_margins(self) -> None:
        """Warn about page headers and footers, which are not imported."""
        for words in dict.fromkeys(margin_text(margin) for margin in self.margins if margin is not None):
            if words:
                self.warnings.append(
                    _("The page header or footer “%(words)s” was not imported.") % {"words": words[:_QUOTED]}
                )

    def _blocks(self, parent: Any, change: Change) -> Iterator[Paragraph]:
        for child in parent:
            tag = child.tag
            if tag == f"{W}p":
                for paragraph in self._paragraph(child, change):
                    self.paragraphs += 1
                    yield paragraph
                yield from self._boxes()
            elif tag == f"{W}tbl":
                yield from self._table(child, change)
            elif tag in INSERTIONS or tag in DELETIONS:
                yield from self._blocks(child, change_of(child))
            elif tag in PARTS:
                self._warn_left_out(_("An embedded document"))
            elif tag == EQUATION:
                yield Paragraph((self._equation(child, change),))
            elif tag != f"{W}sectPr":  # content controls and other containers of blocks
                self._comment(child)
                yield from self._blocks(child, change)

    def _boxes(self) -> Iterator[Paragraph]:
        """Yield the text of the text boxes in the last paragraph, and warn about other objects in that paragraph."""
        objects, self.objects = self.objects, []
        at = self.before
        for element, change in objects:
            boxes = text_boxes(element)
            if not boxes:
                self._warn_left_out(describe_object(element))
            for box in boxes:
                self.warnings.append(
                    _("The text in the text box at the paragraph “%(words)s” was placed after that paragraph.")
                    % {"words": at}
                )
                yield from self._blocks(box, change)

    def _warn_left_out(self, what: str) -> None:
        self.warnings.append(
            _("%(what)s at “%(words)s” was left out: only text is imported.") % {"what": what, "words": self.before}
        )

    def _equation(self, element: Any, change: Change) -> Run:
        characters = equation_text(element)
        self.warnings.append(
            _("The equation “%(letters)s” was imported as plain characters. Check it.") % {"letters": characters}
        )
        return Run(characters, *change)

    def _table(self, table: Any, change: Change) -> Iterator[Paragraph]:
        for row in table.iter(f"{W}tr"):
            if next(row.iterancestors(f"{W}tbl")) is table:
                yield from self._row(row, change)

    def _row(self, row: Any, change: Change) -> Iterator[Paragraph]:
        properties = row.find(f"{W}trPr")
        for name in ("ins", "del"):
            mark = properties.find(f"{W}{name}") if properties is not None else None
            change = change if mark is None else change_of(mark)
        for cell in row.iter(f"{W}tc"):
            if next(cell.iterancestors(f"{W}tr")) is not row:
                continue
            own, of_cell = change, cell.find(f"{W}tcPr")
            for name, kind in (("cellIns", INSERTED), ("cellDel", DELETED)):
                mark = of_cell.find(f"{W}{name}") if of_cell is not None else None
                own = own if mark is None else change_of(mark, kind)
            yield from self._blocks(cell, own)

    def _paragraph(self, element: Any, change: Change) -> Iterator[Paragraph]:
        properties = element.find(f"{W}pPr")
        style_id = value_of(properties, "pStyle")
        style = self.styles[style_id]
        role = ROLES.get(style_id, "")
        if style_id in LINES and self.paragraphs:
            self.lines.append(self.paragraphs)
        if style.name.startswith("toc "):
            return
        runs = tuple(join_runs(self._runs(element, change)))
        self.before = "".join(run.text for run in runs).strip()[:_QUOTED] or self.before
        mark = paragraph_mark_change(properties) or change
        number = "" if role else self._number(properties, style)
        anchor = anchor_in(element) if role in (HEADED, HELD) else ""
        level = 0 if role else style.level or outline_level(properties)
        self.length += sum(len(run.text) for run in runs)
        require_length(self.length)
        if runs or number or role or style_id in OURS:
            yield Paragraph(runs, level, number, "\n\n", mark.change, mark.by, role, anchor)
        elif mark.change:
            yield Paragraph((), 0, "", "\n\n", mark.change, mark.by)
        noted, self.noted = self.noted, []
        for number, note in noted:
            for at, inner in enumerate(note.iter(f"{W}p")):
                lead = (Run(f"[^{number}]: "),) if at == 0 else ()
                yield Paragraph((*lead, *strip_start(tuple(join_runs(self._runs(inner, NO_CHANGE))))))

    def _number(self, properties: Any, style: Style) -> str:
        own = properties.find(f"{W}numPr") if properties is not None else None
        num, level = style.num, style.num_level
        if own is not None:
            num = value_of(own, "numId") or num
            level = int(value_of(own, "ilvl") or level)
        return self.numbers.next(num, level) if num and num != "0" else ""

    def _runs(self, parent: Any, change: Change) -> Iterator[Run]:
        for child in parent:
            tag = child.tag
            if tag == f"{W}r":
                yield from self._run(child, change)
            elif tag in INSERTIONS or tag in DELETIONS:
                inner = change_of(child)
                # Text that one author inserted and another deleted counts as deleted.
                yield from self._runs(child, inner if change.change != DELETED else change)
            elif tag in OBJECTS:
                self.objects.append((child, change))
            elif tag == EQUATION:
                yield self._equation(child, change)
            elif tag != f"{W}pPr":  # links, content controls and other containers of runs
                self._comment(child)
                yield from self._runs(child, change)

    def _comment(self, element: Any) -> None:
        """Begin or end the range of a comment, if `element` marks its start or end."""
        number = element.get(f"{W}id")
        if element.tag == f"{W}commentRangeStart":
            self.open_comments.append(number)
        elif element.tag == f"{W}commentRangeEnd" and number in self.open_comments:
            self.open_comments.remove(number)

    def _run(self, element: Any, change: Change) -> Iterator[Run]:
        colour = ""
        for child in element:
            tag = child.tag
            if tag == f"{W}rPr":
                colour = self._colour(child)
            elif tag == f"{W}fldChar":
                self._field(child.get(f"{W}fldCharType"))
            elif tag == f"{W}commentReference" and child.get(f"{W}id") not in self.open_comments:
                yield Run("", *change, colour, (child.get(f"{W}id"),))
            elif tag in OBJECTS:
                self.objects.append((child, change))
            elif tag == f"{W}ruby":
                yield from self._runs(child, change)
            elif not (self.fields and not self.fields[-1]) and (words := self._words(child)):
                yield Run(words, *change, colour, tuple(self.open_comments))

    def _words(self, child: Any) -> str:
        tag = child.tag
        if tag in (f"{W}t", f"{W}delText"):
            return child.text or ""
        if tag == f"{W}br":
            return "\n" if child.get(f"{W}type", "textWrapping") == "textWrapping" else ""
        if tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
            return self._note(child)
        if tag == f"{W}sym":
            return symbol_text(child)
        return _WORDS.get(tag, "")

    def _note(self, reference: Any) -> str:
        kind = "footnote" if reference.tag == f"{W}footnoteReference" else "endnote"
        note = self.notes.get((kind, reference.get(f"{W}id")))
        if note is None:
            return ""
        if value_of(note.find(f"{W}p/{W}pPr"), "pStyle") == POSITIONS:
            return "".join(text.text or "" for text in note.iter(f"{W}t")) + ":"
        self.count += 1
        self.noted.append((self.count, note))
        return f"[^{self.count}]"

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self.fields.append(False)
        elif kind == "separate" and self.fields:
            self.fields[-1] = True
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _colour(self, properties: Any) -> str:
        if value_of(properties, "rStyle") in OURS:
            return ""
        if properties.find(f"{W}vanish") is not None:
            self.warnings.append(_("The document contains hidden text, which is imported like any other text."))
        colour = value_of(properties, "color")
        if colour.upper() not in _PLAIN_COLOURS and colour != "auto":
            return f"colour {colour.upper()}"
        if (highlight := value_of(properties, "highlight")) not in _PLAIN_COLOURS:
            return f"highlight {highlight}"
        for name in ("strike", "dstrike"):
            mark = properties.find(f"{W}{name}")
            if mark is not None and mark.get(f"{W}val") not in ("0", "false"):
                return "struck out"
        style = value_of(properties, "rStyle")
        named = self.styles[style].name
        return (
            f"style {named}" if named and style != _HYPERLINK and not named.startswith(("foot", "end", "anno")) else ""
        )
