"""Find the variants of a text and the groups of neighbouring variants.

A variant is a bracket, an alternative inside a bracket, or a labelled option. Neighbours are related as follows:

    [a] / [b]     [a] or [b]                    alternatives: exactly one survives
    [a/b]                                       alternatives inside a bracket that contains no other bracket
    [a][b]        [a] [b]                       a run: the relation is undetermined until the members declare it
    [a] {and/or} [b]                            independent options: any of them can stay
    [CAN propose: may] [CAN oppose: shall]      a mirror pair: a member substitutes one text for another
    Option 1: …   Option 2: …                   labelled options: exactly one survives
"""

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from bracketed_text.heads import FOR, NO_HEAD, OPPOSE, PROPOSE, Head
from bracketed_text.labels import holds_labels, label_at
from bracketed_text.tree import Block, Bracket, Tree


class Form(Enum):
    """The form in which a variant is written."""

    BRACKET = "bracket"
    ALTERNATIVE = "alternative"
    OPTION = "option"


class Relation(Enum):
    """The relation between neighbouring variants."""

    ALTERNATIVES = "alternatives"
    RUN = "run"
    MIRROR = "mirror"
    OPTIONS = "options"
    INSIDE = "inside"  # [a/b]
    INDEPENDENT = "independent"


# Relations in which at most one of the neighbours survives.
CHOICES = frozenset({Relation.ALTERNATIVES, Relation.MIRROR, Relation.OPTIONS, Relation.INSIDE})


class Group(NamedTuple):
    """Neighbouring variants that have the same relation to each other. `spans` contains the spans of their texts.

    `brackets` contains the brackets of the variants. For alternatives inside a bracket, it contains only that bracket.
    `blocks` contains labelled options without brackets.
    """

    relation: Relation
    spans: tuple[tuple[int, int], ...]
    brackets: tuple[Bracket, ...] = ()
    blocks: tuple[Block, ...] = ()

    @property
    def members(self) -> tuple[Bracket | Block, ...]:
        """The brackets or, in a group without brackets, the labelled options."""
        return self.brackets or self.blocks


class Variant(NamedTuple):
    """A variant. Its text, without marks, head and label, is `text[start:end]`.

    `bracket` is the bracket around the text, if any. `begin` is the offset of the variant's mark or label. If a
    paragraph number precedes the head, it is between `begin` and `start`.
    """

    form: Form
    start: int
    end: int
    depth: int
    head: Head
    bracket: Bracket | None
    begin: int

    @property
    def inside(self) -> bool:
        """Whether this variant is one of the alternatives inside a bracket."""
        return self.bracket is not None and (self.begin, self.end) != (self.bracket.start, self.bracket.close)

    @property
    def anchor(self) -> int:
        """The offset that identifies the variant in an operation.

        It is the start of the text for an alternative inside a bracket, and the start of the mark or label otherwise.
        """
        return self.start if self.inside else self.begin

    def words(self, text: str) -> str:
        """Return the variant's text as written, including a paragraph number before the head."""
        lead = self.head.lead
        return (
            text[self.begin + 1 : self.begin + 1 + lead] + text[self.start : self.end]
            if lead
            else text[self.start : self.end]
        )


# The maximum length of a separator, including the blanks around it.
WIDEST_GAP = 80
ALTERNATIVE_GAP = re.compile(r"[ \t]*(?:/|\bor\b)[ \t]*\n?[ \t]*")
_RUN_GAP = re.compile(r"[ \t]*")
INDEPENDENT_GAP = re.compile(r"[ \t]*\{[ \t]*and/or[ \t]*\}[ \t]*")
# The text between labelled brackets. A footnote number may follow the first bracket.
_OPTION_GAP = re.compile(r"(?:\d{1,3}\b|[⁰¹²³⁴-⁹]+|\[\^\d+\])?\s*(?:or\b\s*)?")
# The text that may follow the only bracket of an option, before the next label.
_BEHIND_THE_ONLY = re.compile(r"[\s.;]*(?:or\b\s*)?")
# Slashes that do not separate alternatives.
_WHOLE = re.compile(r"\b(?:and/or|or/and|he/she|she/he|his/her|her/his|him/her|s/he|km/h|m/s|c/o|n/a)\b", re.IGNORECASE)
_SYMBOL = re.compile(r"[A-Z0-9.()-]+")
# A document symbol among other words: "decision 1/CP.21", "decision X/CP.21", "as in FCCC/CP/2015/L.9".
_SYMBOL_AMONG_WORDS = re.compile(
    r"(?<![\w/.-])(?:(?:\d+|[Xx]+|_+|\.{2,}|…|-+)/\.?[A-Z]{2,}[.\d][A-Z0-9.]*"
    r"|(?=[A-Z0-9./-]*\d)[A-Z0-9.-]+(?:/[A-Z0-9.-]+){2,})"
    r"(?:/(?:Add|Corr|Rev)\.\d+)*(?!\w)"
)
# Abbreviations joined by slashes: "the GHG/CO parts of a report".
_ABBREVIATIONS = re.compile(r"(?<![\w/.-])[A-Z]{2,}s?(?:/(?: ?\n)?[A-Z]{2,}s?)+(?![\w/])")
# If an alternative has more words than this, slashes without blanks do not separate alternatives.
_LONGEST_BY_BARE_SLASH = 10
# A line break after a slash does not count as a blank, because it may be due to wrapping.
_BLANK_AT_SLASH = re.compile(r"(?<=\s)/|/[^\S\n]+(?=\S)")


