"""Perform operations on a text.

Each operation is performed on the original text, and the results are then merged. Therefore, the operations do not
shift one another's offsets, and their order does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from bracketed_text import EditRefused, Tree, merge
from issues.actions.errors import OperationRefused
from issues.text.entries import Endings
from issues.text.operations import Operation, perform
from issues.wording import refusal_reason
from members.models import Member


@dataclass(frozen=True)
class EditResult:
    """The text that results from an edit. `endings` maps offsets in the old text to the known outcomes of variants."""

    tree: Tree
    endings: Endings = field(default_factory=dict)


def perform_operation(tree: Tree, operation: Operation, member: Member | None) -> EditResult:
    """Return the result of an operation in the name of `member`. Raise OperationRefused if it cannot be performed."""
    try:
        edit = perform(tree, operation, member.code if member else "")
    except EditRefused as refused:
        raise OperationRefused(refusal_reason(refused), refused.place) from refused
    return EditResult(edit.tree, dict(edit.outcomes))


def perform_operations(tree: Tree, operations: Sequence[Operation], member: Member | None) -> EditResult:
    """Return the combined result of `operations`, whose offsets all refer to `tree`.

    Raise OperationRefused for an operation that cannot be performed or that conflicts with an earlier operation.
    """
    combined = EditResult(tree)
    for index, operation in enumerate(operations):
        try:
            result = perform_operation(tree, operation, member)
        except OperationRefused as refused:
            raise OperationRefused(str(refused), refused.offset, index) from refused
        merged = merge(tree, combined.tree, result.tree)
        if merged.tree is None:
            message = _("This operation overlaps an earlier operation. Log it separately, on the resulting text.")
            raise OperationRefused(message, operation.at, index)
        combined = EditResult(merged.tree, {**result.endings, **combined.endings})
    return combined
