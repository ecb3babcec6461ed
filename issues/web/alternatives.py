"""What one chooses between at a place of the text: a row for each alternative, with its words and who stands at it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from bracketed_text import Tree
from bracketed_text.advanced import Group, Relation, groups, only_bracket, stands_at
from bracketed_text.advanced import Variant as Found
from issues.models import Position, Revision, Variant
from issues.models.choices import Act, Stance
from issues.text.operations import Operation
from issues.web.buttons import Button
from issues.web.provision_cards import Names
from issues.web.rendering import Touch, spoken
from issues.wording import quote

# Of more alternatives than these only the one that was chosen, and the first ones, have a row.
ROWS_SHOWN = 12
STANCES = (Stance.SUPPORT, Stance.OPPOSE, Stance.RESERVE)
MEANINGS: dict[Relation, str | Promise] = {
    Relation.RUN: gettext_lazy("Side by side: not yet recorded as alternatives or independent options."),
    Relation.INDEPENDENT: gettext_lazy("Independent options: each may survive."),
}
ONE_SURVIVES = gettext_lazy("Alternatives: only one survives.")


@dataclass
class Row:
    """One alternative, the variant at `place`: its words, who stands at it, and what the reader may do there.

    `bracket` is where the bracket begins at whose head the names stand. `held` is what the index knows of those who
    stand there today, `said` what the text says.
    """

    place: int
    quote: str
    words: str
    address: str
    said: str
    touched: bool
    bracket: int
    operations: list[Operation]
    held: list[Position] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    choose: Button | None = None

    @property
    def shortened(self) -> str:
        """All of its words, where the quotation leaves some out."""
        return self.words if "…" in self.quote else ""


@dataclass
class Alternatives:
    """The alternatives at a place, what they are to each other, and how many more there are.

    `divides` is whether they stand inside one bracket, which whoever takes a position divides.
    """

    meaning: str | Promise
    rows: list[Row]
    more: int
    divides: bool


@dataclass(frozen=True)
class Inside:
    """A bracket in the words of a labelled option, and who stands at it."""

    quote: str
    said: str
    address: str


def alternatives(
    tree: Tree, found: Sequence[Found], at: int, names: Names, touch: Touch, *, writes: bool
) -> Alternatives | None:
    """Return the alternatives to the variant at `at` of those `found` in `tree`, itself among them; None for none."""
    group = _group(tree, found[at])
    if group is None:
        return None
    members = _members(tree, group, found)
    if len(members) < 2:
        return None
    shown = [place for number, place in enumerate(members) if number < ROWS_SHOWN or place == at]
    touched = at if at in members else next((place for place in members if stands_at(tree, found, place) == at), -1)
    rows = [_row(tree, found, place, names, touch, touched=place == touched, writes=writes) for place in shown]
    divides = any(found[place].inside for place in members)
    meaning = MEANINGS.get(group.relation, ONE_SURVIVES)
    return Alternatives(meaning, rows, len(members) - len(shown), divides)


def _group(tree: Tree, one: Found) -> Group | None:
    """Return the choice in which a variant stands; of a bracket that is all there is in an option, the options."""
    around: Group | None = None
    for group in groups(tree):
        blocks = group.blocks
        if any(block.start == one.begin and one.bracket is None for block in blocks):
            return group
        if one.bracket is not None and any(only_bracket(tree, block) is one.bracket for block in blocks):
            around = around or group
        if one.bracket is not None and one.bracket in group.brackets and len(group.spans) > 1:
            return group
    return around


def _members(tree: Tree, group: Group, found: Sequence[Found]) -> list[int]:
    """Return the places of the variants among which one chooses."""
    if group.blocks:
        starts = {block.start for block in group.blocks}
        return [place for place, one in enumerate(found) if one.bracket is None and one.begin in starts]
    brackets = {bracket.start for bracket in group.brackets}
    return [place for place, one in enumerate(found) if one.bracket is not None and one.bracket.start in brackets]


def _row(
    tree: Tree, found: Sequence[Found], place: int, names: Names, touch: Touch, *, touched: bool, writes: bool
) -> Row:
    one, stands = found[place], stands_at(tree, found, place)
    words = " ".join(found[stands].words(tree.text).split())
    operations = [Operation(Act.TAKE, one.anchor, stance=stance) for stance in STANCES] if writes else []
    if writes:
        operations += [Operation(Act.WITHDRAW, one.begin), choosing(found, place)]
    said = spoken(found[stands].head, names.of)
    return Row(place, quote(words), words, touch.address(one.begin), said, touched, found[stands].begin, operations)


def choosing(found: Sequence[Found], place: int) -> Operation:
    """Return the operation that chooses the variant at `place`."""
    one = found[place]
    if not one.inside or one.bracket is None:
        return Operation(Act.CHOOSE, one.begin)
    beside = [number for number, other in enumerate(found) if other.bracket is one.bracket]
    return Operation(Act.CHOOSE, one.bracket.start, number=beside.index(place))


def standing(revision: Revision, tree: Tree, found: Sequence[Found], rows: Sequence[Row]) -> None:
    """Put into `rows` who stands at each today, as the index knows it."""
    ordinals = {stands_at(tree, found, row.place) + 1: row for row in rows}
    known = Variant.objects.filter(provision=revision.provision_id, closed_in=None, ordinal__in=ordinals)
    held = Position.objects.filter(variant__in=known, until_revision=None)
    for position in held.select_related("variant", "member", "grouping").order_by("pk"):
        ordinals[position.variant.ordinal].held.append(position)


def inside(tree: Tree, one: Found, names: Names, touch: Touch) -> list[Inside]:
    """Return the brackets in the words of a labelled option, with who stands at each."""
    block = next(
        (block for run in tree.runs for block in run if one.bracket is None and block.start == one.begin), None
    )
    if block is None:
        return []
    siblings = block.container.children if block.container else tree.brackets
    return [
        Inside(quote(tree.text[found.body : found.close]), spoken(found.head, names.of), touch.address(found.start))
        for found in siblings
        if found.contested and block.body <= found.start < block.end
    ][:ROWS_SHOWN]
