"""Record a person's decision on each provision of a staged import.

After every change to a provision, the provision is again compared with the stored text, and the decision is reopened.
"""

import datetime
import re
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bracketed_text import Register, parse
from issues.actions.text_checks import require_characters
from issues.interchange.composition import TREATMENTS, Choices
from issues.interchange.drafts import draft_from_json
from issues.interchange.placement import set_place
from issues.interchange.position_insertion import insert_position
from issues.interchange.staging import (
    NotStaged,
    candidate_provisions,
    compare,
    compare_row,
    comparison_base,
    divide,
    match_recorded_form,
    require_past,
    unknown_names,
)
from issues.models import Provision, Revision, StagedImport, StagedProvision
from issues.models.choices import Decision, Finding, StagedState
from issues.text.clashes import OPEN, Clashes, clashes_between, clashes_of, fields_of, merge_of, open_clashes_message
from issues.text.member_names import load_register


def require_open(row: StagedProvision) -> None:
    """Raise NotStaged if the import to which `row` belongs is closed."""
    if not row.staged.is_open:
        raise NotStaged(_("This import is closed and can no longer be changed."))


def decide(row: StagedProvision, decision: Decision, *, unparsed: bool = False) -> None:
    """Accept a provision, leave it out, or reopen the decision.

    With `unparsed`, a new text is accepted despite its problems, and its brackets are not parsed. Raises NotStaged if
    the provision cannot be accepted or the import is closed.
    """
    require_open(row)
    if decision == Decision.ACCEPTED:
        if unparsed and row.base_id:
            raise NotStaged(_("Only a first text can be kept unparsed. Correct this text or leave it out."))
        if row.stops and not unparsed:
            raise NotStaged(
                _("The text cannot be logged because it contains a problem. Correct the text or keep it unparsed.")
            )
        if (clashes := row_clashes(row)) is not None and clashes.open:
            raise NotStaged(open_clashes_message(clashes))
        if row.finding == Finding.PENDING:
            raise NotStaged(_("This provision has not been compared yet."))
    row.decision, row.unparsed, row.note = decision, unparsed and decision == Decision.ACCEPTED, ""
    row.save(update_fields=["decision", "unparsed", "note"])


def accept_without_problems(staged: StagedImport) -> int:
    """Accept the undecided provisions that are new or changed, and return the number accepted.

    Provisions with an open conflict or with a problem that prevents logging remain undecided.
    """
    rows = staged.provisions.filter(decision=Decision.OPEN, finding__in=[Finding.NEW, Finding.CHANGED])
    rows = rows.only("pk", "problems", "clashes") if staged.is_open else rows.none()
    sound = [row.pk for row in rows if not row.stops and OPEN not in (row.clashes or {}).get("taken", "")]
    return staged.provisions.filter(pk__in=sound).update(decision=Decision.ACCEPTED)


def edit(row: StagedProvision, text: str) -> None:
    """Replace the text of a provision and compare the provision again. Raises TextRefused for an invalid text."""
    require_open(row)
    row.text, row.edited = require_characters(text.replace("\r\n", "\n"), row.text), True
    recompare(row)


def row_clashes(row: StagedProvision) -> Clashes | None:
    """Return the conflicts between a provision and changes logged during its review, or None if no conflicts exist."""
    if not row.clashes or row.base is None:
        return None
    written_on = row.base.provision.revisions.filter(number=row.clashes["written_on"]).first()
    if written_on is None:
        return None
    return clashes_between(written_on.text, row.clashes["written"], row.base.text, row.clashes["taken"])


def take_side(row: StagedProvision, press: str) -> None:
    """Resolve a conflict with a change logged during the review, and compare the provision again.

    `press` identifies the button that was pressed. Raises NotStaged if the provision has no conflicts.
    """
    require_open(row)
    clashes = row_clashes(row)
    if clashes is None:
        raise NotStaged(_("This provision no longer has any conflicts."))
    row.text, after = clashes.pressed(press, row.text)
    row.clashes = {**(row.clashes or {}), "taken": after.taken}
    recompare(row)


def rebase_row(row: StagedProvision, current: Revision) -> None:
    """Merge a provision with the changes logged during its review, and compare the provision again.

    Where both texts changed the same passage, the logged wording is used until a person resolves the conflict.
    """
    if row.base is not None and row.base != current:
        merged = merge_of(row.base.text, row.text, current.text)
        clashes = clashes_of(merged)
        row.clashes = dict(fields_of(clashes, row.base.number, row.text)) if merged.conflicts else None
        row.text, row.edited = clashes.text, True
    row.base = current
    recompare(row)


def rematch(row: StagedProvision, provision: Provision | None, entry: Any = None) -> None:
    """Match a row to `provision`, or make it a new provision, and compare it again.

    A new provision is placed at `entry` in the table of issues. Raises NotStaged if `provision` is unknown or already
    matched to another row.
    """
    require_open(row)
    if provision is not None:
        if not candidate_provisions(row.staged).filter(pk=provision.pk).exists():
            raise NotStaged(_("Unknown provision."))
        matched_row = row.staged.provisions.filter(provision=provision).exclude(pk=row.pk).first()
        if matched_row is not None:
            raise NotStaged(_("“%(heading)s” is already matched to this provision.") % {"heading": matched_row.heading})
    row.provision, row.by, row.clashes = provision, "person", None
    row.base = comparison_base(provision, row.staged.made_on) if provision else None
    if entry is not None or provision is not None:
        set_place(row, entry or (provision.parent if provision else None))
    if row.base is not None and not row.edited:
        row.text = match_recorded_form(row, row.base)
    recompare(row)


