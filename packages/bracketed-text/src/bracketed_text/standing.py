"""Taking a position, and giving it up: at a bracket, at an alternative inside one, at a labelled option.

A name stands at the head of a bracket, so whoever is to stand behind one alternative of "[a/b]" needs a bracket around
it: the bracket is divided, "[a] / [b]", which adds no word. Behind the label of an option its words stand in a bracket:
"Option 1: [CAN support: …]", as whoever proposes an option writes it.

    >>> from bracketed_text import Name, Register, parse, take_position
    >>> tree = parse("The [suppliers/persons who trade] act.", Register([("CAN", Name("CAN"))]))
    >>> take_position(tree, tree.text.index("persons"), "CAN", "oppose").text
    'The [suppliers] / [CAN oppose: persons who trade] act.'
"""

import re
from itertools import pairwise

from bracketed_text import edits
from bracketed_text.alternatives import CHOICES, Relation, groups, inner_alternatives, only_bracket, variants
from bracketed_text.edits import Edit, EditRefused
from bracketed_text.heads import NO_HEAD
from bracketed_text.labels import says_no_text
from bracketed_text.parsing import parse
from bracketed_text.patches import Replacement, apply_patch, patch
from bracketed_text.phrases import translated as _
from bracketed_text.tree import Block, Bracket, Tree

# An "or" on a line of its own, before the next label, parts options.
_OR_BEHIND = re.compile(r"\n[ \t]*or[ \t]*\s*\Z")


def take_position(tree: Tree, at: int, code: str, stance: str) -> Edit:
    """Let `code` take `stance` at what stands at `at`; another one that it has there ends.

    `at` is where a bracket begins, the words of an alternative inside one, or the label of an option.
    """
    bracket, number = _inside(tree, at)
    if bracket is not None:
        divided = divide(tree, bracket.start)
        begins = sorted(found.start for found, _depth in divided.tree.walk() if found.start >= bracket.start)
        return divided.then(edits.take_position(divided.tree, begins[number], code, stance))
    block = _option(tree, at)
    if block is None:
        return edits.take_position(tree, at, code, stance)
    if (stands := only_bracket(tree, block)) is not None:
        return edits.take_position(tree, stands.start, code, stance)
    if says_no_text(tree.text, block.body, block.end):
        raise EditRefused(_("This option contains no words to support. Oppose the other options instead."), at)
    joined = _OR_BEHIND.search(tree.text, block.body, block.end)
    return edits.enclose(tree, block.body, joined.start() if joined else block.end, code, stance)


def withdraw_position(tree: Tree, at: int, code: str) -> Edit:
    """Take `code` out of the head of the bracket, or of the one that is all there is in the labelled option.

    The words stay, although nobody may be left who wants them.
    """
    block = _option(tree, at)
    stands = only_bracket(tree, block) if block is not None else None
    return edits.withdraw_position(tree, at if stands is None else stands.start, code)


def divide(tree: Tree, at: int) -> Edit:
    """Put the alternatives inside the bracket in a bracket each: "[a/b]" becomes "[a] / [b]"."""
    bracket = next((found for found, _depth in tree.walk() if found.start == at), None)
    inside = inner_alternatives(tree.text, bracket) if bracket is not None else []
    if bracket is None or not inside:
        raise EditRefused(_("There are no alternatives inside this bracket."), at)
    changes = []
    for (start, end), (behind, until) in pairwise(inside):
        one = start + len(tree.text[start:end].rstrip())
        other = until - len(tree.text[behind:until].lstrip())
        changes += [Replacement(one, end, "] "), Replacement(behind, other, " [")]
    replaced = patch(changes)
    after = parse(apply_patch(tree.text, replaced), tree.register)
    _require_divided(tree, bracket, after, len(inside))
    return Edit(tree, after, replaced, ())


def _require_divided(tree: Tree, bracket: Bracket, after: Tree, parts: int) -> None:
    """Refuse where the alternatives would not be one choice of brackets, or take what stands beside them into it."""
    found = variants(after)
    begun = [one for one in found if one.begin >= bracket.start][:parts]
    begins = {one.begin for one in begun}
    beside = next((group for group in groups(tree) if bracket in group.brackets and len(group.brackets) > 1), None)
    together = next((group for group in groups(after) if begins <= {one.start for one in group.brackets}), None)
    if (
        len(found) != len(variants(tree))
        or together is None
        or together.relation is not Relation.ALTERNATIVES
        or any(one.head is not NO_HEAD for one in begun)
    ):
        raise EditRefused(
            _("An alternative would no longer be recognised in a bracket of its own. Edit the text by hand."),
            bracket.start,
        )
    if beside is not None and beside.relation not in CHOICES:
        raise EditRefused(
            _(
                "The text beside this bracket would also become an alternative. Ask the facilitator to "
                "mark first how the two are related."
            ),
            bracket.start,
        )


def _inside(tree: Tree, at: int) -> tuple[Bracket | None, int]:
    """Return the bracket of which an alternative inside begins at `at`, and its number from 0; None for no such."""
    for bracket, _depth in tree.walk():
        if bracket.start < at < bracket.end:
            for number, (start, end) in enumerate(inner_alternatives(tree.text, bracket)):
                if at in (start, end - len(tree.text[start:end].lstrip())):
                    return bracket, number
    return None, 0


def _option(tree: Tree, at: int) -> Block | None:
    return next((block for run in tree.runs for block in run if block.start == at), None)
