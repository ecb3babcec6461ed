"""Divide a text among its variants.

Each character belongs to the innermost variant around it. A variant includes its marks, head and label. The separator
between two alternatives belongs to the second alternative. In "A [b [c]] / [d].", for example, "[c]" belongs to the
second variant, " / [d]" to the third, and "A " and "." to the base text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from bracketed_text.alignment import Block
from bracketed_text.alternatives import CHOICES, Group, Relation, Variant, groups, variants
from bracketed_text.tree import Tree

BASE = -1
# At most this many variants around a character are examined, so that the cost remains linear.
DEEPEST = 12


class Stretch(NamedTuple):
    """The characters `text[start:end]`, which belong to one `owner` (a variant or `BASE`).

    A stretch consists either of marks or of words.
    """

    start: int
    end: int
    owner: int
    marks: bool


class Survey(NamedTuple):
    """A tree, its variants and groups, and the offsets at which the territory of each variant begins and ends."""

    tree: Tree
    variants: list[Variant]
    groups: list[Group]
    begins: list[int]
    untils: list[int]

    def words(self, variant: int) -> str:
        """Return the text of `variant` as written."""
        return self.variants[variant].words(self.tree.text)


class Territory(NamedTuple):
    """The stretches that make up a text, and, for each variant, the variant (or `BASE`) directly around it."""

    survey: Survey
    stretches: list[Stretch]
    parents: list[int]

    def ancestry(self, variant: int) -> Iterator[int]:
        """Yield `variant` and the variants around it, innermost first, up to `DEEPEST` variants."""
        for _ in range(DEEPEST):
            if variant == BASE:
                return
            yield variant
            variant = self.parents[variant]


def survey(tree: Tree) -> Survey:
    """Return the variants of `tree` and their territories."""
    chosen_among = groups(tree)
    all_variants = variants(tree, chosen_among)
    return Survey(
        tree,
        all_variants,
        chosen_among,
        _begins(all_variants, chosen_among),
        [_until(variant) for variant in all_variants],
    )


def divide(side: Survey, among: Sequence[int]) -> Territory:
    """Return the text divided among the variants in `among`, which are in text order.

    The characters of other variants belong to the variant around them, or to the base text.
    """
    parents = [BASE] * len(side.variants)
    return Territory(side, _stretches(side, among, parents), parents)


def _begins(all_variants: list[Variant], chosen_among: Sequence[Group]) -> list[int]:
    """Return the offset of each variant's territory, which begins with the separator before its mark, if any."""
    behind = {
        after.start: before.end
        for group in chosen_among
        if group.relation in CHOICES or group.relation is Relation.INDEPENDENT
        for before, after in zip(group.brackets, group.brackets[1:], strict=False)
    }
    if not behind:
        return [variant.begin for variant in all_variants]
    return [behind.get(variant.begin, variant.begin) if variant.bracket else variant.begin for variant in all_variants]


def _until(variant: Variant) -> int:
    """Return the offset at which the territory of `variant` ends.

    All marks of "[a/b]" belong to the first alternative.
    """
    bracket = variant.bracket
    return bracket.end if bracket is not None and variant.begin == bracket.start else variant.end


def _stretches(side: Survey, among: Sequence[int], parents: list[int]) -> list[Stretch]:
    all_variants, begins, untils, text = side.variants, side.begins, side.untils, side.tree.text
    stretches: list[Stretch] = []
    position = 0
    around: list[int] = []
    for at in among:
        begin = begins[at]
        while around and untils[around[-1]] <= begin:
            inner = around.pop()
            _cut(stretches, text, all_variants[inner], inner, position, untils[inner])
            position = untils[inner]
        if around:
            outer = around[-1]
            _cut(stretches, text, all_variants[outer], outer, position, begin)
            beside = all_variants[outer].bracket is all_variants[at].bracket is not None
            parents[at] = parents[outer] if beside else outer
        elif position < begin:
            stretches.append(Stretch(position, begin, BASE, False))
        position = begin
        around.append(at)
    while around:
        inner = around.pop()
        _cut(stretches, text, all_variants[inner], inner, position, untils[inner])
        position = untils[inner]
    if position < len(text):
        stretches.append(Stretch(position, len(text), BASE, False))
    return stretches


def _cut(stretches: list[Stretch], text: str, variant: Variant, owner: int, start: int, end: int) -> None:
    """Append the stretches between `start` and `end`, which belong to `variant`.

    Words and marks are separate stretches. The blank after a head counts as a mark.
    """
    if start < end and variant.head.lead and start <= variant.begin:
        lead = variant.begin + 1
        stretches += (
            Stretch(start, lead, owner, True),
            Stretch(lead, lead + variant.head.lead, owner, False),
        )
        start = lead + variant.head.lead
    words = variant.start + (1 if variant.head.length and text[variant.start] == " " else 0)
    for edge, marks in ((words, True), (variant.end, False), (end, True)):
        if start < edge:
            stretches.append(Stretch(start, min(edge, end), owner, marks))
            start = edge
        if edge >= end:
            return


def without(side: Survey, gone: Mapping[int, bool]) -> list[tuple[int, int]]:
    """Return the spans of the text that remain without the variants in `gone`. Their inner variants remain.

    `gone` maps the index of a variant to true if its words are removed, or to false if only its marks are removed.
    """
    left: list[tuple[int, int]] = []
    for start, end, owner, marks in divide(side, range(len(side.variants))).stretches:
        if owner in gone and (marks or gone[owner]):
            begin = side.variants[owner].begin
            if gone[owner] or not start < begin or "{" not in side.tree.text[start:begin]:
                continue
            end = begin  # "{and/or}" remains if a bracket next to it is lifted
        if left and left[-1][1] == start:
            left[-1] = left[-1][0], end
        else:
            left.append((start, end))
    return left


def clipped(stretches: Sequence[Stretch], spans: Iterable[tuple[int, int]]) -> Iterator[list[Stretch]]:
    """Yield the parts of `stretches` within each of `spans`, which are in text order.

    The function takes linear time, because it examines each stretch and each span only once.
    """
    at = 0
    for start, end in spans:
        within: list[Stretch] = []
        while start < end:
            while stretches[at].end <= start:
                at += 1
            until = min(end, stretches[at].end)
            within.append(Stretch(start, until, stretches[at].owner, stretches[at].marks))
            start = until
        yield within


def overlaps(
    old: Sequence[Stretch], new: Sequence[Stretch], blocks: Sequence[Block]
) -> Iterator[tuple[Stretch, Stretch, int]]:
    """Yield each pair of old and new stretches that share characters, with the number of these characters."""
    old_parts = clipped(old, ((block.old_start, block.old_start + block.length) for block in blocks))
    new_parts = clipped(new, ((block.new_start, block.new_start + block.length) for block in blocks))
    for block, ours, theirs in zip(blocks, old_parts, new_parts, strict=True):
        shift = block.new_start - block.old_start
        our, their = 0, 0
        position = block.old_start
        while position < block.old_start + block.length:
            until = min(ours[our].end, theirs[their].end - shift)
            yield ours[our], theirs[their], until - position
            position = until
            our += ours[our].end == until
            their += theirs[their].end - shift == until
