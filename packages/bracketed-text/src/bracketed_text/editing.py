"""Provide the common basis of all operations: the `Edit` that they return, and the checks that refuse an operation.

A check raises `EditRefused` with the reason and the offset. `finish` applies the replacements, parses the result and
verifies that only the intended variants end.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from bracketed_text.alternatives import Group, Relation, groups
from bracketed_text.attribution import attributions
from bracketed_text.diagnostics import Code
from bracketed_text.events import Act
from bracketed_text.heads import PROPOSE, STANCES, Claim, Head
from bracketed_text.outcomes import Outcomes, composed, ended
from bracketed_text.parsing import parse
from bracketed_text.patches import Patch, Replacement, apply_patch, compose, inverse, patch
from bracketed_text.phrases import Message
from bracketed_text.phrases import gettext_noop as _
from bracketed_text.tree import Block, Bracket, Tree


class EditRefused(Exception):
    """The refusal of an operation.

    `reason` explains the refusal and suggests an alternative. `place` is an offset in the text. `reason` is in English,
    and `reason.translated(translate)` returns it in another language.
    """

    def __init__(self, phrase: str, offset: int, **values: object) -> None:
        self.reason = Message(phrase, **values)
        self.place = offset
        super().__init__(self.reason)


class Edit(NamedTuple):
    """An operation on the text of `before`.

    `changes` turn this text into `text`, which is parsed as `tree`. `removed` contains the deleted text. `outcomes`
    gives, for each old variant that ended, the offset at which the variant began (`Variant.begin`) and its ending. An
    ending cannot always be derived from the two texts.
    """

    before: Tree
    tree: Tree
    changes: Patch
    removed: tuple[str, ...]
    outcomes: Outcomes = ()

    def __repr__(self) -> str:
        return f"<Edit of {len(self.changes)} replacements, giving {self.tree!r}>"

    @property
    def text(self) -> str:
        """The text after the edit."""
        return self.tree.text

    def undo(self) -> str:
        """Return the text before the edit."""
        return apply_patch(self.text, inverse(self.before.text, self.changes))

    def then(self, later: "Edit") -> "Edit":
        """Return this edit and `later` as one edit.

        Raises ValueError if `later` was not made on the text of this edit.
        """
        if later.before.text != self.text:
            raise ValueError("The later edit was made on a different text. Make it on the text of this edit.")
        return Edit(
            self.before,
            later.tree,
            compose(self.changes, later.changes),
            (*self.removed, *later.removed),
            composed(self.before.text, self.outcomes, self.changes, later.outcomes),
        )


def finish(
    tree: Tree,
    replacements: list[Replacement],
    meant: Mapping[int, Act] = MappingProxyType({}),
    removed: tuple[str, ...] = (),
) -> Edit:
    """Apply `replacements` to the text of `tree`, and return the edit.

    `meant` maps the offsets at which variants begin to their intended endings. Raises EditRefused if `meant` is empty
    and a variant would end.
    """
    changes = patch(replacements)
    after = parse(apply_patch(tree.text, changes), tree.register)
    outcomes, unmeant = ended(tree, after, changes, meant)
    if unmeant and not meant:
        raise EditRefused(
            _("After this operation, a bracket or alternative would no longer be recognised. Edit the text by hand."),
            replacements[0].start,
        )
    return Edit(tree, after, changes, removed, outcomes)


def bracket_at(tree: Tree, at: int) -> Bracket:
    result = next((bracket for bracket, _ in tree.walk() if bracket.start == at), None)
    if result is None:
        raise EditRefused(
            _("No bracket under negotiation begins here. Choose the place of the “[” that opens a bracket."), at
        )
    return result


def unit_at(tree: Tree, at: int) -> Bracket | Block:
    block = next((block for run in tree.runs for block in run if block.start == at), None)
    return block or bracket_at(tree, at)


def group_at(tree: Tree, at: int) -> Group | None:
    """Return the group of neighbours to which the bracket or option at `at` belongs, or None."""
    for group in groups(tree):
        members: Sequence[Bracket | Block] = group.brackets or group.blocks
        if group.relation is not Relation.INSIDE and any(member.start == at for member in members):
            return group
    return None


def require_known(tree: Tree, code: str, stance: str, offset: int) -> None:
    if stance not in STANCES:
        raise EditRefused(
            _("Unknown stance “{stance}”. Choose from: {known}."),
            offset,
            stance=stance,
            known=", ".join(sorted(STANCES)),
        )
    name = tree.register.find(code)
    if name is None or name.code != code:
        raise EditRefused(_("Unknown member or grouping “{code}”. Use its code."), offset, code=code)


def require_head(edit: Edit, at: int, expected: set[tuple[str, str]], unknown: set[str]) -> None:
    """Raise EditRefused if the bracket at `at` does not have the `expected` positions after `edit`.

    `expected` contains pairs of a stance and a code. `unknown` contains the unknown names that must remain in the head.
    """
    result = next((bracket for bracket, _ in edit.tree.walk() if bracket.start == at), None)
    if result is None or set(claims_of([result])) != expected or unknown_names(result.head) != unknown:
        raise EditRefused(_("The resulting bracket would not have the intended meaning. Edit its text by hand."), at)


def unknown_names(head: Head) -> set[str]:
    return {name for problem, name in head.problems if problem is Code.UNKNOWN_NAME}


def require_sound(tree: Tree, words: str, offset: int) -> None:
    if not words.strip():
        raise EditRefused(_("No words were entered. Enter the proposed words."), offset)
    errors = parse(words, tree.register).errors
    if errors:
        error = errors[0]
        unsound = _("The words contain an error. {message} {hint}")
        raise EditRefused(unsound, offset, message=error.message, hint=error.hint)


def require_own_words(tree: Tree, words: str, code: str, offset: int) -> None:
    """Raise EditRefused if `words`, which `code` proposes, contain a bracket that names another member."""
    for attribution in attributions(parse(words, tree.register)):
        if attribution.name != code:
            raise false_attribution(attribution.name, offset)


def false_attribution(name: str, offset: int) -> EditRefused:
    """Return the refusal of words that attribute to `name` a position that it has not taken."""
    return EditRefused(
        _("These words would attribute to {name} a position that it has not taken. Write the words without its name."),
        offset,
        name=name,
    )


def proposed_bracket(tree: Tree, words: str, code: str, offset: int) -> str:
    """Return the text of a bracket in which `code` proposes `words`.

    Raises EditRefused if `words` are empty, contain an error, or would be read as part of the head.
    """
    require_sound(tree, words, offset)
    written = f"[{code}: {words.strip()}]"
    read = parse(written, tree.register).brackets
    if len(read) != 1 or read[0].head.claims != (Claim(PROPOSE, (code,)),) or read[0].body != len(code) + 2:
        raise EditRefused(
            _("These words would be read as the names of members that take a position. Start with different words."),
            offset,
        )
    return written


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span from `start` to `end` without the blanks at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def claims_of(brackets: Sequence[Bracket]) -> Iterator[tuple[str, str]]:
    for bracket in brackets:
        for claim in bracket.head.claims:
            for name in claim.names:
                yield claim.stance, name
