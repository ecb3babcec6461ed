"""Backdated changes, which are recorded after entries with later dates and are carried forward to them.

Suppose that a change agreed on Friday is recorded on Monday, after another change dated Sunday has been logged. The
change is applied to the text in force on Friday. A three-way merge then carries the change forward to the text of each
later date that has an entry. The merge combines the text on which the change was written, the result of the change, and
the text of the later date. The new entries are stored after the existing entries:

    revision 3, Friday     Friday's text
    revision 4, Sunday     another change
    revision 5, Friday     follows 3: Friday's text with the backdated change
    revision 6, Sunday     follows 4 and carries 5: Sunday's text with the backdated change

The text in force on a date is therefore that of the newest entry with that date. If there is no such entry, it is that
of the newest entry with the last earlier date. Stored entries do not change.
"""

import datetime
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bracketed_text import Tree, merge, parse
from issues.actions.apply_operations import EditResult
from issues.actions.errors import ConflictOnDay, TextRefused
from issues.actions.text_checks import require_sound
from issues.models import Provision, Revision
from issues.text.entries import endings_in


class DayResult(NamedTuple):
    """The entry in force on a date, its text before the change, and the result of the change."""

    entry: Revision
    before: Tree
    result: EditResult


def apply_to_each_day(provision: Provision, day: datetime.date, base: Tree, result: EditResult) -> list[DayResult]:
    """Return the results of a change for `day` and for each later date with an entry.

    The change turned the text `base` into `result`. Raise ConflictOnDay if the change conflicts with one of these
    texts. Raise TextRefused if the provision had no text on `day`, if the change would not alter that text, or if a
    result cannot be logged.
    """
    results = [_apply_to_entry(day, entry, base, result) for entry in current_on_each_day(provision, day)]
    first = results[0]
    if first.result.tree.text == first.before.text:
        raise TextRefused(
            _("The text of %(day)s does not contain the passage that this change affects. Enter a later date.")
            % {"day": date_format(day)}
        )
    return results


def current_on_each_day(provision: Provision, day: datetime.date) -> Iterator[Revision]:
    """Yield the entry in force on `day`, followed by the entry in force on each later date with an entry.

    Raise TextRefused if the provision had no text on `day`.
    """
    first = provision.revisions.current(day).first()
    if first is None:
        began = provision.revisions.order_by("made_on").values_list("made_on", flat=True)[0]
        raise TextRefused(
            _("The first text on record is dated %(first)s. Enter that date or a later date.")
            % {"first": date_format(began)}
        )
    yield first
    later = provision.revisions.filter(made_on__gt=day).order_by("made_on").values("made_on")
    numbers = later.annotate(last=Max("number")).values_list("last", flat=True)
    yield from provision.revisions.filter(number__in=list(numbers)).order_by("made_on")


def _apply_to_entry(day: datetime.date, entry: Revision, base: Tree, result: EditResult) -> DayResult:
    before = parse(entry.text, base.register)
    if before.text == base.text:
        return DayResult(entry, before, result)
    merged = merge(base, result.tree, before)
    if merged.tree is None:
        raise ConflictOnDay(day, entry, merged)
    if not before.errors:
        require_sound(merged.tree)
    return DayResult(entry, before, EditResult(merged.tree, endings_in(result.endings, base, before)))
