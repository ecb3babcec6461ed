"""Operations on a bracket in the form that pages, API clients and requests use: an act, a position, and words.

The engine (`bracketed_text`) performs the operations. This module names, stores and reads them from JSON.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext_noop as _

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

# Acts of a delegate in the name of its member. The others are for facilitators, and delegates may request them.
IN_A_MEMBERS_NAME = frozenset({Act.TAKE, Act.WITHDRAW, Act.ALTERNATIVE, Act.PROPOSE, Act.ENCLOSE, Act.SUBSTITUTE})
RESTRUCTURING = frozenset(Act) - IN_A_MEMBERS_NAME
# The limit for one change: each operation is merged with the others, and the whole text is parsed for each.
MAX_OPERATIONS = 50


class InvalidOperation(Exception):
    """The input does not describe an operation; the message says why."""


@dataclass(frozen=True)
class Operation:
    """One act on a text. `at` and `end` are character offsets of the bracket's “[” or of the words concerned.

    A position can be taken at a bracket, at the label of an option, or at the words of an alternative inside a bracket,
    which is then divided. `words` are the words proposed; `number` counts the alternatives inside a bracket from 0.
    """

    act: str
    at: int
    end: int = 0
    stance: str = ""
    words: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        if self.act not in Act.values:
            raise InvalidOperation(f"“{self.act}” is no operation: use one of {', '.join(Act.values)}.")
        if self.stance and self.stance not in Stance.values:
            raise InvalidOperation(f"“{self.stance}” is no position: use one of {', '.join(Stance.values)}.")

    def as_json(self) -> dict[str, Any]:
        """Return the stored form, without fields that have their default values."""
        return {name: value for name, value in asdict(self).items() if value not in ("", 0) or name in ("act", "at")}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Operation":
        """Return the operation in `stored`; raises InvalidOperation if there is none."""
        types: dict[str, type] = {
            field.name: int if field.name in ("at", "end", "number") else str for field in fields(cls)
        }
        for name, value in stored.items():
            if name not in types:
                raise InvalidOperation(f"“{name}” is not a field of an operation: use {', '.join(types)}.")
            if not isinstance(value, types[name]) or isinstance(value, bool):
                raise InvalidOperation(f"“{name}” must be {'a number' if types[name] is int else 'text'}.")
        if "act" not in stored or "at" not in stored:
            raise InvalidOperation("An operation needs an act and a position: “act” and “at”.")
        return cls(**stored)


def perform(tree: Tree, operation: Operation, code: str) -> Edit:
    """Return the edit that `operation` makes in the name of the member with this code ("" for no member).

    Raises EditRefused with the reason and the position.
    """
    if operation.act in IN_A_MEMBERS_NAME and not code:
        raise EditRefused(
            _("Choose the member on whose behalf you act: positions and proposals belong to a member."), operation.at
        )
    if operation.act in IN_A_MEMBERS_NAME and operation.words:
        require_own_words(tree, operation.words, code, operation.at)
    return _PERFORMERS[operation.act](tree, operation, code)


_PERFORMERS: dict[str, Callable[[Tree, Operation, str], Edit]] = {
    Act.TAKE: lambda tree, operation, code: take_position(tree, operation.at, code, operation.stance),
    Act.WITHDRAW: lambda tree, operation, code: withdraw_position(tree, operation.at, code),
    Act.ALTERNATIVE: lambda tree, operation, code: propose_alternative(tree, operation.at, operation.words, code),
    Act.PROPOSE: lambda tree, operation, code: propose(tree, operation.at, operation.words, code),
    Act.ENCLOSE: lambda tree, operation, code: enclose(
        tree, operation.at, operation.end, code, operation.stance or Stance.OPPOSE
    ),
    Act.SUBSTITUTE: lambda tree, operation, code: substitute(tree, operation.at, operation.end, operation.words, code),
    Act.LIFT: lambda tree, operation, code: lift(tree, operation.at),
    Act.DROP: lambda tree, operation, code: drop(tree, operation.at),
    Act.CHOOSE: lambda tree, operation, code: choose(tree, operation.at, operation.number),
    Act.MERGE: lambda tree, operation, code: merge_alternatives(tree, operation.at, operation.words),
    Act.ALTERNATIVES: lambda tree, operation, code: mark_run(tree, operation.at, Relation.ALTERNATIVES),
    Act.INDEPENDENT: lambda tree, operation, code: mark_run(tree, operation.at, Relation.INDEPENDENT),
}