def inner_alternatives(text: str, bracket: Bracket) -> list[tuple[int, int]]:
    """Return the spans of the alternatives in `[a/b]`, or an empty list if the bracket does not have this form."""
    start, close = bracket.body, bracket.close
    if bracket.children or bracket.head is not NO_HEAD or text.find("/", start, close) < 0:
        return []
    inside = text[start:close]
    if "://" in inside or "\n\n" in inside or holds_labels(inside):
        return []
    kept = {
        at
        for pattern in (_WHOLE, _SYMBOL_AMONG_WORDS, _ABBREVIATIONS)
        for match in pattern.finditer(inside)
        for at in range(match.start(), match.end())
        if pattern is not _ABBREVIATIONS or match[0] != inside.strip()
    }
    cuts = [at for at, letter in enumerate(inside) if letter == "/" and at not in kept]
    pieces = _between(cuts, len(inside))
    if any(len(inside[first:last].split()) > _LONGEST_BY_BARE_SLASH for first, last in pieces):
        pieces = _between([at for at in cuts if _BLANK_AT_SLASH.match(inside, at)], len(inside))
    words = [inside[first:last].strip() for first, last in pieces]
    if len(words) < 2 or not all(words) or all(_SYMBOL.fullmatch(word) for word in words):
        return []  # "24/7", "WT/GC/W/812"
    return [(start + first, start + last) for first, last in pieces]


def _between(cuts: list[int], length: int) -> list[tuple[int, int]]:
    """Return the spans between the one-character separators at `cuts` in a text of the given length."""
    return [(before + 1, after) for before, after in itertools.pairwise((-1, *cuts, length))]


def groups(tree: Tree) -> list[Group]:
    """Return the groups of `tree` in text order."""
    result: list[Group] = list(_neighbours(tree.text, [bracket for bracket in tree.brackets if bracket.contested]))
    for bracket, _ in tree.walk():
        if len(bracket.children) > 1:
            result += _neighbours(tree.text, [child for child in bracket.children if child.contested])
        elif bracket.head is NO_HEAD and not bracket.children and (spans := inner_alternatives(tree.text, bracket)):
            result.append(Group(Relation.INSIDE, tuple(spans), (bracket,)))
    for run in tree.runs:
        result.append(Group(Relation.OPTIONS, tuple((block.body, block.end) for block in run), blocks=run))
    return sorted(result, key=lambda group: group.spans)


def variants(tree: Tree, chosen_among: list[Group] | None = None) -> list[Variant]:
    """Return all variants of `tree` in text order, with outer variants before inner ones.

    `chosen_among` contains the groups of `tree`. If it is None, the groups are computed.
    """
    text = tree.text
    forms: dict[int, Form] = {}
    for group in groups(tree) if chosen_among is None else chosen_among:
        if group.relation in CHOICES and group.brackets:
            form = Form.OPTION if group.relation is Relation.OPTIONS else Form.ALTERNATIVE
            forms |= dict.fromkeys((bracket.start for bracket in group.brackets), form)
    result: list[Variant] = []
    depths: dict[int, int] = {}
    for bracket, depth in tree.walk():
        start, head = bracket.start, bracket.head
        form = forms.get(start, Form.BRACKET) if forms else Form.BRACKET
        if form is Form.ALTERNATIVE and (inside := inner_alternatives(text, bracket)):
            result.append(Variant(form, *inside[0], depth, NO_HEAD, bracket, start))
            result += [Variant(form, first, last, depth, NO_HEAD, bracket, first) for first, last in inside[1:]]
            continue
        body = start + (head.length or 1)
        if form is Form.OPTION:
            body = label_at(text, body, bracket.close) or body
        result.append(Variant(form, body, bracket.end - 1, depth, head, bracket, start))
        if tree.runs:
            depths[start] = depth
    for run in tree.runs:
        depth = 1 + (depths.get(run[0].container.start, 0) if run[0].container else 0)
        result += [Variant(Form.OPTION, block.body, block.end, depth, NO_HEAD, None, block.start) for block in run]
    if tree.runs:
        result.sort(key=lambda variant: (variant.begin, variant.bracket is None, -variant.end))
    return result


