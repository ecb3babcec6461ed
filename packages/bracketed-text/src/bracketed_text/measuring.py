"""Compute figures for a text. `Measures` defines each figure. No figure measures agreement."""

from collections.abc import Iterable
from typing import NamedTuple

from bracketed_text.alternatives import Form, variants
from bracketed_text.heads import OPPOSE
from bracketed_text.labels import says_no_text
from bracketed_text.tree import Tree
from bracketed_text.words import WORD


class Measures(NamedTuple):
    """The figures of one provision, or the total of several provisions.

    words             number of words; heads, labels, notes, placeholders, footnote marks and links are not counted,
                      and neither is "no text", which marks an empty option
    contested_words   number of words in a bracket or a labelled option
    open_brackets     number of pairs of negotiation brackets, at any depth
    alternatives      number of alternatives and labelled options
    depth             depth of the most deeply nested bracket
    named             codes of the members and groupings named in a head
    opposing          codes of the members and groupings that oppose any text
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
        """The number of words outside all brackets and labelled options."""
        return self.words - self.contested_words

    @property
    def clean_share(self) -> float | None:
        """The share of clean words, from 0 to 1, or None for a text without words."""
        return self.clean_words / self.words if self.words else None

    def __or__(self, measures: "Measures") -> "Measures":
        """Return the sum of two sets of figures."""
        return Measures(
            self.words + measures.words,
            self.contested_words + measures.contested_words,
            self.open_brackets + measures.open_brackets,
            self.alternatives + measures.alternatives,
            max(self.depth, measures.depth),
            self.named | measures.named,
            self.opposing | measures.opposing,
        )


def together(measures: Iterable[Measures]) -> Measures:
    """Return the sum of the figures of several provisions."""
    total = Measures()
    for figures in measures:
        total |= figures
    return total


def measure(tree: Tree) -> Measures:
    """Return the figures of one provision."""
    all_variants = variants(tree)
    brackets = list(tree.walk())
    options = sorted((item.body, item.end) for run in tree.runs for item in run if item.container is None)
    total, contested = _count_words(tree, options)
    return Measures(
        words=total,
        contested_words=contested,
        open_brackets=len(brackets),
        alternatives=sum(item.form is not Form.BRACKET for item in all_variants),
        depth=max((depth for _, depth in brackets), default=0),
        named=frozenset[str]().union(*(bracket.head.names() for bracket, _ in brackets)),
        opposing=frozenset[str]().union(*(bracket.head.names(OPPOSE) for bracket, _ in brackets)),
    )


def _count_words(tree: Tree, options: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the number of words and the number of contested words.

    `options` contains the spans of the labelled options outside brackets, in order. In "member[s]", each side of the
    mark counts as a word, so that clean and contested words add up to the total.
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
            if last > end:  # the option continues after a bracket
                break
            at += 1
    return total, contested
