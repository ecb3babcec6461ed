"""Which migrations the release before could not live with, while both run on one database during an upgrade.

Two rules: code that does not know a migration goes on reading and writing (so nothing it uses goes away, and nothing
it does not send is required), and no table that people write to is locked for as long as it takes to read it.
What is meant all the same says why, in the migration: `safe_because = {"RemoveField provision.colour": "…"}`.
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
# Made before there was a release to upgrade from.
BASELINE = {
    ("issues", "0007_staged_imports"),
    ("members", "0003_access_tokens"),
}
REASONS = "safe_because"
BESIDE = "members.concurrently.AddIndexConcurrently in a migration of its own"
# Never connected to: only asked what it calls a type. PostgreSQL is the one where upgrades run beside the site.
POSTGRESQL = DatabaseWrapper({"ENGINE": "django.db.backends.postgresql", "NAME": "", "OPTIONS": {}}, "types")


class Unsafe(NamedTuple):
    """An operation that is not safe: which, what it would do, and the way out."""

    migration: str
    operation: str
    why: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.operation}: {self.why}"


def unsafe_migrations() -> list[Unsafe]:
    """Return what is unsafe in the migrations behind the baseline, and reasons that are given for nothing."""
    loader = MigrationLoader(None)
    known = {key for tip in BASELINE for key in loader.graph.forwards_plan(tip)}
    found: list[Unsafe] = []
    for key in _in_order(loader):
        if key in known:
            continue
        before = loader.project_state([parent.key for parent in loader.graph.node_map[key].parents])
        found += judged(loader.graph.nodes[key], before)
    return found


def _in_order(loader: MigrationLoader) -> list[tuple[str, str]]:
    keys: dict[tuple[str, str], None] = {}
    for leaf in loader.graph.leaf_nodes():
        if leaf[0] in APPS:
            keys |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return [key for key in keys if key[0] in APPS]


def judged(migration: Migration, before: ProjectState) -> Iterator[Unsafe]:
    """Yield what is unsafe in `migration`, which is applied to the models `before`."""
    reasons = dict(getattr(migration, REASONS, {}))
    name = f"{migration.app_label}.{migration.name}"
    made: set[str] = set()
    state = before.clone()
    changes_schema = any(not isinstance(one, BY_HAND) for one in _flat(migration.operations))
    for operation in _flat(migration.operations):
        why = _why_unsafe(operation, state, migration, made)
        if not why and isinstance(operation, BY_HAND) and changes_schema:
            why = "it keeps the locks of the other operations while it runs: put it into a migration of its own"
        said = described(operation)
        if why and not reasons.pop(said, ""):
            yield Unsafe(name, said, why)
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        operation.state_forwards(migration.app_label, state)
    for said in reasons:
        yield Unsafe(name, said, f"a reason is given in {REASONS}, but nothing unsafe of that name is there")


def described(operation: Operation) -> str:
    """Return what an operation is called in `safe_because`, such as “RemoveField provision.colour”."""
    kind, of = type(operation).__name__, getattr(operation, "model_name", getattr(operation, "name", None)) or ""
    inner: Any = getattr(operation, "constraint", None) or getattr(operation, "index", None)
    name = (
        inner.name
        if inner is not None
        else (getattr(operation, "name", "") if hasattr(operation, "model_name") else "")
    )
    return f"{kind} {of.lower()}{'.' if name else ''}{name}".strip()


def _flat(found: Iterable[Operation]) -> Iterator[Operation]:
    """Yield the operations that reach the database."""
    for operation in found:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _why_unsafe(operation: Operation, state: ProjectState, migration: Migration, made: set[str]) -> str:
    """Return why `operation` is not safe, "" where it is; on tables that the migration itself makes, anything is."""
    of: str = getattr(operation, "model_name", None) or getattr(operation, "name", None) or ""
    if of.lower() in made:
        return ""
    rule = next((rule for kind, rule in RULES.items() if type(operation) is kind), None)
    return rule(operation, state, migration) if rule is not None else ""


def _breaks_the_release_before(operation: Any, *_: Any) -> str:
    return "the release before still uses it: stop using it in one release, take it away in the next"


def _added(operation: Any, *_: Any) -> str:
    field = operation.field
    if getattr(field, "many_to_many", False):
        return ""
    if not field.null and field.db_default is NOT_PROVIDED and not field.primary_key:
        return "the release before does not send it, so its rows would be refused: give it db_default, or null=True"
    if field.unique or field.db_index:
        return f"its index locks out writers while it is built: db_index=False, then {BESIDE}"
    return ""


def _altered(operation: Any, state: ProjectState, migration: Migration) -> str:
    before = state.models[migration.app_label, operation.model_name_lower].get_field(operation.name)
    after = operation.field
    if before.null and not after.null and after.db_default is NOT_PROVIDED:
        return "the release before may leave it empty: let it write a value for one release, with a check NOT VALID"
    if (before.unique, before.db_index) != (after.unique, after.db_index) and (after.unique or after.db_index):
        return f"its index locks out writers while it is built: {BESIDE}"
    if _rewrites(before, after):
        return "the table is written anew while nobody may read it: add another column, fill it, change over"
    return ""


def _rewrites(before: Any, after: Any) -> bool:
    """Whether PostgreSQL has to look at every row: all but a text that may be longer than before."""
    if before.is_relation and after.is_relation:
        # The models of a migration are not there to be asked for the type of their keys.
        return bool(before.remote_field.model != after.remote_field.model)
    old, new = before.db_type(POSTGRESQL), after.db_type(POSTGRESQL)
    if old == new or old is None or new is None:
        return False
    lengths = [one.max_length for one in (before, after)]
    texts = all(one.startswith(("varchar", "text")) for one in (old, new))
    return not (texts and (new == "text" or (None not in lengths and lengths[0] <= lengths[1])))


def _indexed(*_: Any) -> str:
    return f"it locks out writers while it is built: {BESIDE}"


def _constrained(operation: Any, *_: Any) -> str:
    if isinstance(operation.constraint, models.CheckConstraint):
        return "every row is read while nobody may write, and the release before may break it"
    return "it locks out writers while it is built, and the release before may break it"


def _by_hand(*_: Any) -> str:
    return "no rule knows what it does"


BY_HAND = (operations.RunPython, operations.RunSQL)
RULES: dict[type[Operation], Callable[[Any, ProjectState, Migration], str]] = {
    operations.RemoveField: _breaks_the_release_before,
    operations.RenameField: _breaks_the_release_before,
    operations.DeleteModel: _breaks_the_release_before,
    operations.RenameModel: _breaks_the_release_before,
    operations.AlterModelTable: _breaks_the_release_before,
    operations.AddField: _added,
    operations.AlterField: _altered,
    operations.AddIndex: _indexed,
    operations.AlterUniqueTogether: _indexed,
    operations.AlterIndexTogether: _indexed,
    operations.AddConstraint: _constrained,
    operations.RunSQL: _by_hand,
}
