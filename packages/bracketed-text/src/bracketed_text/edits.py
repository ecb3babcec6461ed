"""Provide the operations by which negotiators propose text and take positions. Each operation returns an `Edit`.

Three rules apply to all operations:

1. A bracket is identified by the offset of its "[", and a labelled option by the offset of its label.
2. An operation changes no more characters than necessary, and it can be undone.
3. An operation that cannot be carried out raises `EditRefused`, which gives the reason and suggests an alternative.

    >>> from bracketed_text import Name, Register, lift, parse, take_position
    >>> register = Register([("CAN", Name("CAN")), ("BRA", Name("BRA"))])
    >>> tree = parse("Each Member shall [BRA: promptly] act.", register)
    >>> edit = take_position(tree, 18, "CAN", "oppose")
    >>> edit.text
    'Each Member shall [BRA propose; CAN oppose: promptly] act.'
    >>> edit.undo() == tree.text
    True
    >>> lift(edit.tree, 18).text
    'Each Member shall promptly act.'
"""

from collections.abc import Sequence

from bracketed_text.alignment import align
from bracketed_text.alternatives import Relation, inner_alternatives
from bracketed_text.blanks import needed
from bracketed_text.editing import (
    Edit,
    EditRefused,
    bracket_at,
    claims_of,
    finish,
    group_at,
    proposed_bracket,
    require_head,
    require_known,
    trimmed,
    unknown_names,
)
from bracketed_text.heads import OPPOSE, PROPOSE, Claim
from bracketed_text.patches import Replacement
from bracketed_text.phrases import gettext_noop as _
from bracketed_text.positions import with_position, without_position, written_head
from bracketed_text.tree import Bracket, Tree


def take_position(tree: Tree, at: int, code: str, stance: str) -> Edit:
    """Return the edit in which `code` takes `stance` on the bracket at `at`.

    The new stance replaces any other stance of the member on this bracket.
    """
    bracket = bracket_at(tree, at)
    require_known(tree, code, stance, at)
    if code in bracket.head.names(stance):
        raise EditRefused(_("{code} already takes this position."), at, code=code)
    if inner_alternatives(tree.text, bracket):
        raise EditRefused(_("This bracket contains alternatives. Choose the place of one alternative."), at)
    written = with_position(_head(tree, bracket), bracket.head, code, stance, tree.register)
    return _with_head(tree, bracket, written, _others(bracket, code) | {(stance, code)})


def withdraw_position(tree: Tree, at: int, code: str) -> Edit:
    """Return the edit that removes `code` from the head of the bracket at `at`.

    The text of the bracket remains, even if no member wants it any longer.
    """
    bracket = bracket_at(tree, at)
    if code not in bracket.head.names():
        raise EditRefused(_("{code} takes no position at this bracket."), at, code=code)
    written = without_position(_head(tree, bracket), bracket.head, code, tree.register)
    return _with_head(tree, bracket, written, _others(bracket, code))


def propose(tree: Tree, offset: int, words: str, code: str) -> Edit:
    """Return the edit that inserts `words` at `offset`, in a bracket that `code` proposes."""
    require_known(tree, code, PROPOSE, offset)
    _in_text(tree, offset)
    before, after = tree.text[offset - 1 : offset] if offset else "", tree.text[offset : offset + 1]
    inside_a_word = before.isalnum() and after.isalnum()
    usual = (
        " " if not inside_a_word and before and not (before.isspace() or before in "[(:") else "",
        " " if not inside_a_word and (after.isalnum() or after == "[") else "",
    )
    blank_before, blank_behind = needed(tree.text, offset, [usual])
    added = f"{blank_before}{proposed_bracket(tree, words, code, offset)}{blank_behind}"
    return finish(tree, [Replacement(offset, offset, added)])


def propose_alternative(tree: Tree, at: int, words: str, code: str) -> Edit:
    """Return the edit that inserts `words`, proposed by `code`, after the bracket at `at` and its alternatives."""
    bracket = bracket_at(tree, at)
    require_known(tree, code, PROPOSE, at)
    group = group_at(tree, bracket.start)
    end, gap, behind = bracket.end, " / ", ""
    if group is not None and group.brackets:
        end = group.brackets[-1].end
        if group.relation is Relation.RUN:
            gap, behind = needed(tree.text, end, [(" ", "")])
        elif group.relation is Relation.INDEPENDENT:
            gap = " {and/or} "
    return finish(tree, [Replacement(end, end, gap + proposed_bracket(tree, words, code, at) + behind)])


