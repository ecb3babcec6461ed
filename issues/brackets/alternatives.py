"""Variants of the text: what somebody may choose between. One per bracket, alternative or labelled option.

[a] / [b]     [a] or [b]          alternatives: exactly one survives
[a/b]                             alternatives inside one bracket, where nothing else stands in it
[a][b]        [a] [b]             a run: alternatives or options, undetermined until somebody says which
[CAN propose: may] [CAN oppose: shall]      a mirror pair: one substitution
Option 1: …   Option 2: …         labelled blocks
"""

import itertools
import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from issues.brackets.heads import NO_HEAD, OPPOSE, PROPOSE, Head
from issues.brackets.tree import Bracket, Tree


class Form(Enum):
    """How a variant stands in the text."""

    BRACKET = "bracket"
    ALTERNATIVE = "alternative"
    OPTION = "option"


class Relation(Enum):
    """What binds neighbours together."""

    ALTERNATIVES = "alternatives"
    RUN = "run"
    MIRROR = "mirror"
    OPTIONS = "options"
    INSIDE = "inside"  # [a/b]


class Group(NamedTuple):
    """Neighbours among which one chooses; `spans` are the offsets of their words."""

    relation: Relation
    spans: tuple[tuple[int, int], ...]


class Variant(NamedTuple):
    """The words `text[start:end]`, without marks and head. `bracket` is the one around them, if any."""

    form: Form
    start: int
    end: int
    depth: int
    head: Head
    bracket: Bracket | None


_ALTERNATIVE_GAP = re.compile(r"[ \t]*(?:/|\bor\b)[ \t]*\n?[ \t]*")
_RUN_GAP = re.compile(r"[ \t]*")
_OPTION_GAP = re.compile(r"\s*(?:or\b\s*)?")
_LABEL = re.compile(
    r"[ \t]*(?:option|alt(?:ernative)?)\.?[ \t]+(\d{1,2}|[A-Za-z]|[ivxIVX]{1,4})[ \t]*(?:[:.]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_LABEL_AT_LINE = re.compile(r"^" + _LABEL.pattern, re.IGNORECASE | re.MULTILINE)
_END_OF_OPTIONS = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:\d{1,3}\.|\(?[a-z]\)|article\b)[ \t])", re.IGNORECASE)
# Slashes that separate no alternatives.
_WHOLE = re.compile(r"\b(?:and/or|or/and|he/she|she/he|his/her|her/his|him/her|s/he|km/h|m/s|c/o|n/a)\b", re.IGNORECASE)
_SYMBOL = re.compile(r"[A-Z0-9.()-]+")


def inner_alternatives(text: str, bracket: Bracket) -> list[tuple[int, int]]:
    """Return where the alternatives of `[a/b]` stand, or nothing where the bracket is not of that form."""
    start, close = bracket.body, bracket.close
    if bracket.children or bracket.head is not NO_HEAD or text.find("/", start, close) < 0:
        return []
    inside = text[start:close]
    if "://" in inside or "\n\n" in inside:
        return []
    kept = {match.start() + match[0].index("/") for match in _WHOLE.finditer(inside)}
    cuts = [at for at, letter in enumerate(inside) if letter == "/" and at not in kept]
    edges = [-1, *cuts, len(inside)]
    pieces = [(before + 1, after) for before, after in itertools.pairwise(edges)]
    words = [inside[first:last].strip() for first, last in pieces]
    if len(words) < 2 or not all(words) or all(_SYMBOL.fullmatch(word) for word in words):
        return []  # "24/7", "WT/GC/W/812"
    return [(start + first, start + last) for first, last in pieces]


def groups(tree: Tree) -> list[Group]:
    """Return what stands for choice in `tree`, in order of the text; a bracket is in one group at most."""
    found: list[Group] = []
    for siblings in _families(tree):
        found += _neighbours(tree.text, siblings)
    for bracket, _ in tree.walk():
        spans = inner_alternatives(tree.text, bracket)
        if spans:
            found.append(Group(Relation.INSIDE, tuple(spans)))
    found += _labelled_blocks(tree)
    return sorted(found, key=lambda group: group.spans)


