"""Backdated changes: changes recorded after later entries and carried forward onto them.

A change agreed on Friday is recorded on Monday, although something else was logged on Sunday. The change is applied to
the text that was current on Friday. A three-way merge then carries it forward to the text of each later day; the merge
combines the text on which the change was written, the result of the change, and the text of the later day. The new
entries are stored last:

    revision 3, Friday     the text of Friday
    revision 4, Sunday     another change
    revision 5, Friday     follows 3: the text of Friday with the backdated change
    revision 6, Sunday     follows 4 and carries 5: the text of Sunday with the backdated change

The text of a day is therefore that of the newest entry of that day or, if there is none, of the last earlier day with
an entry. No stored entry changes.
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
    """The entry current at the end of a day, its text, and the result of the change on that text."""

    entry: Revision
    before: Tree
    result: EditResult


def apply_to_each_day(provision: Provision, day: datetime.date, base: Tree, result: EditResult) -> list[DayResult]:
    """Return the results of a change on the text of `day` and of each later day on which an entry was made.

    The change turned the text `base` into `result`. Raises ConflictOnDay, or TextRefused if the provision had no text
    on that day or the change makes no difference to that text.
    """
    results = [_apply_to_entry(day, entry, base, result) for entry in current_on_each_day(provision, day)]
    first = results[0]
    if first.result.tree.text == first.before.text:
        raise TextRefused(
            _("The text of %(day)s does not contain what this changes. Give a later day.") % {"day": date_format(day)}
        )
    return results


def current_on_each_day(provision: Provision, day: datetime.date) -> Iterator[Revision]:
    """Yield the entry current at the end of `day`, then that of each later day on which an entry was made.

    Raises TextRefused if the provision had no text yet.
    """
    first = provision.revisions.current(day).first()
    if first is None:
        began = provision.revisions.order_by("made_on").values_list("made_on", flat=True)[0]
        raise TextRefused(
            _("The first text on record is dated %(first)s. A change cannot be dated earlier.")
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
