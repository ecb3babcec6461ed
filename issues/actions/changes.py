"""Changes to texts. Each revision is validated, authorised, stored and indexed in one transaction.

The pages, the API, the admin and imports all call `log`. The previews in `issues.actions.change_previews` show the
effect of `log` in advance.
"""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model
from django.utils.translation import gettext as _

from bracketed_text import Tree
from issues.access.permissions import Acting, Refused, Tabled, acting, may_correct_any
from issues.access.roles import Reader, reader_of
from issues.access.visibility import visible_provisions
from issues.actions.apply_operations import EditResult
from issues.actions.authorization import require_authorized
from issues.actions.backdating import DayResult
from issues.actions.clock import advance_to
from issues.actions.corrections import require_correctable, restorable_attributions
from issues.actions.edits import TextChange, apply_change, day_of, require_bounded_edit
from issues.actions.errors import NothingChanged
from issues.actions.idempotency import Intent, recorded_before
from issues.actions.revisions import append_revisions, timestamp
from issues.actions.text_checks import require_as_found, require_value
from issues.models import ChangeRequest, Provision, Revision
from issues.models.choices import Visibility
from issues.sync.publishing import publishing
from issues.text.entries import performed_json
from issues.text.index import stored_texts
from issues.text.member_names import load_register
from issues.text.stored import stored_tree
from members.plain_text import LINE, PROSE


@publishing()
def log(
    change: TextChange,
    *,
    actor: AbstractBaseUser,
    tabled: Tabled | None = None,
    accepted: ChangeRequest | None = None,
    idempotency_key: str = "",
) -> Revision:
    """Store and index the next revision of the provision in one transaction, and return the revision.

    Changes logged by others since the base revision are preserved (`issues.actions.edits`). For a backdated change, the
    returned revision is the entry with the date of the change. A retry with the same idempotency key returns the
    revision stored by the first call. `tabled` is the proposal that permits the actor to enter wording in the name of
    other members. `accepted` is the request that the change fulfils.

    Raise TextRefused, WordsRefused, InvalidValue, OperationRefused, NothingChanged, Conflict, permissions.Refused, or
    Provision.DoesNotExist if the actor may not see the provision.
    """
    _require_valid(change, idempotency_key)
    day, reader = day_of(change), reader_of(actor)
    mark, recorded = recorded_before(idempotency_key, _intent(change, actor))
    change = replace(change, provision=_locked(change.provision, reader))
    if recorded is not None:
        return change.provision.revisions.get(pk=recorded)
    current = change.provision.revisions.order_by("-number").first()
    old = stored_tree(current, load_register())
    result, days = _result(change, reader, current, old, day)
    if result.tree.text == old.text:
        raise NothingChanged
    require_correctable(reader, change.provision, change.corrects)
    texts = stored_texts(change.provision, old.register)
    restores = restorable_attributions(change.corrects, texts, reader, day)
    acts = acting(
        reader,
        change.provision,
        change.on_behalf_of,
        tabled=tabled,
        performed=change.operations is not None,
        restores=restores,
    )
    _require_authorized(acts, change.provision, old, result, days)
    revision = _revision(change, actor, day, days[0].result if days else result, days)
    revision.number = current.number + 1 if current else 1
    if change.provision.visibility == Visibility.PUBLIC:
        advance_to(change.provision.negotiation, day)
    revision.idempotency_key = mark
    carrying = [_carrying(revision, later, count) for count, later in enumerate(days[1:], start=1)]
    append_revisions([revision, *carrying], current, texts, [accepted.pk] if accepted else [])
    return revision


def _require_valid(change: TextChange, idempotency_key: str) -> None:
    require_bounded_edit(change)
    require_value("reason", change.reason, PROSE)
    require_value("source", change.source, PROSE)
    require_value("idempotency_key", idempotency_key, LINE)


