"""Read Akoma Ntoso 3.0.

A document written by this site yields exactly the text from which it was written. In other documents, headings mark the
beginnings of provisions.
"""

from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from issues.interchange.akoma.names import AKN, OWN
from issues.interchange.drafts import Draft, Paragraph, Run
from issues.interchange.file_checks import Unreadable, require_length, require_no_entities
from issues.interchange.word.styles import ANCHORS, HEADED, SECTIONED, anchor_name

_BLOCKS = frozenset(f"{AKN}{name}" for name in ("p", "heading", "subheading", "num", "docTitle", "block"))
_HEADINGS = frozenset(f"{AKN}{name}" for name in ("heading", "docTitle"))
# Metadata and other content that is not part of the text.
_PASSED_OVER = frozenset(f"{AKN}{name}" for name in ("meta", "coverPage", "conclusions", "attachments"))


def read_akoma(data: bytes) -> Draft:
    """Return the draft of an Akoma Ntoso document. Raises Unreadable if `data` is not a valid document with text."""
    require_no_entities(data)
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise Unreadable(
            _(
                "The XML is damaged or incomplete (%(error)s). Export the file again, or send the text as .docx or "
                "plain text."
            )
            % {"error": error.msg}
        ) from error
    if root.tag != f"{AKN}akomaNtoso":
        raise Unreadable(_("The only XML format accepted is Akoma Ntoso 3.0. Send the text as .docx or plain text."))
    paragraphs: list[Paragraph] = []
    _walk(root, paragraphs)
    require_length(sum(len(paragraph.text) for paragraph in paragraphs))
    if not any(paragraph.text.strip() for paragraph in paragraphs):
        raise Unreadable(_("The file contains no text."))
    invented = any(node.get(f"{OWN}demonstration") == "true" for node in root.iter(f"{AKN}article"))
    return Draft("akn", tuple(paragraphs), demonstration=invented)


def _walk(root: Any, paragraphs: list[Paragraph]) -> None:
    """Append the paragraphs below `root` to `paragraphs` in document order, without recursion."""
    waiting = [root]
    number = ""
    while waiting:
        node = waiting.pop()
        if not isinstance(node.tag, str) or node.tag in _PASSED_OVER:
            continue
        if node.get(f"{OWN}slug") is not None:
            heading = node.find(f"{AKN}heading")
            title = node.get(f"{OWN}title")
            title_run = Run(title or ("" if heading is None else _words_of(heading)))
            anchor = anchor_name(node.get(f"{OWN}slug"))[len(ANCHORS) :]
            paragraphs.append(Paragraph((title_run,), end="", role=HEADED, anchor=anchor))
            waiting += reversed([child for child in node if child.tag not in (f"{AKN}heading", f"{AKN}num")])
        elif node.get(f"{OWN}part") == "section":
            title = " ".join(_words_of(child) for child in node if child.tag in (f"{AKN}num", f"{AKN}heading"))
            paragraphs.append(Paragraph((Run(title),), role=SECTIONED))
            waiting += reversed([child for child in node if child.tag not in (f"{AKN}heading", f"{AKN}num")])
        elif node.tag == f"{AKN}num":
            number = _words_of(node).strip()
        elif node.tag in _BLOCKS:
            text = _words_of(node)
            level = 1 if node.tag in _HEADINGS else 0
            lead = f"{number} " if number and not level else ""
            paragraphs.append(Paragraph((Run(f"{number} {text}" if level and number else lead + text),), level))
            number = ""
        else:
            waiting += reversed(node)


def _words_of(node: Any) -> str:
    """Return the text of a block, with a line break for each `eol`."""
    parts = []
    for event, inner in etree.iterwalk(node, events=("start", "end")):
        if event == "start":
            parts.append("\n" if inner.tag == f"{AKN}eol" else inner.text or "")
        elif inner is not node:
            parts.append(inner.tail or "")
    return "".join(parts)
