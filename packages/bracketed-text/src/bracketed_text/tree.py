"""Represent a bracketed text as a tree. The tree contains offsets into the text, so no character is lost or changed.

Two rules explain the structure:

1. Square brackets contain text that is not agreed. Text outside brackets is base text.
2. Placeholders, footnote marks, links and notes are brackets that are not under negotiation. They remain in the tree
   but are never counted.

Joined together, the pieces of a tree are the text. For example, the pieces of "A [CAN: b] c." are "A ", "[CAN:", " b",
"]" and " c.".
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from bracketed_text.diagnostics import Diagnostic, Severity
from bracketed_text.heads import Head
from bracketed_text.register import Register


class Kind(Enum):
    """The use of a pair of brackets."""

    NEGOTIATION = "negotiation"
    PLACEHOLDER = "placeholder"  # [...], [ ], [X], [date]
    FOOTNOTE = "footnote"  # word[27], [^1]
    LINK = "link"  # [text](target)
    NOTE = "note"  # [Note: …], {…}


_NEGOTIATION = Kind.NEGOTIATION


class Bracket:
    """A pair of brackets, `text[start:end]` including its marks.

    The text inside begins at `body`, after the head. `children` contains the brackets directly inside this bracket, in
    order.
    """

    __slots__ = ("children", "end", "head", "kind", "start")

    def __init__(self, start: int, end: int, kind: Kind, head: Head, children: Sequence["Bracket"]) -> None:
        self.start = start
        self.end = end
        self.kind = kind
        self.head = head
        self.children = children

    @property
    def body(self) -> int:
        """The offset at which the text inside begins, after the head."""
        return self.start + (self.head.length or 1)

    @property
    def lead(self) -> int:
        """The offset at which the head begins. `text[start+1:lead]` is a paragraph number or empty."""
        return self.start + 1 + self.head.lead

    @property
    def close(self) -> int:
        """The offset of the closing mark."""
        return self.end - 1

    @property
    def contested(self) -> bool:
        """Whether the bracket is a negotiation bracket."""
        return self.kind is Kind.NEGOTIATION

    def __repr__(self) -> str:
        head = "; ".join(f"{', '.join(claim.names)} {claim.stance}" for claim in self.head.claims)
        return f"<Bracket {self.start}:{self.end} {self.kind.value}{f' {head}' if head else ''}>"


class Piece(NamedTuple):
    """A leaf of the tree, `text[start:end]`, with its role and the bracket to which it belongs.

    The roles are "text"; "open", the opening mark with the head; "head", a head that a paragraph number separates from
    the mark; "close", the closing mark; "label", the label of an option; and "aside", a whole bracket that is not a
    negotiation bracket. `bracket` is the bracket of the mark, head or aside; for text and labels, it is the innermost
    negotiation bracket around the piece, or None.
    """

    start: int
    end: int
    role: str
    bracket: Bracket | None


class Block(NamedTuple):
    """A labelled option, `text[start:end]`, whose text begins at `body`, after the label.

    `container` is the bracket around the options, if any.
    """

    label: str
    start: int
    body: int
    end: int
    container: Bracket | None


class Tree:
    """A text, with its outermost brackets in order and its diagnostics.

    `runs` contains the groups of labelled options, and `labels` contains the spans of their labels. `register` is the
    register with which the heads were read.
    """

    __slots__ = ("_lines", "brackets", "diagnostics", "labels", "register", "runs", "text")

    def __init__(
        self,
        text: str,
        brackets: Sequence[Bracket],
        diagnostics: list[Diagnostic],
        register: Register,
    ) -> None:
        self.text = text
        self.brackets = brackets
        self.diagnostics = diagnostics
        self.register = register
        self.runs: Sequence[tuple[Block, ...]] = ()
        self.labels: Sequence[tuple[int, int]] = ()
        self._lines: list[int] | None = None

    def __repr__(self) -> str:
        brackets = sum(1 for _ in self.walk())
        findings = f", {len(self.diagnostics)} diagnostics" if self.diagnostics else ""
        return f"<Tree {_shortened(self.text)}: {len(self.text)} characters, {brackets} brackets{findings}>"

    @property
    def errors(self) -> list[Diagnostic]:
        """The diagnostics that prevent a change from being recorded."""
        return [diagnostic for diagnostic in self.diagnostics if diagnostic.severity is Severity.ERROR]

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of `offset`, both counted from 1."""
        if self._lines is None:
            self._lines = [0, *(at + 1 for at, letter in enumerate(self.text) if letter == "\n")]
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def excerpt(self, start: int, end: int, around: int = 20) -> str:
        """Return `text[start:end]` with up to `around` characters of context on each side, on one line."""
        return " ".join(self.text[max(0, start - around) : min(end, start + around) + around].split())

    def walk(self) -> Iterator[tuple[Bracket, int]]:
        """Yield each negotiation bracket with its depth (1 for an outermost bracket), in text order."""
        for outermost in self.brackets:
            if outermost.kind is not _NEGOTIATION:
                continue
            yield outermost, 1
            if not outermost.children:
                continue
            stack = [(child, 2) for child in reversed(outermost.children)]
            while stack:
                bracket, depth = stack.pop()
                if bracket.kind is _NEGOTIATION:
                    yield bracket, depth
                    stack.extend((child, depth + 1) for child in reversed(bracket.children))

    def pieces(self) -> Iterator[Piece]:
        """Yield the leaves in order. Joined together, they are the text."""
        return self._split_at_labels() if self.labels else self._leaves()

    def _split_at_labels(self) -> Iterator[Piece]:
        labels = iter(self.labels)
        label = next(labels, None)
        for piece in self._leaves():
            start, end, role, bracket = piece
            while label is not None and label[1] <= start:
                label = next(labels, None)
            while label is not None and role == "text" and label[0] < end:
                if start < label[0]:
                    yield Piece(start, label[0], "text", bracket)
                yield Piece(max(start, label[0]), min(label[1], end), "label", bracket)
                start = min(label[1], end)
                if label[1] > end:
                    break
                label = next(labels, None)
            if start < end:
                yield Piece(start, end, role, bracket)

    def _leaves(self) -> Iterator[Piece]:
        position = 0
        stack: list[tuple[Bracket | None, Iterator[Bracket]]] = [(None, iter(self.brackets))]
        while stack:
            inside, children = stack[-1]
            child = next(children, None)
            until = child.start if child is not None else inside.end - 1 if inside is not None else len(self.text)
            if position < until:
                yield Piece(position, until, "text", inside)
            position = until
            if child is None:
                stack.pop()
                if inside is not None:
                    yield Piece(position, inside.end, "close", inside)
                    position = inside.end
            elif child.kind is Kind.NEGOTIATION:
                yield from _opening(child)
                position = child.body
                stack.append((child, iter(child.children)))
            else:
                yield Piece(child.start, child.end, "aside", child)
                position = child.end


def _opening(bracket: Bracket) -> Iterator[Piece]:
    start, lead, body = bracket.start, bracket.lead, bracket.body
    if lead == start + 1:
        yield Piece(start, body, "open", bracket)
    else:
        yield Piece(start, start + 1, "open", bracket)
        yield Piece(start + 1, lead, "text", bracket)
        yield Piece(lead, body, "head", bracket)


_LONGEST_REPR = 40


def _shortened(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_REPR else text[: _LONGEST_REPR - 1] + "…")