def variants(tree: Tree) -> list[Variant]:
    """Return every variant of `tree`, in order of the text, outer before inner."""
    chosen_among = groups(tree)
    forms = {
        span[0]: Form.OPTION if group.relation is Relation.OPTIONS else Form.ALTERNATIVE
        for group in chosen_among
        if group.relation is not Relation.RUN
        for span in group.spans
    }
    found: list[Variant] = []
    for bracket, depth in tree.walk():
        inside = inner_alternatives(tree.text, bracket)
        if inside:
            found += [Variant(Form.ALTERNATIVE, start, end, depth, NO_HEAD, bracket) for start, end in inside]
        else:
            form = forms.get(bracket.body, Form.BRACKET)
            found.append(Variant(form, bracket.body, bracket.close, depth, bracket.head, bracket))
    bracketed = {variant.start for variant in found}
    for group in chosen_among:
        if group.relation is Relation.OPTIONS and group.spans[0][0] not in bracketed:
            found += [Variant(Form.OPTION, start, end, 1, NO_HEAD, None) for start, end in group.spans]
    return sorted(found, key=lambda variant: (variant.start, -variant.end))


def _families(tree: Tree) -> Iterator[list[Bracket]]:
    """Yield the negotiation brackets that stand side by side: at the top, and in each bracket."""
    yield [bracket for bracket in tree.brackets if bracket.contested]
    for bracket, _ in tree.walk():
        if bracket.children:
            yield [child for child in bracket.children if child.contested]


def _neighbours(text: str, siblings: list[Bracket]) -> Iterator[Group]:
    """Yield the groups among `siblings` that nothing but a separator parts.

    "[a][b] / [c]" is one choice: a separator anywhere in the chain says what the chain is.
    """
    chain: list[Bracket] = siblings[:1]
    links: set[Relation] = set()
    for before, after in itertools.pairwise(siblings):
        link = _link(text, before, after)
        if link is None:
            yield from _group(chain, links)
            chain, links = [], set()
        else:
            links.add(link)
        chain.append(after)
    yield from _group(chain, links)


def _link(text: str, before: Bracket, after: Bracket) -> Relation | None:
    """Return what binds two neighbours, or None."""
    if _ALTERNATIVE_GAP.fullmatch(text, before.end, after.start):
        return Relation.ALTERNATIVES
    if _RUN_GAP.fullmatch(text, before.end, after.start):
        return Relation.RUN
    labelled = _LABEL.match(text, before.body, before.close) and _LABEL.match(text, after.body, after.close)
    if labelled and _OPTION_GAP.fullmatch(text, before.end, after.start):
        return Relation.OPTIONS
    return None


def _group(chain: list[Bracket], links: set[Relation]) -> Iterator[Group]:
    if not links:
        return
    relation: Relation = next(kind for kind in (Relation.OPTIONS, Relation.ALTERNATIVES, Relation.RUN) if kind in links)
    if relation is Relation.RUN and len(chain) == 2 and mirrors(*chain):
        relation = Relation.MIRROR
    yield Group(relation, tuple((bracket.body, bracket.close) for bracket in chain))


def mirrors(one: Bracket, other: Bracket) -> bool:
    """Return whether somebody proposes the words of one bracket and opposes those of the other."""
    return bool(
        one.head.names(PROPOSE) & other.head.names(OPPOSE) or one.head.names(OPPOSE) & other.head.names(PROPOSE)
    )


def _labelled_blocks(tree: Tree) -> Iterator[Group]:
    """Yield the runs of lines that begin "Option 1:" within one container, each up to the next label."""
    text = tree.text
    containers = [(0, len(text), tree.brackets)]
    containers += [(bracket.body, bracket.close, bracket.children) for bracket, _ in tree.walk()]
    labels = [match.start() for match in _LABEL_AT_LINE.finditer(text)]
    if not labels:
        return
    for start, end, children in containers:
        yield from _blocks_in(text, start, end, children, labels)


def _blocks_in(text: str, start: int, end: int, children: list[Bracket], labels: list[int]) -> Iterator[Group]:
    own = [at for at in labels if start <= at < end and not any(child.start <= at < child.end for child in children)]
    if _LABEL.match(text, start, end) and start not in own and start:
        own.insert(0, start)  # the label that follows the opening mark
    if len(own) < 2:
        return
    spans = list(itertools.pairwise(own))
    last = own[-1]
    stop = _END_OF_OPTIONS.search(text, last, end)
    spans.append((last, stop.start() if stop else end))
    yield Group(Relation.OPTIONS, tuple(spans))
