"""Figures of a text. Each has its rule here; none of them is ever called agreement."""

from collections.abc import Iterable
from typing import NamedTuple

from bracketed_text.alternatives import Form, variants
from bracketed_text.heads import OPPOSE
from bracketed_text.labels import says_no_text
from bracketed_text.tree import Tree
from bracketed_text.words import WORD


class Measures(NamedTuple):
    """The figures of one provision, or of several added up.

    words             words of the text; heads, labels, notes, blanks, footnote marks and links are not counted,
                      nor "no text", which says that an option is empty
    contested_words   those of them inside a bracket or in a labelled option
    open_brackets     pairs of brackets that are negotiation, at any depth
    alternatives      alternatives and labelled options to choose among
    depth             how many brackets stand around the most enclosed word; 0 without any
    named             codes of the members and groupings named at a bracket
    opposing          codes of those that oppose somewhere
    """

    words: int = 0
    contested_words: int = 0
    open_brackets: int = 0
    alternatives: int = 0
    depth: int = 0
    named: frozenset[str] = frozenset()
    opposing: frozenset[str] = frozenset()

    @property
    def clean_words(self) -> int:
        """Words outside all brackets."""
        return self.words - self.contested_words

    @property
    def clean_share(self) -> float | None:
        """The part of the words that stands outside all brackets, 0 to 1; None for a text without words."""
        return self.clean_words / self.words if self.words else None

    def __or__(self, other: "Measures") -> "Measures":
        """Return the figures of both texts together."""
        return Measures(
            self.words + other.words,
            self.contested_words + other.contested_words,
            self.open_brackets + other.open_brackets,
            self.alternatives + other.alternatives,
            max(self.depth, other.depth),
            self.named | other.named,
            self.opposing | other.opposing,
        )


def together(measures: Iterable[Measures]) -> Measures:
    """Return the figures of several provisions added up."""
    total = Measures()
    for one in measures:
        total |= one
    return total


def measure(tree: Tree) -> Measures:
    """Return the figures of one provision."""
    found = variants(tree)
    brackets = list(tree.walk())
    options = sorted((one.body, one.end) for run in tree.runs for one in run if one.container is None)
    total, contested = _count_words(tree, options)
    return Measures(
        words=total,
        contested_words=contested,
        open_brackets=len(brackets),
        alternatives=sum(one.form is not Form.BRACKET for one in found),
        depth=max((depth for _, depth in brackets), default=0),
        named=frozenset[str]().union(*(bracket.head.names() for bracket, _ in brackets)),
        opposing=frozenset[str]().union(*(bracket.head.names(OPPOSE) for bracket, _ in brackets)),
    )


def _count_words(tree: Tree, options: list[tuple[int, int]]) -> tuple[int, int]:
    """Return all words and the contested ones; `options` are the labelled ones that stand in no bracket, in order.

    A word that a bracket divides, "member[s]", counts once on each side of the mark: so figures add up.
    """
    text = tree.text
    total = contested = at = 0
    for start, end, role, bracket in tree.pieces():
        if role != "text" or says_no_text(text, start, end):
            continue
        count = len(WORD.findall(text, start, end))
        total += count
        if bracket is not None:
            contested += count
            continue
        while at < len(options) and options[at][0] < end:
            first, last = options[at]
            contested += len(WORD.findall(text, max(start, first), min(end, last)))
            if last > end:  # it goes on behind a bracket
                break
            at += 1
    return total, contested
