"""Rows for the alternatives at a bracket, with their wording, their holders and the buttons offered to the reader.

`alternatives` reads the rows from the text. `with_positions` adds the positions that the index shows as held today, and
`issues.web.bracket_offers` adds the buttons.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from bracketed_text import Tree
from bracketed_text.advanced import Group, Relation, groups, only_bracket, stands_at
from bracketed_text.advanced import Variant as TextVariant
from issues.models import Position, Revision, Variant
from issues.models.choices import Act, Stance
from issues.text.operations import Operation
from issues.web.buttons import Button
from issues.web.provision_cards import Names
from issues.web.rendering import PanelLinks, spoken
from issues.wording import quote

# Rows are shown only for the first alternatives and for the selected alternative.
ROWS_SHOWN = 12
STANCES = (Stance.SUPPORT, Stance.OPPOSE, Stance.RESERVE)
MEANINGS: dict[Relation, str | Promise] = {
    Relation.RUN: gettext_lazy("Side by side: not yet marked as alternatives or independent options."),
    Relation.INDEPENDENT: gettext_lazy("Independent options: any of them can stay in the text."),
}
ONE_SURVIVES = gettext_lazy("Alternatives: only one can stay in the text.")


@dataclass(frozen=True)
class Row:
    """An alternative with its wording, its holders, and the operations available to the reader.

    `index` is its index among the variants of the text, and `bracket` is the offset of the bracket whose head names its
    holders. The holders are named in `summary` according to the text, and in `positions` according to the index.
    `operations` lists the operations to preview. Those that would succeed are offered in `buttons` and `choose`.
    """

    index: int
    quote: str
    words: str
    url: str
    summary: str
    selected: bool
    bracket: int
    operations: Sequence[Operation]
    positions: Sequence[Position] = ()
    buttons: Sequence[Button] = ()
    choose: Button | None = None

    @property
    def full_words(self) -> str:
        """The full wording if the quotation shortens it, otherwise an empty string."""
        return self.words if "…" in self.quote else ""


@dataclass(frozen=True)
class Alternatives:
    """The alternatives at a bracket, how they are related, and the number of alternatives without a row.

    `divides` is true if the alternatives share a bracket, which would be divided by taking a position on one of them.
    """

    meaning: str | Promise
    rows: Sequence[Row]
    more: int
    divides: bool


@dataclass(frozen=True)
class NestedBracket:
    """A bracket inside a labelled option, with its holders."""

    quote: str
    summary: str
    url: str


def alternatives(
    tree: Tree, variants: Sequence[TextVariant], index: int, names: Names, links: PanelLinks, *, writes: bool
) -> Alternatives | None:
    """Return the alternatives at `index` in `variants`, including that variant, or None if it has no alternatives.

    With `writes`, each row includes the operations to preview for a user who may write.
    """
    group = _group(tree, variants[index])
    if group is None:
        return None
    members = _members(tree, group, variants)
    if len(members) < 2:
        return None
    shown = [member for number, member in enumerate(members) if number < ROWS_SHOWN or member == index]
    selected = (
        index
        if index in members
        else next((member for member in members if stands_at(tree, variants, member) == index), -1)
    )
    rows = [_row(tree, variants, member, names, links, selected=member == selected, writes=writes) for member in shown]
    divides = any(variants[member].inside for member in members)
    meaning = MEANINGS.get(group.relation, ONE_SURVIVES)
    return Alternatives(meaning, rows, len(members) - len(shown), divides)


def _group(tree: Tree, variant: TextVariant) -> Group | None:
    """Return the group of alternatives that contains a variant, or None.

    A bracket that encloses a whole option belongs to the group of that option.
    """
    around: Group | None = None
    for group in groups(tree):
        blocks = group.blocks
        if any(block.start == variant.begin and variant.bracket is None for block in blocks):
            return group
        if variant.bracket is not None and any(only_bracket(tree, block) is variant.bracket for block in blocks):
            around = around or group
        if variant.bracket is not None and variant.bracket in group.brackets and len(group.spans) > 1:
            return group
    return around


def _members(tree: Tree, group: Group, variants: Sequence[TextVariant]) -> list[int]:
    """Return the indexes of the variants in a group."""
    if group.blocks:
        starts = {block.start for block in group.blocks}
        return [index for index, variant in enumerate(variants) if variant.bracket is None and variant.begin in starts]
    brackets = {bracket.start for bracket in group.brackets}
    return [
        index
        for index, variant in enumerate(variants)
        if variant.bracket is not None and variant.bracket.start in brackets
    ]


def _row(
    tree: Tree,
    variants: Sequence[TextVariant],
    index: int,
    names: Names,
    links: PanelLinks,
    *,
    selected: bool,
    writes: bool,
) -> Row:
    variant, named = variants[index], variants[stands_at(tree, variants, index)]
    words = " ".join(named.words(tree.text).split())
    return Row(
        index=index,
        quote=quote(words),
        words=words,
        url=links.url(variant.begin),
        summary=spoken(named.head, names.of),
        selected=selected,
        bracket=named.begin,
        operations=_operations(variants, index) if writes else (),
    )


def _operations(variants: Sequence[TextVariant], index: int) -> list[Operation]:
    variant = variants[index]
    stances = [Operation(Act.TAKE, variant.anchor, stance=stance) for stance in STANCES]
    return [*stances, Operation(Act.WITHDRAW, variant.begin), choosing(variants, index)]


def choosing(variants: Sequence[TextVariant], index: int) -> Operation:
    """Return the operation that chooses the variant at `index`."""
    variant = variants[index]
    if not variant.inside or variant.bracket is None:
        return Operation(Act.CHOOSE, variant.begin)
    siblings = [number for number, sibling in enumerate(variants) if sibling.bracket is variant.bracket]
    return Operation(Act.CHOOSE, variant.bracket.start, number=siblings.index(index))


def with_positions(
    alternatives: Alternatives, revision: Revision, tree: Tree, variants: Sequence[TextVariant]
) -> Alternatives:
    """Return `alternatives` with the positions held today on each of them, as recorded in the index."""
    ordinals = {row.index: stands_at(tree, variants, row.index) + 1 for row in alternatives.rows}
    known = Variant.objects.filter(provision=revision.provision_id, closed_in=None, ordinal__in=set(ordinals.values()))
    held = Position.objects.filter(variant__in=known, until_revision=None)
    positions: defaultdict[int, list[Position]] = defaultdict(list)
    for position in held.select_related("variant", "member", "grouping").order_by("pk"):
        positions[position.variant.ordinal].append(position)
    rows = [replace(row, positions=positions[ordinals[row.index]]) for row in alternatives.rows]
    return replace(alternatives, rows=rows)


def nested_brackets(tree: Tree, variant: TextVariant, names: Names, links: PanelLinks) -> list[NestedBracket]:
    """Return the first brackets inside a labelled option, or an empty list if the variant is itself a bracket."""
    blocks = (block for run in tree.runs for block in run)
    block = next((block for block in blocks if variant.bracket is None and block.start == variant.begin), None)
    if block is None:
        return []
    siblings = block.container.children if block.container else tree.brackets
    return [
        NestedBracket(
            quote(tree.text[bracket.body : bracket.close]), spoken(bracket.head, names.of), links.url(bracket.start)
        )
        for bracket in siblings
        if bracket.contested and block.body <= bracket.start < block.end
    ][:ROWS_SHOWN]
