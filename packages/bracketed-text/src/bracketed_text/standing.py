"""Take and withdraw positions on a bracket, on an alternative inside a bracket, or on a labelled option.

A member's name can only be written at the head of a bracket. For a position on one alternative of "[a/b]", the bracket
is therefore divided into "[a] / [b]", which does not change any word. For a position on a labelled option, the option's
text is put in a bracket after the label: "Option 1: [CAN support: …]".

    >>> from bracketed_text import Name, Register, parse, take_position
    >>> tree = parse("The [suppliers/persons who trade] act.", Register([("CAN", Name("CAN"))]))
    >>> take_position(tree, tree.text.index("persons"), "CAN", "oppose").text
    'The [suppliers] / [CAN oppose: persons who trade] act.'
"""

import re
from itertools import pairwise

from bracketed_text import edits
from bracketed_text.alternatives import CHOICES, Relation, groups, inner_alternatives, only_bracket, variants
from bracketed_text.editing import Edit, EditRefused
from bracketed_text.heads import NO_HEAD
from bracketed_text.labels import says_no_text
from bracketed_text.parsing import parse
from bracketed_text.patches import Replacement, apply_patch, patch
from bracketed_text.phrases import gettext_noop as _
from bracketed_text.tree import Block, Bracket, Tree

# An "or" on a separate line before the next label separates options.
_OR_BEHIND = re.compile(r"\n[ \t]*or[ \t]*\s*\Z")


def take_position(tree: Tree, at: int, code: str, stance: str) -> Edit:
    """Return the edit in which `code` takes `stance` at `at`.

    Any other stance that the member has there ends. `at` is the start of a bracket, of the text of an alternative
    inside a bracket, or of the label of an option.
    """
    bracket, number = _inside(tree, at)
    if bracket is not None:
        divided = divide(tree, bracket.start)
        begins = sorted(
            bracket_inside.start
            for bracket_inside, _depth in divided.tree.walk()
            if bracket_inside.start >= bracket.start
        )
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
    """Return the edit that removes `code` from the head of a bracket, or of the only bracket in a labelled option.

    `at` is the start of the bracket or of the label. The text remains, even if no member wants it any longer.
    """
    block = _option(tree, at)
    stands = only_bracket(tree, block) if block is not None else None
    return edits.withdraw_position(tree, at if stands is None else stands.start, code)


def divide(tree: Tree, at: int) -> Edit:
    """Return the edit that puts each alternative inside the bracket at `at` into a separate bracket.

    For example, "[a/b]" becomes "[a] / [b]".
    """
    bracket = next((candidate for candidate, _depth in tree.walk() if candidate.start == at), None)
    inside = inner_alternatives(tree.text, bracket) if bracket is not None else []
    if bracket is None or not inside:
        raise EditRefused(_("There are no alternatives inside this bracket."), at)
    changes = []
    for (start, end), (behind, until) in pairwise(inside):
        cut_from = start + len(tree.text[start:end].rstrip())
        cut_to = until - len(tree.text[behind:until].lstrip())
        changes += [Replacement(cut_from, end, "] "), Replacement(behind, cut_to, " [")]
    replaced = patch(changes)
    after = parse(apply_patch(tree.text, replaced), tree.register)
    _require_divided(tree, bracket, after, len(inside))
    return Edit(tree, after, replaced, ())


def _require_divided(tree: Tree, bracket: Bracket, after: Tree, parts: int) -> None:
    """Raise EditRefused if the division would break up the choice or turn neighbours into alternatives."""
    all_variants = variants(after)
    begun = [variant for variant in all_variants if variant.begin >= bracket.start][:parts]
    begins = {variant.begin for variant in begun}
    beside = next((group for group in groups(tree) if bracket in group.brackets and len(group.brackets) > 1), None)
    together = next((group for group in groups(after) if begins <= {variant.start for variant in group.brackets}), None)
    if (
        len(all_variants) != len(variants(tree))
        or together is None
        or together.relation is not Relation.ALTERNATIVES
        or any(variant.head is not NO_HEAD for variant in begun)
    ):
        raise EditRefused(
            _("In a separate bracket, an alternative would no longer be recognised. Edit the text by hand."),
            bracket.start,
        )
    if beside is not None and beside.relation not in CHOICES:
        raise EditRefused(
            _(
                "The text beside this bracket would also become an alternative. First ask the facilitator to "
                "mark how the two are related."
            ),
            bracket.start,
        )


def _inside(tree: Tree, at: int) -> tuple[Bracket | None, int]:
    """Return the bracket that contains the alternative beginning at `at`, and the number of this alternative.

    The alternatives are counted from 0. If no alternative inside a bracket begins at `at`, the result is None and 0.
    """
    for bracket, _depth in tree.walk():
        if bracket.start < at < bracket.end:
            for number, (start, end) in enumerate(inner_alternatives(tree.text, bracket)):
                if at in (start, end - len(tree.text[start:end].lstrip())):
                    return bracket, number
    return None, 0


def _option(tree: Tree, at: int) -> Block | None:
    return next((block for run in tree.runs for block in run if block.start == at), None)
