"""A whole document: cut into provisions, each parsed on its own, and seen as one text again.

Brackets pair inside one part and never across the document. A bracket around the whole document, as a chair puts
it to say that nothing is agreed, is reported and left out: it would add one to every depth and leave no clean word.
"""

from collections.abc import Sequence
from typing import NamedTuple

from bracketed_text.cutting import Cut, Part, cut, without_furniture
from bracketed_text.diagnostics import Code, Diagnostic
from bracketed_text.measuring import Measures, measure
from bracketed_text.parsing import EMPTY_REGISTER, parse
from bracketed_text.register import Register
from bracketed_text.tree import Block, Bracket, Tree


class Section(NamedTuple):
    """A part of the document as it was cut, and its tree; offsets in the tree count from `cut.start`."""

    cut: Cut
    tree: Tree


class Document(NamedTuple):
    """The parts of `text` in order. With the two marks of `wrapper`, if there is one, they are the whole text."""

    text: str
    sections: tuple[Section, ...]
    wrapper: tuple[int, int] | None
    register: Register

    def tree(self) -> Tree:
        """Return the whole as one tree, with the brackets of each part at their place in the document."""
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
                one._replace(start=one.start + shift, end=one.end + shift)
                for one in section.tree.diagnostics
                # An option that holds whole paragraphs is a heading; the others are other headings.
                if not (one.code is Code.SINGLE_OPTION and section.cut.part is Part.HEADING)
            ]
            runs += [tuple(_moved(block, shift, moved) for block in run) for run in section.tree.runs]
            labels += [(start + shift, end + shift) for start, end in section.tree.labels]
        if self.wrapper is not None:
            findings.append(Diagnostic(Code.WHOLE_DOCUMENT, self.wrapper[0], self.wrapper[0] + 1))
            findings.sort(key=lambda found: found.start)
        whole.runs, whole.labels = runs, labels
        return whole

    def measures(self) -> list[Measures]:
        """Return the figures of each part, without page furniture."""
        return [
            measure(parse(without_furniture(self.text, one.cut), self.register) if one.cut.furniture else one.tree)
            for one in self.sections
        ]


def parse_document(text: str, register: Register = EMPTY_REGISTER) -> Document:
    """Return the parts of `text`, cut by `cut` and parsed with the names of `register`; never raises."""
    sections = [Section(one, parse(text[one.start : one.end], register)) for one in cut(text)]
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
        sections = [Section(one, parse(text[one.start : one.end], register)) for one in map(_with_own_furniture, cuts)]
    return Document(text, tuple(sections), wrapper, register)


def _with_own_furniture(one: Cut) -> Cut:
    return one._replace(furniture=tuple(span for span in one.furniture if one.start <= span[0] and span[1] <= one.end))


def _wrapper(text: str, sections: Sequence[Section]) -> tuple[int, int] | None:
    """Return where the bracket around the whole document opens and closes.

    It is what stands first and last in the document, in different parts, and pairs with nothing in either.
    """
    if len(sections) < 2:
        return None
    start, end = len(text) - len(text.lstrip()), len(text.rstrip(" \t\r\n.")) - 1
    first, last = sections[0], sections[-1]
    opens = any(
        found.code is Code.UNMATCHED_OPEN and found.start + first.cut.start == start for found in first.tree.diagnostics
    )
    closes = any(
        found.code is Code.UNMATCHED_CLOSE and found.start + last.cut.start == end for found in last.tree.diagnostics
    )
    return (start, end) if opens and closes else None


def _shifted(brackets: Sequence[Bracket], shift: int, moved: dict[int, Bracket]) -> list[Bracket]:
    """Return copies of `brackets` with all within, `shift` further on; `moved` finds each copy by the old place."""
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
