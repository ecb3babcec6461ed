"""Find migrations that cannot be applied while the previous release is still running, as happens during an upgrade.

A migration is safe if it complies with two rules:

1. The previous release can still read and write. The migration therefore must not remove columns that the previous
   release uses or require values that it does not send.
2. No table to which users write is locked for the time that it takes to read all its rows.

An exception is justified in the migration itself: `safe_because = {"RemoveField provision.colour": "…"}`.

For example, adding the column `colour` as `CharField()` violates rule 1, because the previous release inserts rows
without that column. The operation is safe with `db_default=""`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import models
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

APPS = ("issues", "members")
# The last migrations before the first release.
BASELINE = {
    ("issues", "0007_staged_imports"),
    ("members", "0003_access_tokens"),
}
REASONS = "safe_because"
CONCURRENTLY = "members.concurrently.AddIndexConcurrently in a separate migration"
# This wrapper never connects to a database. It only translates fields to column types. Upgrades of a running site are
# supported only on PostgreSQL.
POSTGRESQL = DatabaseWrapper({"ENGINE": "django.db.backends.postgresql", "NAME": "", "OPTIONS": {}}, "types")


class UnsafeOperation(NamedTuple):
    """An unsafe operation in a migration, with the reason and the remedy."""

    migration: str
    operation: str
    why: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.operation}: {self.why}"


def unsafe_migrations() -> list[UnsafeOperation]:
    """Return the unsafe operations in migrations since the baseline, and justifications that match no operation."""
    loader = MigrationLoader(None)
    known = {key for tip in BASELINE for key in loader.graph.forwards_plan(tip)}
    unsafe: list[UnsafeOperation] = []
    for key in _in_order(loader):
        if key in known:
            continue
        before = loader.project_state([parent.key for parent in loader.graph.node_map[key].parents])
        unsafe += unsafe_operations(loader.graph.nodes[key], before)
    return unsafe


def _in_order(loader: MigrationLoader) -> list[tuple[str, str]]:
    keys: dict[tuple[str, str], None] = {}
    for leaf in loader.graph.leaf_nodes():
        if leaf[0] in APPS:
            keys |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return [key for key in keys if key[0] in APPS]


def unsafe_operations(migration: Migration, before: ProjectState) -> Iterator[UnsafeOperation]:
    """Yield the unsafe operations of `migration`, whose initial state is `before`, and unused justifications."""
    reasons = dict(getattr(migration, REASONS, {}))
    name = f"{migration.app_label}.{migration.name}"
    created: set[str] = set()
    state = before.clone()
    changes_schema = any(not isinstance(operation, CUSTOM) for operation in _flat(migration.operations))
    for operation in _flat(migration.operations):
        why = _why_unsafe(operation, state, migration, created)
        if not why and isinstance(operation, CUSTOM) and changes_schema:
            why = "it runs while the other operations hold their locks: move it to a separate migration"
        label = operation_name(operation)
        if why and not reasons.pop(label, ""):
            yield UnsafeOperation(name, label, why)
        if isinstance(operation, operations.CreateModel):
            created.add(operation.name_lower)
        operation.state_forwards(migration.app_label, state)
    for label in reasons:
        yield UnsafeOperation(
            name, label, f"{REASONS} names it, but the migration contains no unsafe operation of that name"
        )


def operation_name(operation: Operation) -> str:
    """Return the name of an operation in `safe_because`, such as “RemoveField provision.colour”."""
    kind, model = type(operation).__name__, getattr(operation, "model_name", getattr(operation, "name", None)) or ""
    inner: Any = getattr(operation, "constraint", None) or getattr(operation, "index", None)
    name = (
        inner.name
        if inner is not None
        else (getattr(operation, "name", "") if hasattr(operation, "model_name") else "")
    )
    return f"{kind} {model.lower()}{'.' if name else ''}{name}".strip()


def _flat(nested: Iterable[Operation]) -> Iterator[Operation]:
    """Yield the operations that change the database, including those nested in SeparateDatabaseAndState."""
    for operation in nested:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _why_unsafe(operation: Operation, state: ProjectState, migration: Migration, created: set[str]) -> str:
    """Return the reason that makes `operation` unsafe, or "" if it is safe.

    All operations are safe on tables that the migration itself creates.
    """
    model: str = getattr(operation, "model_name", None) or getattr(operation, "name", None) or ""
    if model.lower() in created:
        return ""
    rule = next((rule for kind, rule in RULES.items() if type(operation) is kind), None)
    return rule(operation, state, migration) if rule is not None else ""


def _removed(operation: Any, *_: Any) -> str:
    return "the previous release still uses it: stop using it in one release, and remove it in the next"


def _added(operation: Any, *_: Any) -> str:
    field = operation.field
    if getattr(field, "many_to_many", False):
        return ""
    if not field.null and field.db_default is NOT_PROVIDED and not field.primary_key:
        return "rows written by the previous release lack a value and would be rejected: set db_default or null=True"
    if field.unique or field.db_index:
        return f"creating its index blocks writers: use db_index=False, then {CONCURRENTLY}"
    return ""


def _altered(operation: Any, state: ProjectState, migration: Migration) -> str:
    before = state.models[migration.app_label, operation.model_name_lower].get_field(operation.name)
    after = operation.field
    if before.null and not after.null and after.db_default is NOT_PROVIDED:
        return "the previous release may leave it empty: first fill it for one release, with a NOT VALID constraint"
    if (before.unique, before.db_index) != (after.unique, after.db_index) and (after.unique or after.db_index):
        return f"creating its index blocks writers: use {CONCURRENTLY}"
    if _rewrites(before, after):
        return "the table cannot be read while it is rewritten: add another column, fill it, and then switch to it"
    return ""


def _rewrites(before: Any, after: Any) -> bool:
    """Return whether PostgreSQL must rewrite or check every row.

    This is unnecessary if only the maximum length of a text field increases.
    """
    if before.is_relation and after.is_relation:
        # The related models are not available in this state, so the types of their primary keys are unknown.
        return bool(before.remote_field.model != after.remote_field.model)
    old, new = before.db_type(POSTGRESQL), after.db_type(POSTGRESQL)
    if old == new or old is None or new is None:
        return False
    lengths = [field.max_length for field in (before, after)]
    both_texts = all(column_type.startswith(("varchar", "text")) for column_type in (old, new))
    return not (both_texts and (new == "text" or (None not in lengths and lengths[0] <= lengths[1])))


def _indexed(*_: Any) -> str:
    return f"creating it blocks writers: use {CONCURRENTLY}"


def _constrained(operation: Any, *_: Any) -> str:
    if isinstance(operation.constraint, models.CheckConstraint):
        return "every row is checked while writers are blocked, and the previous release may violate it"
    return "creating it blocks writers, and the previous release may violate it"


def _custom(*_: Any) -> str:
    return "its effect is unknown"


CUSTOM = (operations.RunPython, operations.RunSQL)
RULES: dict[type[Operation], Callable[[Any, ProjectState, Migration], str]] = {
    operations.RemoveField: _removed,
    operations.RenameField: _removed,
    operations.DeleteModel: _removed,
    operations.RenameModel: _removed,
    operations.AlterModelTable: _removed,
    operations.AddField: _added,
    operations.AlterField: _altered,
    operations.AddIndex: _indexed,
    operations.AlterUniqueTogether: _indexed,
    operations.AlterIndexTogether: _indexed,
    operations.AddConstraint: _constrained,
    operations.RunSQL: _custom,
}