@transaction.atomic
def change_date(staged: StagedImport, day: datetime.date) -> None:
    """Change the date on which the imported text was current, and compare affected provisions again.

    A provision is affected if its stored text was different on the new date. Raises NotStaged if the date is in the
    future or the import is closed.
    """
    if not staged.is_open:
        raise NotStaged(_("This import is closed and can no longer be changed."))
    require_past(day)
    moved = []
    for row in staged.provisions.exclude(provision=None).select_related("base__provision", "provision"):
        assert row.provision is not None  # the query excludes rows without a provision
        stood = comparison_base(row.provision, day)
        if stood is None or stood == row.base:
            continue
        row.base, row.clashes, row.unparsed, row.note = stood, None, False, ""
        row.decision, row.finding = Decision.OPEN, Finding.PENDING
        if not row.edited:
            row.text = match_recorded_form(row, stood)
        moved.append(row)
    fields = ["base", "clashes", "unparsed", "note", "decision", "finding", "text"]
    StagedProvision.objects.bulk_update(moved, fields, batch_size=100)
    staged.made_on = day
    if moved and staged.state == StagedState.IN_REVIEW:
        staged.state = StagedState.COMPARING
    staged.save(update_fields=["made_on", "state"])
    compare(staged)


def recompare(row: StagedProvision) -> None:
    """Reopen the decision on a row, compare the row again, and save it."""
    row.decision, row.unparsed, row.note = Decision.OPEN, False, ""
    compare_row(row, load_register())
    row.save()


def accept_suggestion(row: StagedProvision, number: str) -> None:
    """Add the position that a comment suggests to the text.

    Raises NotStaged if the suggestion is unknown or the text no longer contains the passage commented on.
    """
    require_open(row)
    comment = next(
        (candidate for candidate in row.comments if candidate["number"] == number and candidate["codes"]), None
    )
    if comment is None or comment["taken"]:
        raise NotStaged(_("Unknown suggestion."))
    text = insert_position(parse(row.text, load_register()), comment["words"], comment["codes"], comment["stance"])
    if text is None:
        raise NotStaged(
            _("The words to which the comment refers are no longer in the text. Enter the position by hand.")
        )
    comment["taken"] = True
    row.text, row.edited = text, True
    recompare(row)


def assign_name(staged: StagedImport, written: str, code: str) -> int:
    """Replace an unknown name in bracket heads with `code`, and return the number of provisions changed.

    Raises NotStaged if the code is unknown or the import is closed.
    """
    register = load_register()
    if not staged.is_open or (holder := register.find(code)) is None or holder.code != code:
        raise NotStaged(_("Unknown member or grouping “%(code)s”.") % {"code": code})
    touched = 0
    for row in staged.provisions.select_related("base", "provision", "staged"):
        if written in row.unknown:
            row.text = _renamed(row.text, written, code, register)
            touched += 1
            recompare(row)
    staged.choices = {**staged.choices, "names": {**staged.choices.get("names", {}), written: code}}
    staged.save(update_fields=["choices"])
    return touched


def _renamed(text: str, written: str, code: str, register: Register) -> str:
    spans = {(start, end) for name, start, end in unknown_names(parse(text, register)) if name == written}
    for start, end in sorted(spans, reverse=True):
        head = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", code, text[start:end])
        text = text[:start] + head + text[end:]
    return text


def apply_choices(staged: StagedImport, choices: Choices) -> None:
    """Divide the text again according to `choices`. Raises NotStaged for an unknown author, colour or member."""
    register = load_register()
    for code in (*choices.authors.values(), *choices.colours.values()):
        if (holder := register.find(code)) is None or holder.code != code:
            raise NotStaged(_("Unknown member or grouping “%(code)s”.") % {"code": code})
    draft = draft_from_json(staged.draft)
    known = set(draft.authors()) >= choices.treatments.keys() | choices.authors.keys()
    if not (known and draft.colours().keys() >= choices.colours.keys()):
        raise NotStaged(_("Unknown author or colour in this text."))
    if not set(choices.treatments.values()) <= set(TREATMENTS):
        raise NotStaged(_("Invalid choice."))
    divide(staged, draft, choices)


def close_without_logging(staged: StagedImport, actor: AbstractBaseUser) -> None:
    """Close an import without logging anything. Its content remains readable until its retention period ends.

    Raises NotStaged if the import is already closed.
    """
    if not staged.is_open:
        raise NotStaged(_("This import is already closed."))
    close(staged, StagedState.PUT_ASIDE, actor)


def close(staged: StagedImport, state: StagedState, actor: AbstractBaseUser) -> None:
    """Close an import and record who closed it."""
    staged.state, staged.finished_by_id, staged.finished_at = state, actor.pk, timezone.now()
    staged.save(update_fields=["state", "finished_by", "finished_at"])
