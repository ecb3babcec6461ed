"""Write Akoma Ntoso 3.0, with alternatives and positions in this site's namespace.

Each negotiation bracket is written as an `inline` element named "variant". A bracket that spans several paragraphs
becomes several such elements with the same number. `meta/proprietary` records the kind of each bracket and the
positions taken on it; see `docs/how-to/interchange.md`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from bracketed_text import Tree
from bracketed_text.advanced import Bracket, groups, variants
from issues.interchange.akoma.names import AKN, AKN_NAMESPACE, OWN, OWN_NAMESPACE
from issues.interchange.export import Export, Text
from issues.interchange.spans import Paragraph, Span, group_lines, paragraphs
from members.plain_text import sanitize

_US = "#tracker"


def write_akoma(export: Export) -> bytes:
    """Return the document, which contains the text as of one date and no record of earlier changes."""
    root = etree.Element(f"{AKN}akomaNtoso", nsmap={None: AKN_NAMESPACE, "t": OWN_NAMESPACE})
    document = etree.SubElement(root, f"{AKN}doc", name="negotiatingText")
    meta = etree.SubElement(document, f"{AKN}meta")
    _identification(meta, export)
    _references(meta, export)
    proprietary = etree.SubElement(meta, f"{AKN}proprietary", source=_US)
    _about(proprietary, export)
    body = etree.SubElement(document, f"{AKN}mainBody")
    number = 0
    for at, part in enumerate(export.parts, start=1):
        section = etree.SubElement(body, f"{AKN}section", {"eId": f"sec_{at}", f"{OWN}part": "section"})
        etree.SubElement(section, f"{AKN}num").text = sanitize(part.section.label)
        etree.SubElement(section, f"{AKN}heading").text = sanitize(part.section.title)
        for text in part.texts:
            number += 1
            _provision(section, text, f"sec_{at}__art_{number}")
            _positions(proprietary, text.tree, f"sec_{at}__art_{number}")
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def _identification(meta: Any, export: Export) -> None:
    work = f"/akn/un/doc/{export.negotiation.slug}"
    day = export.day.isoformat()
    identification = etree.SubElement(meta, f"{AKN}identification", source=_US)
    for name, uri, date in (
        ("FRBRWork", work, ("negotiation", (export.negotiation.stands_on or export.day).isoformat())),
        ("FRBRExpression", f"{work}/eng@{day}", ("as of", day)),
        ("FRBRManifestation", f"{work}/eng@{day}.xml", ("exported", export.exported_on.isoformat())),
    ):
        level = etree.SubElement(identification, f"{AKN}{name}")
        etree.SubElement(level, f"{AKN}FRBRthis", value=f"{uri}/!main")
        etree.SubElement(level, f"{AKN}FRBRuri", value=uri)
        etree.SubElement(level, f"{AKN}FRBRdate", name=date[0], date=date[1])
        etree.SubElement(level, f"{AKN}FRBRauthor", href=_US)
        if name == "FRBRWork":
            etree.SubElement(level, f"{AKN}FRBRcountry", value="un")
        elif name == "FRBRExpression":
            etree.SubElement(level, f"{AKN}FRBRlanguage", language="eng")


def _references(meta: Any, export: Export) -> None:
    """List the tracker and every holder of a position."""
    references = etree.SubElement(meta, f"{AKN}references", source=_US)
    etree.SubElement(
        references, f"{AKN}TLCOrganization", eId="tracker", href="/ontology/organization/tracker", showAs="JSI tracker"
    )
    heads = (bracket.head for text in export.texts() for bracket, _depth in text.tree.walk())
    for code in sorted({code for head in heads for code in head.names()}):
        etree.SubElement(
            references,
            f"{AKN}TLCOrganization",
            eId=_id(code),
            href=f"/ontology/organization/{_id(code)}",
            showAs=sanitize(export.names.get(code, code)),
        )


def _id(code: str) -> str:
    return "member_" + "".join(letter if letter.isalnum() else "_" for letter in code)


def _about(proprietary: Any, export: Export) -> None:
    about = etree.SubElement(proprietary, f"{OWN}about")
    for name, value in export.about:
        etree.SubElement(about, f"{OWN}said", name=sanitize(name)).text = sanitize(value)


def _provision(section: Any, text: Text, eid: str) -> None:
    """Write a provision. A heading that the text already contains is written as an attribute, not as an element."""
    article = etree.SubElement(section, f"{AKN}article", {"eId": eid, f"{OWN}slug": text.provision.slug})
    if text.provision.demonstration:
        article.set(f"{OWN}demonstration", "true")
    if text.heading_length:
        article.set(f"{OWN}title", sanitize(text.provision.heading))
    else:
        etree.SubElement(article, f"{AKN}heading").text = sanitize(text.provision.heading)
    content = etree.SubElement(article, f"{AKN}content", eId=f"{eid}__content")
    numbers = {variant.bracket.start: at for at, variant in enumerate(variants(text.tree), start=1) if variant.bracket}
    lines = _Lines(text.tree, numbers)
    for together in group_lines(paragraphs(text)):
        lines.fill(etree.SubElement(content, f"{AKN}p"), together)


class _Lines:
    """A writer of blocks that divides the text into inline elements, one for each negotiation bracket in a block."""

    def __init__(self, tree: Tree, numbers: dict[int, int]) -> None:
        self.numbers = numbers
        self.around = {id(bracket): path for bracket, path in _paths(tree.brackets, ())}

    def fill(self, block: Any, lines: Iterable[Paragraph]) -> None:
        """Write the lines into an empty block."""
        open_now: list[Any] = [block]
        brackets: list[Bracket] = []
        for at, line in enumerate(lines):
            if at:
                etree.SubElement(open_now[-1], f"{AKN}eol")
            for span in line.spans:
                self._open_path(self._path(span), open_now, brackets)
                _append_text(open_now[-1], span.text)

    def _path(self, span: Span) -> tuple[Bracket, ...]:
        return self.around.get(id(span.bracket), ()) if span.bracket is not None and span.bracket.contested else ()

    def _open_path(self, path: tuple[Bracket, ...], open_now: list[Any], brackets: list[Bracket]) -> None:
        """Close and open inline elements until the open elements correspond to `path`."""
        same = 0
        while same < min(len(path), len(brackets)) and path[same] is brackets[same]:
            same += 1
        del brackets[same:], open_now[same + 1 :]
        for bracket in path[same:]:
            inline = etree.SubElement(open_now[-1], f"{AKN}inline", name="variant")
            if number := self.numbers.get(bracket.start):
                inline.set(f"{OWN}variant", str(number))
            open_now.append(inline)
            brackets.append(bracket)


def _paths(brackets: Iterable[Bracket], above: tuple[Bracket, ...]) -> Iterator[tuple[Bracket, tuple[Bracket, ...]]]:
    """Yield each bracket with its path.

    The path contains the negotiation brackets around the bracket, outermost first, and the bracket itself if it is a
    negotiation bracket.
    """
    waiting = [(bracket, above) for bracket in brackets]
    while waiting:
        bracket, around = waiting.pop()
        path = (*around, bracket) if bracket.contested else around
        yield bracket, path
        waiting += [(child, path) for child in bracket.children]


def _append_text(element: Any, text: str) -> None:
    """Append text to the content of an element."""
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _positions(proprietary: Any, tree: Tree, eid: str) -> None:
    """Write the variants in one provision, the positions on each variant, and the groups that the variants form."""
    choices = variants(tree)
    if not choices:
        return
    of_provision = etree.SubElement(proprietary, f"{OWN}provision", of=f"#{eid}")
    numbers = {}
    for number, variant in enumerate(choices, start=1):
        numbers[variant.begin] = number
        row = etree.SubElement(of_provision, f"{OWN}variant", number=str(number), kind=variant.form.value)
        for claim in variant.head.claims:
            for code in claim.names:
                etree.SubElement(
                    row, f"{OWN}position", stance=claim.stance, holder=sanitize(code), href=f"#{_id(code)}"
                )
    for group in groups(tree):
        starts = [*(member.start for member in group.brackets), *(member.start for member in group.blocks)]
        members = [numbers.get(start) for start in starts]
        if len(members) > 1 and all(members):
            joined_numbers = " ".join(map(str, members))
            etree.SubElement(of_provision, f"{OWN}together", relation=group.relation.value, variants=joined_numbers)
