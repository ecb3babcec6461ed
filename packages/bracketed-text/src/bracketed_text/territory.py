"""Which variant each character of a text belongs to: the innermost one, with its marks, head and label.

The separator between two alternatives belongs to the second.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bracketed_text.alternatives import CHOICES, Group, Relation, Variant, groups, variants
from bracketed_text.tree import Tree

BASE = -1
# Deeper than this, the variants around a character are not all looked at: so the cost stays linear.
DEEPEST = 12


# The characters `text[start:end]`, all of one owner, a variant or `BASE`, and whether they are its marks, not words.
Stretch = tuple[int, int, int, bool]


class Survey(NamedTuple):
    """A tree, its variants and groups, and from where to where the territory of each variant reaches."""

    tree: Tree
    variants: list[Variant]
    groups: list[Group]
    begins: list[int]
    untils: list[int]

    def words(self, variant: int) -> str:
        """Return the words of `variant` as they stand."""
        return self.variants[variant].words(self.tree.text)


class Territory(NamedTuple):
    """Who owns what, and in which variant each one stands (or `BASE`). The stretches, joined, are the text."""

    survey: Survey
    stretches: list[Stretch]
    parents: list[int]

    def ancestry(self, variant: int) -> Iterator[int]:
        """Yield `variant` and those around it, innermost first, `DEEPEST` of them at most."""
        for _ in range(DEEPEST):
            if variant == BASE:
                return
            yield variant
            variant = self.parents[variant]


def survey(tree: Tree) -> Survey:
    """Return the variants of `tree` and their territories."""
    chosen_among = groups(tree)
    found = variants(tree, chosen_among)
    return Survey(tree, found, chosen_among, _begins(found, chosen_among), [_until(variant) for variant in found])


def divide(side: Survey, among: Sequence[int]) -> Territory:
    """Return the text divided among these variants, in order of the text; others are left to what is around them."""
    parents = [BASE] * len(side.variants)
    return Territory(side, _stretches(side, among, parents), parents)


def _begins(found: list[Variant], chosen_among: Sequence[Group]) -> list[int]:
    """Return where the territory of each variant begins: at its mark, or at the separator before it."""
    behind = {
        after.start: before.end
        for group in chosen_among
        if group.relation in CHOICES or group.relation is Relation.INDEPENDENT
        for before, after in zip(group.brackets, group.brackets[1:], strict=False)
    }
    if not behind:
        return [variant.begin for variant in found]
    return [behind.get(variant.begin, variant.begin) if variant.bracket else variant.begin for variant in found]


def _until(variant: Variant) -> int:
    """Return where the territory ends; all marks of "[a/b]" belong to its first alternative."""
    bracket = variant.bracket
    return bracket.end if bracket is not None and variant.begin == bracket.start else variant.end


def _stretches(side: Survey, among: Sequence[int], parents: list[int]) -> list[Stretch]:
    found, begins, untils, text = side.variants, side.begins, side.untils, side.tree.text
    stretches: list[Stretch] = []
    position = 0
    around: list[int] = []
    for at in among:
        begin = begins[at]
        while around and untils[around[-1]] <= begin:
            inner = around.pop()
            _cut(stretches, text, found[inner], inner, position, untils[inner])
            position = untils[inner]
        if around:
            outer = around[-1]
            _cut(stretches, text, found[outer], outer, position, begin)
            beside = found[outer].bracket is found[at].bracket is not None
            parents[at] = parents[outer] if beside else outer
        elif position < begin:
            stretches.append((position, begin, BASE, False))
        position = begin
        around.append(at)
    while around:
        inner = around.pop()
        _cut(stretches, text, found[inner], inner, position, untils[inner])
        position = untils[inner]
    if position < len(text):
        stretches.append((position, len(text), BASE, False))
    return stretches


def _cut(stretches: list[Stretch], text: str, variant: Variant, owner: int, start: int, end: int) -> None:
    """Append `start` to `end`, which `variant` owns, with its words and its marks apart.

    The blank behind a head counts as one of its marks.
    """
    if start < end and variant.head.lead and start <= variant.begin:
        lead = variant.begin + 1
        stretches += (
            (start, lead, owner, True),
            (lead, lead + variant.head.lead, owner, False),
        )
        start = lead + variant.head.lead
    words = variant.start + (1 if variant.head.length and text[variant.start] == " " else 0)
    for edge, marks in ((words, True), (variant.end, False), (end, True)):
        if start < edge:
            stretches.append((start, min(edge, end), owner, marks))
            start = edge
        if edge >= end:
            return


def without(side: Survey, gone: Mapping[int, bool]) -> list[tuple[int, int]]:
    """Return which stretches of the text are left without these variants; what stands within them is left.

    `gone` says of each whether its own words go too, or only its marks.
    """
    left: list[tuple[int, int]] = []
    for start, end, owner, marks in divide(side, range(len(side.variants))).stretches:
        if owner in gone and (marks or gone[owner]):
            begin = side.variants[owner].begin
            if gone[owner] or not start < begin or "{" not in side.tree.text[start:begin]:
                continue
            end = begin  # the note that options are independent stays where a bracket beside it is lifted
        if left and left[-1][1] == start:
            left[-1] = left[-1][0], end
        else:
            left.append((start, end))
    return left
