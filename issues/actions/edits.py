"""An author's change, and the text that results from applying it.

An author edits the text of a base revision. Changes logged by others since that revision are preserved: the author's
change is merged with them unless it conflicts with one of them. A change dated earlier than the current text is applied
to the text in force on its date and then carried forward (`issues.actions.backdating`).
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bracketed_text import Tree, merge, parse
from bracketed_text.advanced import variants
from issues.actions.apply_operations import EditResult, perform_operations
from issues.actions.backdating import DayResult, apply_to_each_day
from issues.actions.clock import default_day_of, ended_before
from issues.actions.errors import Conflict, TextRefused, UnknownRevision
from issues.actions.text_checks import require_length, require_operations, require_sound, require_text
from issues.models import Proposal, Provision, Revision
from issues.text.entries import endings_in, places_in
from issues.text.operations import Operation
from issues.text.stored import stored_tree
from members.models import Member


@dataclass(frozen=True)
class TextChange:
    """A change to a provision's text, as submitted by its author.

    `edit` is either the complete new text or one or more operations on the text of `base_revision` (0 if the provision
    has no text yet). `on_behalf_of` is None if a facilitator or the secretariat makes the change. `made_on` defaults to
    today. `proposal` is the proposal from which the wording is taken. `corrects` is the mistaken entry of the same
    provision that the change corrects.

    If `as_found` is true, the secretariat may store a first text with the errors of its source. If `unparsed` is also
    true, the brackets of this text are ignored and are not counted in any figure.
    """

    provision: Provision
    base_revision: int
    edit: str | Operation | Sequence[Operation] = ""
    on_behalf_of: Member | None = None
    made_on: datetime.date | None = None
    reason: str = ""
    source: str = ""
    proposal: Proposal | None = None
    corrects: Revision | None = None
    as_found: bool = False
    unparsed: bool = False

    @property
    def operations(self) -> Sequence[Operation] | None:
        """The operations that make up the edit, or None if the edit is a complete text."""
        if isinstance(self.edit, str):
            return None
        return [self.edit] if isinstance(self.edit, Operation) else self.edit


def require_bounded_edit(change: TextChange) -> None:
    """Raise TextRefused or WordsRefused for an edit that is too long or contains invalid wording.

    This check precedes all locking and parsing.
    """
    if isinstance(change.edit, str):
        require_length(change.edit)
    else:
        require_operations(change.operations or [])


def day_of(change: TextChange) -> datetime.date:
    """Return the date on which the change was made.

    Raise TextRefused if that date is in the future or, in a demonstration text, after the end of the demonstration.
    """
    day = change.made_on or default_day_of(change.provision)
    if day > timezone.localdate():
        raise TextRefused(
            _("%(day)s is in the future. Enter the date on which the change was made.") % {"day": date_format(day)}
        )
    if change.provision.demonstration and (refusal := ended_before(change.provision.negotiation, day)):
        raise TextRefused(refusal)
    return day


def apply_change(
    change: TextChange, current: Revision | None, current_tree: Tree, day: datetime.date
) -> tuple[EditResult, list[DayResult]]:
    """Return the new current text and, for a backdated change, the result on each date concerned.

    Raise TextRefused, OperationRefused or Conflict.
    """
    base = _base_tree(change, current, current_tree)
    result = _apply_edit(change, base)
    require_sound(result.tree)
    if current is not None and day < current.made_on:
        days = apply_to_each_day(change.provision, day, base, result)
        return days[-1].result, days
    if current is None or base is current_tree:
        return result, []
    _require_brackets_still_open(change, base, current_tree, current)
    return _merge_with_current(current, base, result, current_tree), []


def _base_tree(change: TextChange, current: Revision | None, current_tree: Tree) -> Tree:
    if current is None or current.number == change.base_revision:
        return current_tree
    revision = change.provision.revisions.filter(number=change.base_revision).first()
    if revision is None and change.base_revision:
        raise UnknownRevision(current, change.base_revision)
    if revision is None:  # the first text was recorded while this one was being written
        raise Conflict(current)
    return stored_tree(revision, current_tree.register)


def _apply_edit(change: TextChange, base: Tree) -> EditResult:
    if isinstance(change.edit, str):
        return EditResult(parse(require_text(change.edit, base.text), base.register))
    return perform_operations(base, change.operations or [], change.on_behalf_of)


def _require_brackets_still_open(change: TextChange, base: Tree, current_tree: Tree, current: Revision) -> None:
    """Raise Conflict if an operation acts on a bracket that has since been closed.

    A merge would not detect this conflict. For example, it would place an alternative to that bracket beside wording
    that is no longer in brackets.
    """
    if not change.operations:
        return
    begins = {variant.begin for variant in variants(base)}
    acted_on = {operation.at for operation in change.operations} & begins
    if acted_on - places_in(acted_on, base, current_tree).keys():
        raise Conflict(current)


def _merge_with_current(current: Revision, base: Tree, result: EditResult, current_tree: Tree) -> EditResult:
    merged = merge(base, result.tree, current_tree)
    if merged.tree is None:
        raise Conflict(current, merged)
    require_sound(merged.tree)
    return EditResult(merged.tree, endings_in(result.endings, base, current_tree))
