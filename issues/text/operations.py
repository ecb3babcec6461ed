"""Operations on brackets, in the form used by pages, API clients and requests.

An operation consists of an act, a position and, for some acts, wording. This module defines the operations and converts
them to and from JSON. The engine (`bracketed_text`) performs them.
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

# The acts that a delegate performs in the name of a member. Facilitators perform all other acts, and delegates may
# request them.
IN_A_MEMBERS_NAME = frozenset({Act.TAKE, Act.WITHDRAW, Act.ALTERNATIVE, Act.PROPOSE, Act.ENCLOSE, Act.SUBSTITUTE})
RESTRUCTURING = frozenset(Act) - IN_A_MEMBERS_NAME
# The maximum number of operations in one change. Each operation requires a merge and a parse of the whole text.
MAX_OPERATIONS = 50


class InvalidOperation(Exception):
    """The input does not describe an operation. The message gives the reason."""


@dataclass(frozen=True)
class Operation:
    """An act on a text.

    `at` is the offset of the bracket's “[” or of the passage concerned, and `end` is the offset at which the passage
    ends. A position can be taken at a bracket, at the label of an option, or at the wording of an alternative inside a
    bracket. In the last case, the bracket is divided. `words` is the wording proposed. `number` is the index of an
    alternative inside a bracket, counted from 0.
    """

    act: str
    at: int
    end: int = 0
    stance: str = ""
    words: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        if self.act not in Act.values:
            raise InvalidOperation(f"“{self.act}” is not an operation. Use one of {', '.join(Act.values)}.")
        if self.stance and self.stance not in Stance.values:
            raise InvalidOperation(f"“{self.stance}” is not a stance. Use one of {', '.join(Stance.values)}.")

    def as_json(self) -> dict[str, Any]:
        """Return the stored form, which omits optional fields that have their default values."""
        return {name: value for name, value in asdict(self).items() if value not in ("", 0) or name in ("act", "at")}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Operation":
        """Return the operation in `stored`. Raise InvalidOperation if `stored` does not describe an operation."""
        types: dict[str, type] = {
            field.name: int if field.name in ("at", "end", "number") else str for field in fields(cls)
        }
        for name, value in stored.items():
            if name not in types:
                raise InvalidOperation(f"“{name}” is not a field of an operation. Use {', '.join(types)}.")
            if not isinstance(value, types[name]) or isinstance(value, bool):
                raise InvalidOperation(f"“{name}” must be {'a number' if types[name] is int else 'text'}.")
        if "act" not in stored or "at" not in stored:
            raise InvalidOperation("An operation must contain the fields “act” and “at”.")
        return cls(**stored)


def perform(tree: Tree, operation: Operation, code: str) -> Edit:
    """Return the edit that `operation` makes in the name of a member.

    `code` is the member's code, or an empty string if no member acts. Raise EditRefused, with the reason and the
    position, if the operation cannot be performed.
    """
    if operation.act in IN_A_MEMBERS_NAME and not code:
        raise EditRefused(
            _("Choose the member on whose behalf you act: every position and every proposal belongs to a member."),
            operation.at,
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