def _locked(provision: Provision, reader: Reader) -> Provision:
    visible = visible_provisions(reader).select_for_update(of=("self",)).select_related("negotiation")
    return visible.get(pk=provision.pk)


def _result(
    change: TextChange, reader: Reader, current: Revision | None, old: Tree, day: datetime.date
) -> tuple[EditResult, list[DayResult]]:
    """Return the new current text and, for a backdated change, the result on each date concerned.

    Only the secretariat may store a first text with the errors of its source.
    """
    may_keep_problems = current is None and may_correct_any(reader, change.provision.negotiation_id)
    if change.unparsed and not may_keep_problems:
        raise Refused(_("Only the secretariat can keep a text unparsed, and only as the first text of its provision."))
    if (change.as_found or change.unparsed) and may_keep_problems and isinstance(change.edit, str):
        return EditResult(require_as_found(change.edit, old.register, unparsed=change.unparsed)), []
    return apply_change(change, current, old, day)


def _require_authorized(
    acts: Acting, provision: Provision, old: Tree, result: EditResult, days: Sequence[DayResult]
) -> None:
    """Raise Refused unless the actor may change both the current text and the text in force on the change's date."""
    require_authorized(acts, provision, old, result.tree)
    if days:
        require_authorized(acts, provision, days[0].before, days[0].result.tree, current=old)


def _revision(
    change: TextChange, actor: AbstractBaseUser, day: datetime.date, result: EditResult, days: Sequence[DayResult]
) -> Revision:
    """Return a revision, not yet numbered, that records `change` and its result."""
    return Revision(
        provision=change.provision,
        text=result.tree.text,
        made_on=day,
        recorded_at=timestamp(),
        recorded_by_id=actor.pk,
        on_behalf_of=change.on_behalf_of,
        reason=change.reason,
        source=change.source,
        proposal=change.proposal,
        corrects=change.corrects,
        follows=days[0].entry.number if days else None,
        performed=_performed_json(change, result),
        unparsed=days[0].entry.unparsed if days else change.unparsed,
    )


def _carrying(backdated: Revision, later: DayResult, count: int) -> Revision:
    """Return the entry that carries the change in `backdated` forward to the text of a later date.

    The number of the entry exceeds that of `backdated` by `count`.
    """
    return Revision(
        provision=backdated.provision,
        number=backdated.number + count,
        text=later.result.tree.text,
        unparsed=later.entry.unparsed,
        made_on=later.entry.made_on,
        recorded_at=backdated.recorded_at,
        recorded_by_id=backdated.recorded_by_id,
        on_behalf_of=backdated.on_behalf_of,
        reason=backdated.reason,
        follows=later.entry.number,
        carries=backdated,
    )


def _performed_json(change: TextChange, result: EditResult) -> Any:
    """Return the stored form of the operations that produced a text, or None if the text was edited directly."""
    if change.operations is None:
        return None
    operations = [operation.as_json() for operation in change.operations]
    return performed_json(change.base_revision, operations, result.endings)


def _intent(change: TextChange, actor: AbstractBaseUser) -> Intent:
    """Return the content that a retry must repeat to be recognised as the same entry."""
    edit: Any = change.edit
    if change.operations is not None:
        edit = [operation.as_json() for operation in change.operations]
    details = [
        change.made_on,
        change.reason,
        change.source,
        change.proposal,
        change.corrects,
        change.as_found,
        change.unparsed,
    ]
    content = [edit, *(_as_json(value) for value in details)]
    base = change.base_revision
    return Intent(Revision, actor, "log", change.provision, change.on_behalf_of, base, content, earlier=(base, edit))


def _as_json(value: Any) -> Any:
    """Return a value that JSON can represent.

    A row becomes its primary key, and a date becomes a string in ISO 8601 format. Any other value remains unchanged.
    """
    if isinstance(value, Model):
        return value.pk
    return value.isoformat() if isinstance(value, datetime.date) else value
