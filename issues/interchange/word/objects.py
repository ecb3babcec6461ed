"""Recognize content other than running text in a Word document: images, text boxes, equations and page headers."""

from typing import Any

from django.utils.translation import gettext as _
from docx.opc.constants import RELATIONSHIP_TYPE

from issues.interchange.word.numbering import W

_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PLACED = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"

OBJECTS = frozenset({f"{W}drawing", f"{W}pict", f"{W}object", f"{_COMPATIBLE}AlternateContent"})
EQUATION = f"{_MATH}oMath"
# Embedded documents.
PARTS = frozenset({f"{W}altChunk", f"{W}subDoc"})
MARGINS = frozenset({RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER})


def text_boxes(element: Any) -> list[Any]:
    """Return the contents of the outermost text boxes in an object.

    Word stores each text box twice, once for newer programs and once as a fallback for older programs. The fallback is
    skipped.
    """
    doubled = f"{_COMPATIBLE}Fallback"
    return [
        box
        for box in element.iter(f"{W}txbxContent")
        if not any(ancestor.tag in (doubled, box.tag) for ancestor in box.iterancestors() if ancestor is not element)
    ]


def describe_object(element: Any) -> str:
    """Return the kind of an object, followed by its alternative text in parentheses, if any."""
    kind = _kind(element)
    described = next(element.iter(f"{_PLACED}docPr"), None)
    description = (described.get("descr") or "").strip() if described is not None else ""
    return f"{kind} ({description[:80]})" if description else kind


def _kind(element: Any) -> str:
    if element.tag == f"{W}object" or next(element.iter(f"{W}object"), None) is not None:
        return _("An embedded object")
    data = next(element.iter(f"{_DRAWN}graphicData"), None)
    uri = data.get("uri") or "" if data is not None else ""
    return _("A chart") if "chart" in uri else _("A diagram") if "diagram" in uri else _("An image")


def equation_text(equation: Any) -> str:
    """Return the characters of an equation in order."""
    return "".join(text.text or "" for text in equation.iter(f"{_MATH}t"))


def margin_text(margin: Any) -> str:
    """Return the text of a page header or footer, or "" if it contains no letters."""
    words = " ".join("".join(text.text or "" for text in margin.iter(f"{W}t")).split())
    return words if any(letter.isalpha() for letter in words) else ""
