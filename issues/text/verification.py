"""Verification of the record: its hash chains, the text index, and the triggers that guard stored rows.

- Each row in a chain has a digest of its content and of the previous row (`models.schemes`). An altered, removed or
  inserted row is therefore detected.
- The change feed lists every row that was ever added. Rows that were removed from the end of a chain are therefore
  detected.
- The stored index is compared with an index computed from the texts.
- Triggers prevent rows on record from being changed or deleted. `check --deploy` reports missing triggers.

The documentation of the record and the output of `manage.py verify_record` state the limits of this verification.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core import checks
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model, OuterRef, QuerySet, Subquery

from bracketed_text import Register
from issues.models import Change, Proposal, ProposalStep, Provision, Revision, SmallGroup, StatusReport
from issues.models.append_only import missing_guards
from issues.models.chain import Chained
from issues.models.choices import ChangeKind
from issues.models.schemes import FIRST_SCHEME, altered_columns, digest_of, link_of, names_of, seals_of
from issues.models.text import PLACE
from issues.text.index import differences
from issues.text.lifetimes import Holders, holders_of
from issues.text.member_names import load_register

RESTORE_COMMAND = "manage.py migrate"
# Errors that may be raised when a row is read that was altered into an invalid state.
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError)


@dataclass(frozen=True)
class Chain:
    """A table whose rows form chains.

    The fields give the model of the chains' owners, the labels used in messages, and the resource of the change feed.
    """

    model: type[Chained]
    owner: type[Model]
    row_label: str
    owner_label: str
    resource: str

    def rows(self, owner: Any) -> "QuerySet[Any]":
        """Return the rows of one chain, in order."""
        return self.model._base_manager.filter(**{self.model.CHAIN: owner.pk}).order_by(self.model.ORDER)

    def owners(self) -> "QuerySet[Any]":
        """Return the owners of all chains."""
        chained = self.model._base_manager.order_by().values(self.model.CHAIN)
        return self.owner._base_manager.filter(pk__in=chained).order_by("pk")

    def heads(self) -> "QuerySet[Any]":
        """Return the last row of each chain, in a fixed order."""
        chain, order = self.model.CHAIN, self.model.ORDER
        later = self.model._base_manager.filter(**{chain: OuterRef(chain)}).order_by(f"-{order}")
        return self.model._base_manager.filter(pk=Subquery(later.values("pk")[:1])).order_by(chain)


TEXTS = Chain(Revision, Provision, "revision", "", "revision")
STEPS = Chain(ProposalStep, Proposal, "step", "proposal ", "proposal-step")
STATUSES = Chain(StatusReport, SmallGroup, "stated status", "small group ", "status-report")
CHAINS = (TEXTS, STEPS, STATUSES)


def verify(provisions: list[Provision]) -> Iterator[tuple[Provision, list[str]]]:
    """Yield each provision with a sentence for each problem of its record.

    The function only reads data and may run while the site is in use. Because a change may be recorded between two
    queries, each problem is confirmed while the lock that writers use is held.
    """
    register, holders = load_register(), holders_of()
    for provision in provisions:
        yield provision, _confirmed(provision, lambda text: _problems_of_text(text, register, holders))


def verify_chains(chain: Chain) -> Iterator[tuple[str, list[str]]]:
    """Yield the label of each chain with a sentence for each of its problems.

    Problems are confirmed in the same way as in `verify`.
    """
    for owner in chain.owners():
        yield f"{chain.owner_label}{owner.slug}", _confirmed(owner, lambda row: list(_chain_problems(chain, row)))


def _confirmed(owner: Any, problems: Callable[[Any], list[str]]) -> list[str]:
    if not problems(owner):
        return []
    with transaction.atomic():
        type(owner)._base_manager.select_for_update().get(pk=owner.pk)
        return problems(owner)


def _problems_of_text(provision: Provision, register: Register, holders: Holders) -> list[str]:
    problems = list(_chain_problems(TEXTS, provision))
    try:
        return [*problems, *differences(provision, register, holders)]
    except UNREADABLE:
        if not problems:
            raise
        return problems


def _chain_problems(chain: Chain, owner: Any) -> Iterator[str]:
    """Yield the problems of a chain."""
    try:
        rows = list(chain.rows(owner))
    except UNREADABLE as error:
        yield f"{chain.row_label}: a row was altered and can no longer be read ({error})"
        return
    before: Any = None
    for expected, row in enumerate(rows, start=1):
        number = getattr(row, chain.model.ORDER)
        if chain.model.ORDER == "number" and number != expected:
            yield f"{chain.row_label} {expected} is missing from the record"
            return
        yield from _row_problems(f"{chain.row_label} {number}", row, before)
        before = row


def _row_problems(label: str, row: Any, before: Any) -> Iterator[str]:
    if not row.digest and row.seals is None:
        return  # `unsealed` counts these rows
    sound, altered = _digest_fits(row, before), _altered(row)
    if not sound:
        yield f"{label}: the hash does not match, so the row was altered after it was recorded"
    if altered:
        yield f"{label}: altered in {', '.join(name.removesuffix('_id').replace('_', ' ') for name in altered)}"
    elif not sound:
        yield f"{label}: its columns match the record, so its hash or the previous row was altered"


def _altered(row: Any) -> list[str]:
    try:
        return altered_columns(row) if row.seals is not None else []
    except UNREADABLE:
        return ["seals"]


def _digest_fits(row: Any, before: Any) -> bool:
    """Return whether the digest of a row matches its content.

    If scheme 2 added a seal to an old row, the seal must also match.
    """
    try:
        return _fits(row, before)
    except UNREADABLE:
        return False


def _fits(row: Any, before: Any) -> bool:
    if row.digest_scheme != FIRST_SCHEME:
        return bool(row.digest == digest_of(row, link_of(before), row.recorded_names))
    # A revision that the previous release recorded during an upgrade has no recorded names. In this case, the current
    # names are used.
    names = names_of(row) if row.recorded_names is None else row.recorded_names
    if row.digest != digest_of(row, before.digest if before is not None else "", names):
        return False
    return row.seals is None or bool(row.seals["row"] == seals_of(row, link_of(before))["row"])


def missing_rows(chain: Chain) -> list[str]:
    """Return a sentence for each row that is listed in the change feed but no longer exists."""
    rows = chain.model._base_manager.values("pk")
    added = Change.objects.filter(resource=chain.resource, kind=ChangeKind.ADDED).exclude(row__in=rows)
    keys = added.order_by("negotiation", "number").values_list("key", flat=True)
    return [f"{chain.row_label} {key}: it is listed in the change feed but missing from the record" for key in keys]


def unsealed(chain: Chain) -> int:
    """Return the number of rows without seals, which the previous release wrote during an upgrade."""
    return chain.model._base_manager.filter(seals__isnull=True).count()


def digest_of_record() -> str:
    """Return the digest of the entire record, which changes with every entry."""
    links = [link_of(row) for chain in CHAINS for row in chain.heads()]
    return _joint_digest(links)


def digest_of_texts(provisions: list[Provision]) -> str:
    """Return the digest of the current revisions of `provisions`, as computed by earlier releases."""
    heads = Revision.objects.current().filter(provision__in=provisions).order_by("provision")
    return _joint_digest(heads.values_list("digest", flat=True))


def _joint_digest(digests: Iterable[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def provisions_to_verify(slug: str = "") -> list[Provision]:
    """Return all provisions in text order.

    If `slug` is given, return only the provision with this slug.
    """
    provisions = Provision.objects.select_related(*PLACE).order_by("negotiation", "position")
    return list(provisions.filter(slug=slug) if slug else provisions)


def check_guards(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Return a list that contains an error for `check --deploy` if triggers are missing.

    The list is empty if the database does not exist or has unapplied migrations. If the database cannot be queried, the
    list contains a notice.
    """
    try:
        if not _is_up_to_date():
            return []
        missing = missing_guards()
    except DatabaseError:
        return [checks.Info("The database is not responding, so its triggers were not checked.", id="issues.I001")]
    if not missing:
        return []
    message = f"Rows on record can be changed or deleted, because triggers are missing: {', '.join(missing)}."
    hint = f"Restore the triggers with `{RESTORE_COMMAND}`. Then run `manage.py verify_record` to find altered rows."
    return [checks.Error(message, hint=hint, id="issues.E001")]


def _is_up_to_date() -> bool:
    """Return whether there is a database with all migrations applied.

    If there is no such database, `migrate` will install the guards.
    """
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not name.startswith("file:") and not Path(name).exists():
        return False  # connecting would create the database
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