def head_of(tree: Tree, member: Bracket | Block) -> Head:
    """Return the head of a bracket, or the head of the only bracket in a labelled option."""
    if isinstance(member, Bracket):
        return member.head
    bracket = only_bracket(tree, member)
    return bracket.head if bracket else NO_HEAD


def stands_at(tree: Tree, all_variants: Sequence[Variant], at: int) -> int:
    """Return the index of the variant whose head contains the positions on the variant with index `at`.

    It is the index of the variant itself or, for a labelled option, that of the only bracket in the option.
    """
    if all_variants[at].form is not Form.OPTION or all_variants[at].bracket is not None:
        return at
    block = next(block for run in tree.runs for block in run if block.start == all_variants[at].begin)
    bracket = only_bracket(tree, block)
    return next(
        (number for number, variant in enumerate(all_variants) if bracket is not None and variant.bracket is bracket),
        at,
    )


def only_bracket(tree: Tree, block: Block) -> Bracket | None:
    """Return the bracket that contains the whole text of a labelled option, or None."""
    text, siblings = tree.text, block.container.children if block.container else tree.brackets
    at = bisect_left(siblings, block.body, key=lambda bracket: bracket.start)
    if at == len(siblings) or not siblings[at].contested or siblings[at].end > block.end:
        return None
    bracket = siblings[at]
    alone = not text[block.body : bracket.start].strip(" \t\n.;") and _BEHIND_THE_ONLY.fullmatch(
        text, bracket.end, block.end
    )
    return bracket if alone else None


def _neighbours(text: str, siblings: list[Bracket]) -> Iterator[Group]:
    """Yield the groups of those `siblings` that have only separators or blanks between them.

    A single separator determines the relation of the whole chain: "[a][b] / [c]" is one choice among three variants.
    """
    chain: list[Bracket] = siblings[:1]
    links: set[Relation] = set()
    for after, link in _links(text, siblings):
        if link is not None:
            links.add(link)
            chain.append(after)
            continue
        if links:
            yield _group(chain, links)
            links = set()
        chain = [after]
    if links:
        yield _group(chain, links)


def _links(text: str, siblings: list[Bracket]) -> Iterator[tuple[Bracket, Relation | None]]:
    """Yield each sibling except the first, with its relation to the previous sibling or None.

    The brackets of a mirror pair form a group of their own and are not part of the surrounding run. A bracket that is
    only opposed contains base text and is not part of the run either.
    """
    paired = False  # whether the previous bracket is the second of a mirror pair
    for before, after, further in zip(siblings, siblings[1:], [*siblings[2:], None], strict=False):
        link = _link(text, before, after) if after.start - before.end <= WIDEST_GAP else None
        if link is not Relation.RUN:
            paired = False
        elif mirrors(before, after):
            link, paired = (None, False) if paired else (link, True)
        else:
            begins = (
                further is not None and mirrors(after, further) and _RUN_GAP.fullmatch(text, after.end, further.start)
            )
            if paired or begins or only_opposed(before.head) or only_opposed(after.head):
                link = None
            paired = False
        yield after, link


def only_opposed(head: Head) -> bool:
    """Return whether a member opposes the text and no member wants it, so that it is base text."""
    return bool(head.names(OPPOSE)) and not head.names(*FOR)


def _link(text: str, before: Bracket, after: Bracket) -> Relation | None:
    """Return the relation between two neighbouring brackets, or None if they are not related."""
    if ALTERNATIVE_GAP.fullmatch(text, before.end, after.start):
        return Relation.ALTERNATIVES
    if _OPTION_GAP.fullmatch(text, before.end, after.start) and _labelled(text, before) and _labelled(text, after):
        return Relation.OPTIONS
    if _RUN_GAP.fullmatch(text, before.end, after.start):
        return Relation.RUN
    if INDEPENDENT_GAP.fullmatch(text, before.end, after.start):
        return Relation.INDEPENDENT
    return None


def _labelled(text: str, bracket: Bracket) -> bool:
    return label_at(text, bracket.body, bracket.close) is not None


def _group(chain: list[Bracket], links: set[Relation]) -> Group:
    relation: Relation = next(kind for kind in _STRONGEST_FIRST if kind in links)
    if relation is Relation.RUN and len(chain) == 2 and mirrors(*chain):
        relation = Relation.MIRROR
    return Group(relation, tuple((bracket.body, bracket.close) for bracket in chain), tuple(chain))


_STRONGEST_FIRST = (Relation.OPTIONS, Relation.ALTERNATIVES, Relation.INDEPENDENT, Relation.RUN)


def mirrors(left: Bracket, right: Bracket) -> bool:
    """Return whether any member proposes one bracket and opposes the other."""
    return bool(mirrored(left, right))


def mirrored(left: Bracket, right: Bracket) -> frozenset[str]:
    """Return the members that propose one bracket and oppose the other."""
    return left.head.names(PROPOSE) & right.head.names(OPPOSE) | left.head.names(OPPOSE) & right.head.names(PROPOSE)
