"""Log the accepted provisions of a staged import in one transaction.

If one provision cannot be logged, no provision is logged. The reason is then stored with that provision. Every accepted
provision whose stored text has since changed is merged with the new text and must be reviewed again.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.utils.translation import gettext as _

from bracketed_text import parse
from issues.access.permissions import Refused
from issues.access.roles import Reader, reader_of
from issues.access.visibility import visible_provisions
from issues.actions import changes
from issues.actions.change_previews import others_positions_ended
from issues.actions.edits import TextChange
from issues.actions.errors import NotRecorded
from issues.interchange.placement import new_provision
from issues.interchange.review import close, rebase_row, recompare
from issues.interchange.staging import NotStaged, comparison_base
from issues.models import Provision, Revision, StagedImport, StagedProvision
from issues.models.choices import Decision, Finding, StagedState
from issues.sync.publishing import publishing
from issues.text.ended_positions import EndedPositions
from issues.text.member_names import load_register
from issues.text.stored import stored_tree


class NotLogged(Exception):
    """Raised when an import cannot be logged. `row` is the provision that cannot be logged, for the given `reason`."""

    def __init__(self, row: StagedProvision, reason: str) -> None:
        super().__init__(f"{row.heading}: {reason}")
        self.row = row
        self.reason = reason


def log(
    staged: StagedImport,
    actor: AbstractBaseUser,
    progress: Callable[[list[StagedProvision]], Iterable[StagedProvision]] = iter,
) -> list[Revision]:
    """Log all accepted provisions, close the import, and return the revisions.

    If a provision cannot be logged, nothing is logged, and NotLogged is raised with that provision. Raises NotStaged if
    the import is closed or no provision has been accepted.
    """
    try:
        with publishing():  # publish the whole import at once
            return _log(StagedImport.objects.select_for_update().defer("draft").get(pk=staged.pk), actor, progress)
    except NotLogged as refused:
        _record_refusal(refused)
        raise


def ended_positions(staged: StagedImport) -> list[EndedPositions]:
    """Return the positions that the accepted provisions would end, each described with the provision's heading."""
    register = load_register()
    rows = staged.provisions.filter(decision=Decision.ACCEPTED, finding=Finding.CHANGED).select_related("base")
    results: list[EndedPositions] = []
    for row in rows.iterator(20):
        if row.base is None or row.unparsed:
            continue
        ended = others_positions_ended(stored_tree(row.base, register), parse(row.text, register), None)
        results += [replace(positions, says=f"{row.heading}: {positions.says}") for positions in ended]
    return results


def _log(
    staged: StagedImport,
    actor: AbstractBaseUser,
    progress: Callable[[list[StagedProvision]], Iterable[StagedProvision]],
) -> list[Revision]:
    if not staged.is_open:
        raise NotStaged(_("This import has since been closed. Check its outcome."))
    rows = list(staged.provisions.filter(decision=Decision.ACCEPTED).select_related("base", "provision", "staged"))
    if not rows:
        raise NotStaged(_("No provisions have been accepted yet."))
    reader = reader_of(actor)
    revisions, before = [], None
    for row in progress(rows):
        row.staged = staged
        row.revision = _logged(row, actor, reader, before)
        before = row.revision.provision
        revisions.append(row.revision)
    StagedProvision.objects.bulk_update(rows, ["revision"], batch_size=100)
    close(staged, StagedState.LOGGED, actor)
    return revisions


def _logged(row: StagedProvision, actor: AbstractBaseUser, reader: Reader, before: Provision | None) -> Revision:
    try:
        provision, base = _provision_of(row, reader, before)
        return changes.log(
            TextChange(
                provision,
                base_revision=base,
                edit=row.text,
                made_on=row.staged.made_on,
                reason=_("Imported from %(name)s") % {"name": row.staged.name},
                source=row.staged.source,
                unparsed=row.unparsed,
            ),
            actor=actor,
        )
    except (NotRecorded, Refused, Provision.DoesNotExist) as refused:
        raise NotLogged(row, str(refused)) from refused


def _provision_of(row: StagedProvision, reader: Reader, before: Provision | None) -> tuple[Provision, int]:
    """Return the provision for a row and the number of its base revision. A new provision is created first."""
    if row.provision is None:
        return new_provision(row, reader, before), 0
    locked = visible_provisions(reader).select_for_update(of=("self",)).filter(pk=row.provision.pk).first()
    stood = comparison_base(row.provision, row.staged.made_on)
    number = stood.number if stood else 0
    if locked is None or stood != row.base:
        raise NotLogged(
            row, _("revision %(number)s has since been logged. Review the provision again.") % {"number": number}
        )
    return row.provision, number


def _record_refusal(refused: NotLogged) -> None:
    """Store the reason for a refusal, and merge the accepted provisions with any texts logged since the review."""
    rows = StagedProvision.objects.select_related("base__provision", "provision", "staged")
    accepted = Q(decision=Decision.ACCEPTED, staged=refused.row.staged_id)
    for row in rows.filter(accepted | Q(pk=refused.row.pk)):
        current = comparison_base(row.provision, row.staged.made_on) if row.provision else None
        if current is not None and current != row.base:
            rebase_row(row, current)
            row.note = _("revision %(number)s has since been logged. Review the provision again.") % {
                "number": current.number
            }
        elif row.pk == refused.row.pk:
            recompare(row)
        if row.pk == refused.row.pk:
            row.note = refused.reason
        row.save(update_fields=["note"])
