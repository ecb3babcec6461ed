"""Read the styles, notes and comments of a Word package, which are separate from its main document."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from issues.interchange.drafts import Comment
from issues.interchange.word.numbering import W


class Style(NamedTuple):
    """A style, with the heading level that it sets, its numbering instance, its numbering level and its name."""

    level: int
    num: str
    num_level: int
    name: str


def related_parts(part: Any) -> list[tuple[str, Any]]:
    """Return the internal parts to which `part` refers, with their relationship types."""
    return [(relation.reltype, relation.target_part) for relation in part.rels.values() if not relation.is_external]


def root_of(part: Any) -> Any:
    """Return the root element of a part. Parts unknown to python-docx are parsed without resolving entities."""
    if part is None:
        return None
    if hasattr(part, "element"):
        return part.element
    return etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def value_of(parent: Any, name: str) -> str:
    """Return the value of the child element `name`, or ""."""
    element = parent.find(f"{W}{name}") if parent is not None else None
    return "" if element is None else element.get(f"{W}val") or ""


def outline_level(properties: Any) -> int:
    """Return the heading level that the outline level of a paragraph sets, or 0."""
    level = value_of(properties, "outlineLvl")
    return int(level) + 1 if level.isdecimal() and int(level) < 9 else 0


class Styles(dict[str, Style]):
    """The styles of a document, by identifier.

    Each style is resolved on first use, because templates define hundreds of styles, of which a text uses only a few.
    """

    def __init__(self, root: Any) -> None:
        super().__init__()
        self.rows = {style.get(f"{W}styleId"): style for style in root.iter(f"{W}style")} if root is not None else {}

    def __missing__(self, style: str) -> Style:
        self[style] = _style(style, self.rows)
        return self[style]


def _style(style: str, rows: dict[str, Any]) -> Style:
    """Return a style, including the properties that it inherits."""
    name = value_of(rows.get(style), "name")
    level, num, num_level = 0, "", 0
    seen: set[str] = set()
    at = style
    while at in rows and at not in seen:
        seen.add(at)
        properties = rows[at].find(f"{W}pPr")
        called = value_of(rows[at], "name").lower()
        if not level and called.startswith("heading ") and called[8:].isdecimal():
            level = int(called[8:])
        level = level or outline_level(properties)
        numbered = properties.find(f"{W}numPr") if properties is not None else None
        if numbered is not None and not num:
            num = value_of(numbered, "numId")
            num_level = int(value_of(numbered, "ilvl") or 0)
        at = value_of(rows[at], "basedOn")
    return Style(level, num, num_level, name)


def read_notes(root: Any, kind: str) -> dict[tuple[str, str], Any]:
    """Return the notes of one kind, "footnote" or "endnote", by kind and identifier, without separators."""
    if root is None:
        return {}
    notes = root.iter(f"{W}{kind}")
    return {(kind, note.get(f"{W}id")): note for note in notes if note.get(f"{W}type") in (None, "normal")}


def read_comments(root: Any) -> Iterator[Comment]:
    """Yield the comments of a document."""
    for comment in root.iter(f"{W}comment") if root is not None else ():
        paragraphs = ("".join(text.text or "" for text in inner.iter(f"{W}t")) for inner in comment.iter(f"{W}p"))
        words = "\n".join(paragraphs).strip()
        yield Comment(
            comment.get(f"{W}id"), comment.get(f"{W}author") or "", (comment.get(f"{W}date") or "")[:10], words
        )
