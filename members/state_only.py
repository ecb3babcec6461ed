"""A migration operation that changes descriptions of fields without touching the database."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations import SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation


class StateOnly(SeparateDatabaseAndState):
    """Operations that have no effect on the database, such as new help texts.

    Django creates the classes of all related models again after each operation. A hundred new help texts would
    therefore take several seconds whenever a database is created. Here, the classes are created once, when they are
    next needed.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        super().__init__(state_operations=list(operations))

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return the arguments, for `squashmigrations`."""
        return type(self).__name__, [self.state_operations], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change the state without creating classes of models."""
        state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)
