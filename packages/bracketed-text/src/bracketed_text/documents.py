"""Parse the provisions of a document separately, and make the whole document available as one tree.

Brackets pair within a part. Chairs sometimes put a bracket around the whole document to indicate that nothing is
agreed. Such a bracket is reported but otherwise ignored: if it counted, every depth would increase by 1 and no word
would be clean.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from bracketed_text.cutting import Cut, Part, cut, without_furniture
from bracketed_text.diagnostics import Code, Diagnostic
from bracketed_text.measuring import Measures, measure
from bracketed_text.parsing import EMPTY_REGISTER, parse
from bracketed_text.register import Register
from bracketed_text.tree import Block, Bracket, Tree


class Section(NamedTuple):
    """A part of the document and its tree, whose offsets are relative to `cut.start`."""

    cut: Cut
    tree: Tree


class Document(NamedTuple):
    """A document, divided into parts. Together with the two marks of `wrapper`, if any, the parts make up `text`."""

    text: str
    sections: tuple[Section, ...]
    wrapper: tuple[int, int] | None
    register: Register

    def __repr__(self) -> str:
        parts = Counter(section.cut.part for section in self.sections)
        provisions, headings = parts[Part.PROVISION], parts[Part.HEADING]
        return f"<Document of {len(self.text)} characters, {provisions} provisions, {headings} headings>"

    def tree(self) -> Tree:
        """Return the whole document as one tree."""
        brackets: list[Bracket] = []
        findings: list[Diagnostic] = []
        whole = Tree(self.text, brackets, findings, self.register)
        runs: list[tuple[Block, ...]] = []
        labels: list[tuple[int, int]] = []
        for section in self.sections:
            shift = section.cut.start
            moved: dict[int, Bracket] = {}
            brackets += _shifted(section.tree.brackets, shift, moved)
            findings += [
                diagnostic._replace(start=diagnostic.start + shift, end=diagnostic.end + shift)
                for diagnostic in section.tree.diagnostics
                # An option that contains whole paragraphs is a heading, and so are the other options of its series.
                if not (diagnostic.code is Code.SINGLE_OPTION and section.cut.part is Part.HEADING)
            ]
            runs += [tuple(_moved(block, shift, moved) for block in run) for run in section.tree.runs]
            labels += [(start + shift, end + shift) for start, end in section.tree.labels]
        if self.wrapper is not None:
            findings.append(Diagnostic(Code.WHOLE_DOCUMENT, self.wrapper[0], self.wrapper[0] + 1))
            findings.sort(key=lambda diagnostic: diagnostic.start)
        whole.runs, whole.labels = runs, labels
        return whole

    def measures(self) -> list[Measures]:
        """Return the figures of each part, excluding page furniture."""
        return [
            measure(
                parse(without_furniture(self.text, section.cut), self.register)
                if section.cut.furniture
                else section.tree
            )
            for section in self.sections
        ]


def parse_document(text: str, register: Register = EMPTY_REGISTER) -> Document:
    """Divide `text` into parts, parse each part with the names in `register`, and return the document.

    The function never raises an exception.
    """
    sections = [_section(text, part, register) for part in cut(text)]
    wrapper = _wrapper(text, sections)
    if wrapper is not None:
        first, last = sections[0].cut, sections[-1].cut
        opening = [] if first.start == wrapper[0] else [first._replace(end=wrapper[0])]
        closing = [] if wrapper[1] + 1 == last.end else [last._replace(start=wrapper[1] + 1)]
        cuts = [
            *opening,
            first._replace(start=wrapper[0] + 1),
            *(section.cut for section in sections[1:-1]),
            last._replace(end=wrapper[1]),
            *closing,
        ]
        sections = [_section(text, _with_own_furniture(part), register) for part in cuts]
    return Document(text, tuple(sections), wrapper, register)


def _section(text: str, part: Cut, register: Register) -> Section:
    return Section(part, parse(text[part.start : part.end], register))


def _with_own_furniture(part: Cut) -> Cut:
    return part._replace(
        furniture=tuple(span for span in part.furniture if part.start <= span[0] and span[1] <= part.end)
    )


def _wrapper(text: str, sections: Sequence[Section]) -> tuple[int, int] | None:
    """Return the offsets of the two marks of a bracket around the whole document, or None.

    The marks must be the first and the last character of the document, apart from blanks and a final full stop. They
    must be in different parts and have no partner in their part.
    """
    if len(sections) < 2:
        return None
    start, end = len(text) - len(text.lstrip()), len(text.rstrip(" \t\r\n.")) - 1
    first, last = sections[0], sections[-1]
    opens = (Code.UNMATCHED_OPEN, start - first.cut.start) in _places(first.tree)
    closes = (Code.UNMATCHED_CLOSE, end - last.cut.start) in _places(last.tree)
    return (start, end) if opens and closes else None


def _places(tree: Tree) -> set[tuple[Code, int]]:
    return {(diagnostic.code, diagnostic.start) for diagnostic in tree.diagnostics}


def _shifted(brackets: Sequence[Bracket], shift: int, moved: dict[int, Bracket]) -> list[Bracket]:
    """Return deep copies of `brackets`, moved by `shift`, and add each copy to `moved` under its old start."""
    copies: list[Bracket] = []
    waiting: list[tuple[Bracket, list[Bracket]]] = [(bracket, copies) for bracket in reversed(brackets)]
    while waiting:
        bracket, into = waiting.pop()
        children: list[Bracket] = []
        copy = Bracket(bracket.start + shift, bracket.end + shift, bracket.kind, bracket.head, children)
        moved[bracket.start] = copy
        into.append(copy)
        waiting += [(child, children) for child in reversed(bracket.children)]
    return copies


def _moved(block: Block, shift: int, moved: dict[int, Bracket]) -> Block:
    container = moved[block.container.start] if block.container else None
    return Block(block.label, block.start + shift, block.body + shift, block.end + shift, container)
