"""What operations make of a text: each is done on the text as it stands, and they are put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from bracketed_text import EditRefused, Tree, merge
from issues.actions.text_checks import NotLogged
from issues.text.entries import Endings
from issues.text.operations import Operation, perform
from members.models import Member


class OperationRefused(NotLogged):
    """The operation cannot be done on this text; `place` is an offset into the text that it was meant for.

    Of several, `index` says which one, from 0.
    """

    def __init__(self, reason: str, place: int, index: int = 0) -> None:
        super().__init__(reason)
        self.place = place
        self.index = index


@dataclass(frozen=True)
class Made:
    """A text that was made, and how those variants ended of which that is known, by place in the text before."""

    tree: Tree
    endings: Endings = field(default_factory=dict)


def performed(tree: Tree, operation: Operation, member: Member | None) -> Made:
    """Return what `operation` makes of a text in the name of `member`; raises OperationRefused."""
    try:
        edit = perform(tree, operation, member.code if member else "")
    except EditRefused as refused:
        raise OperationRefused(refused.reason, refused.place) from refused
    return Made(edit.tree, dict(edit.outcomes))


def all_performed(tree: Tree, operations: Sequence[Operation], member: Member | None) -> Made:
    """Return what `operations` make of a text together: each is done on it as it stands, so none moves another's place.

    Raises OperationRefused for one that cannot be done, or touches what one before it does.
    """
    together = Made(tree)
    for index, operation in enumerate(operations):
        try:
            made = performed(tree, operation, member)
        except OperationRefused as refused:
            raise OperationRefused(str(refused), refused.place, index) from refused
        merged = merge(tree, together.tree, made.tree)
        if merged.tree is None:
            said = _("This operation overlaps with an earlier one: log it afterwards, on the resulting text.")
            raise OperationRefused(said, operation.at, index)
        together = Made(merged.tree, {**made.endings, **together.endings})
    return together
