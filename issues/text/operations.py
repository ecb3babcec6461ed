"""What one does to a bracket, as pages, API clients and requests say it: an act, a place, and words.

The engine does it (`bracketed_text`); here it gets a name, can be stored, and what is asked for is read from there.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from bracketed_text import (
    EditRefused,
    Tree,
    choose,
    drop,
    lift,
    propose,
    propose_alternative,
    substitute,
    take_position,
    withdraw_position,
)
from bracketed_text.advanced import Edit, Relation, enclose, mark_run, merge_alternatives, require_own_words
from issues.models.choices import Act, Stance

# What a delegate does in its member's name; the rest is for the facilitator, and may be requested.
IN_A_MEMBERS_NAME = frozenset({Act.TAKE, Act.WITHDRAW, Act.ALTERNATIVE, Act.PROPOSE, Act.ENCLOSE, Act.SUBSTITUTE})
RESTRUCTURING = frozenset(Act) - IN_A_MEMBERS_NAME
# As many make one change: each is put together with the rest, and the whole text is read for it.
MOST_OPERATIONS = 50


class NoOperation(Exception):
    """What was asked for is no operation; the message says why."""


@dataclass(frozen=True)
class Operation:
    """One act on a text. `at` and `end` are offsets in characters: of the bracket's “[”, or of the words meant.

    A position is taken at a bracket, at the label of an option, or at the words of an alternative inside a bracket,
    which is divided then. `words` are those proposed, `number` counts the alternatives inside one bracket from 0.
    """

    act: str
    at: int
    end: int = 0
    stance: str = ""
    words: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        if self.act not in Act.values:
            raise NoOperation(f"“{self.act}” is no operation: use one of {', '.join(Act.values)}.")
        if self.stance and self.stance not in Stance.values:
            raise NoOperation(f"“{self.stance}” is no position: use one of {', '.join(Stance.values)}.")

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored: what is not needed is left out."""
        return {name: value for name, value in asdict(self).items() if value not in ("", 0) or name in ("act", "at")}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Operation":
        """Return the operation that `stored` says; raises NoOperation where it says none."""
        kinds: dict[str, type] = {one.name: int if one.name in ("at", "end", "number") else str for one in fields(cls)}
        for name, value in stored.items():
            if name not in kinds:
                raise NoOperation(f"“{name}” is no part of an operation: use {', '.join(kinds)}.")
            if not isinstance(value, kinds[name]) or isinstance(value, bool):
                raise NoOperation(f"“{name}” must be {'a number' if kinds[name] is int else 'text'}.")
        if "act" not in stored or "at" not in stored:
            raise NoOperation("An operation has an act and a place: “act” and “at”.")
        return cls(**stored)


def perform(tree: Tree, operation: Operation, code: str) -> Edit:
    """Do it to the text, in the name of the member with this code; raises EditRefused with the reason and the place."""
    if operation.act in IN_A_MEMBERS_NAME and not code:
        raise EditRefused(
            _("Choose the member on whose behalf you act: positions and proposals belong to a member."), operation.at
        )
    if operation.act in IN_A_MEMBERS_NAME and operation.words:
        require_own_words(tree, operation.words, code, operation.at)
    return _PERFORMERS[operation.act](tree, operation, code)


_PERFORMERS: dict[str, Callable[[Tree, Operation, str], Edit]] = {
    Act.TAKE: lambda tree, one, code: take_position(tree, one.at, code, one.stance),
    Act.WITHDRAW: lambda tree, one, code: withdraw_position(tree, one.at, code),
    Act.ALTERNATIVE: lambda tree, one, code: propose_alternative(tree, one.at, one.words, code),
    Act.PROPOSE: lambda tree, one, code: propose(tree, one.at, one.words, code),
    Act.ENCLOSE: lambda tree, one, code: enclose(tree, one.at, one.end, code, one.stance or Stance.OPPOSE),
    Act.SUBSTITUTE: lambda tree, one, code: substitute(tree, one.at, one.end, one.words, code),
    Act.LIFT: lambda tree, one, code: lift(tree, one.at),
    Act.DROP: lambda tree, one, code: drop(tree, one.at),
    Act.CHOOSE: lambda tree, one, code: choose(tree, one.at, one.number),
    Act.MERGE: lambda tree, one, code: merge_alternatives(tree, one.at, one.words),
    Act.ALTERNATIVES: lambda tree, one, code: mark_run(tree, one.at, Relation.ALTERNATIVES),
    Act.INDEPENDENT: lambda tree, one, code: mark_run(tree, one.at, Relation.INDEPENDENT),
}
