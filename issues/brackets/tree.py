"""The tree of a bracketed text. It holds offsets into the text, so that no character can be lost or changed.

Two rules from which the rest follows:
1. Square brackets hold text that is not agreed; what stands outside them is base text.
2. Some brackets are not negotiation (blanks, footnote marks, links, notes): kept, never counted, never read.
"""

from bisect import bisect_right
from collections.abc import Iterator
from enum import Enum

from issues.brackets.diagnostics import Diagnostic, Severity
from issues.brackets.heads import NO_HEAD, Head


class Kind(Enum):
    """What a pair of brackets is."""

    NEGOTIATION = "negotiation"
    PLACEHOLDER = "placeholder"  # [...], [ ], [X], [date]
    FOOTNOTE = "footnote"  # word[27], [^1]
    LINK = "link"  # [text](target)
    NOTE = "note"  # [Note: …], {…}


class Bracket:
    """One pair of brackets: `text[start:end]` with its marks; the words begin at `body`, behind the head."""

    __slots__ = ("children", "end", "head", "kind", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start + 1
        self.kind = Kind.NEGOTIATION
        self.head: Head = NO_HEAD
        self.children: list[Bracket] = []

    @property
    def body(self) -> int:
        """The offset at which the words begin."""
        return self.start + (self.head.length or 1)

    @property
    def close(self) -> int:
        """The offset of the closing mark."""
        return self.end - 1

    @property
    def contested(self) -> bool:
        """Whether it is negotiation."""
        return self.kind is Kind.NEGOTIATION

    def __repr__(self) -> str:
        return f"Bracket({self.start}, {self.end}, {self.kind.value})"


class Tree:
    """A text, its brackets in order, and what is wrong with it. Equal texts give equal trees."""

    __slots__ = ("_lines", "brackets", "diagnostics", "text")

    def __init__(self, text: str, brackets: list[Bracket], diagnostics: list[Diagnostic]) -> None:
        self.text = text
        self.brackets = brackets
        self.diagnostics = diagnostics
        self._lines: list[int] | None = None

    @property
    def errors(self) -> list[Diagnostic]:
        """The diagnostics that stop a change."""
        return [found for found in self.diagnostics if found.severity is Severity.ERROR]

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of `offset`, both from 1."""
        if self._lines is None:
            self._lines = [0, *(at + 1 for at, letter in enumerate(self.text) if letter == "\n")]
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def excerpt(self, start: int, end: int, around: int = 20) -> str:
        """Return `text[start:end]` with a little before and behind, on one line."""
        return " ".join(self.text[max(0, start - around) : min(end, start + around) + around].split())

    def walk(self) -> Iterator[tuple[Bracket, int]]:
        """Yield each negotiation bracket with its depth (1 outermost), in order of the text."""
        stack = [(bracket, 1) for bracket in reversed(self.brackets)]
        while stack:
            bracket, depth = stack.pop()
            if bracket.contested:
                yield bracket, depth
                stack.extend((child, depth + 1) for child in reversed(bracket.children))

    def pieces(self) -> Iterator[tuple[int, int, str, Bracket | None]]:
        """Yield the leaves (start, end, role, innermost bracket): joined, they are the text.

        Roles: "text", "open" (mark and head), "close", "aside" (a bracket that is not negotiation, whole).
        """
        position = 0
        stack: list[tuple[Bracket | None, Iterator[Bracket]]] = [(None, iter(self.brackets))]
        while stack:
            inside, children = stack[-1]
            child = next(children, None)
            until = child.start if child is not None else inside.close if inside is not None else len(self.text)
            if position < until:
                yield position, until, "text", inside
            position = until
            if child is None:
                stack.pop()
                if inside is not None:
                    yield position, inside.end, "close", inside
                    position = inside.end
            elif child.contested:
                yield child.start, child.body, "open", child
                position = child.body
                stack.append((child, iter(child.children)))
            else:
                yield child.start, child.end, "aside", child
                position = child.end