def enclose(tree: Tree, start: int, end: int, code: str = "", stance: str = OPPOSE) -> Edit:
    """Return the edit that puts `text[start:end]` in a bracket, without a name or with `code` at its head."""
    text = tree.text
    if not 0 <= start <= end <= len(text):
        raise EditRefused(_("This place is outside the text. Choose a place within the text."), start)
    start, end = trimmed(text, start, end)
    if start == end:
        raise EditRefused(_("There are no words here to put in brackets. Select some words."), start)
    _in_text(tree, start)
    _in_text(tree, end)
    if not _whole(tree, start, end):
        raise EditRefused(_("This would split a bracket. Select the whole bracket, or only words inside it."), start)
    if code:
        require_known(tree, code, stance, start)
    head = written_head((Claim(stance, (code,)),)) + " " if code else ""
    edit = finish(tree, [Replacement(start, start, "[" + head), Replacement(end, end, "]")])
    require_head(edit, start, {(stance, code)} if code else set(), set())
    return edit


def substitute(tree: Tree, start: int, end: int, words: str, code: str) -> Edit:
    """Return the edit in which `code` opposes `text[start:end]` and proposes `words` in its place.

    The two brackets form a mirror pair.
    """
    opposed = enclose(tree, start, end, code, OPPOSE)
    behind = opposed.changes[-1].end + sum(
        len(change.added) - (change.end - change.start) for change in opposed.changes
    )
    blank, further = needed(opposed.text, behind, [(" ", "")])
    added = f"{blank}{proposed_bracket(tree, words, code, start)}{further}"
    return opposed.then(finish(opposed.tree, [Replacement(behind, behind, added)]))


def _others(bracket: Bracket, code: str) -> set[tuple[str, str]]:
    return {(stance, name) for stance, name in claims_of([bracket]) if name != code}


def _head(tree: Tree, bracket: Bracket) -> str:
    return tree.text[bracket.lead : bracket.body]


def _with_head(tree: Tree, bracket: Bracket, written: str, expected: set[tuple[str, str]]) -> Edit:
    """Return the edit that replaces the head by `written`, changing only the characters that differ.

    Raises EditRefused if the new head would not have the `expected` positions.
    """
    start, end = bracket.lead, bracket.body
    if not bracket.head.claims:
        start = end = bracket.start + 1
        written += " "
    elif not written:
        end += tree.text[end : end + 1].isspace()
    old = tree.text[start:end]
    changes, position, written_to = [], 0, 0
    for old_at, new_at, length in (*align(old, written), (len(old), len(written), 0)):
        changes.append(Replacement(start + position, start + old_at, written[written_to:new_at]))
        position, written_to = old_at + length, new_at + length
    edit = finish(tree, changes)
    require_head(edit, bracket.start, expected, unknown_names(bracket.head))
    return edit


def _in_text(tree: Tree, offset: int) -> None:
    """Raise EditRefused if `offset` is outside the text or inside a head, label, note or link."""
    if not 0 <= offset <= len(tree.text):
        raise EditRefused(_("This place is outside the text. Choose a place within the text."), offset)
    for start, end, role, _name in tree.pieces():
        if start < offset < end and role != "text":
            raise EditRefused(
                _("This place is inside a head, a label or a note. Choose a place among the words."), offset
            )
        if start >= offset:
            return


def _whole(tree: Tree, start: int, end: int) -> bool:
    """Return whether every bracket is entirely inside, around or outside the span from `start` to `end`."""
    brackets: Sequence[Bracket] = tree.brackets
    while brackets:
        around = None
        for bracket in brackets:
            if bracket.end <= start or bracket.start >= end or (start <= bracket.start and bracket.end <= end):
                continue
            if not (bracket.contested and bracket.body <= start and end <= bracket.close):
                return False
            around = bracket
        brackets = around.children if around else ()
    return True
