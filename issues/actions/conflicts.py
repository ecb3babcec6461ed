"""Changes that meet in one place, and a change that is put onto the texts of the days that it holds on.

What was agreed on Friday is recorded on Monday although somebody logged something on Sunday. The change is put onto the
text that stood on Friday, and carried forward onto the text of each later day, three-way: from the text on which it was
written, to what was made of it, and to what stood on the day. The entries are the next ones on record:

    revision 3, Friday     what stood then
    revision 4, Sunday     what somebody logged meanwhile
    revision 5, Friday     follows 3: the text of Friday with the change
    revision 6, Sunday     follows 4 and carries 5: the text of Sunday with the change

So the newest entry of a day or before it is the text of that day by effect, and nothing on record is changed.
"""

import datetime
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bracketed_text import Conflict as Place
from bracketed_text import Merge, Tree, merge, parse
from bracketed_text.advanced import quote
from issues.actions.apply_operations import Made
from issues.actions.text_checks import NotLogged, TextRefused, require_sound
from issues.models import Provision, Revision
from issues.text.entries import endings_in


class Conflict(NotLogged):
    """Somebody else has changed the same place meanwhile.

    `current` is what stands now, `merged` both changes put together as far as they do not conflict; it is None where
    the text on which the change was made is not on record.
    """

    def __init__(self, current: Revision, merged: Merge | None = None) -> None:
        self.current = current
        self.merged = merged
        super().__init__(f"{self._opening()}{self._both_sides()}.")

    def _opening(self) -> str:
        said = _("Revision %(number)s was logged while you were writing") % {"number": self.current.number}
        return said + _(" and changes the same place") if self.places else said

    def _both_sides(self) -> str:
        if not self.places:
            return ""
        sides = {"mine": quote(self.places[0].mine), "theirs": quote(self.places[0].theirs)}
        return _(": you wrote %(mine)s; that revision has %(theirs)s") % sides

    @property
    def places(self) -> tuple[Place, ...]:
        """Both sides of each place that both changed, in order of the text."""
        return self.merged.conflicts if self.merged is not None else ()


class ConflictOnDay(Conflict):
    """A change that is dated earlier meets the text of its day, or of a later one: `current` is that text."""

    def __init__(self, day: datetime.date, current: Revision, merged: Merge) -> None:
        self.day = day
        super().__init__(current, merged)

    def _opening(self) -> str:
        return _("Your change, dated %(day)s, conflicts with revision %(number)s of %(made_on)s in the same place") % {
            "day": date_format(self.day),
            "number": self.current.number,
            "made_on": date_format(self.current.made_on),
        }


class OnDay(NamedTuple):
    """The entry that stood at the end of a day, its text, and what a change makes of it."""

    entry: Revision
    stood: Tree
    made: Made


def put_together(current: Revision, before: Tree, made: Made, theirs: Tree) -> Made:
    """Return what was made of `before` together with what others made of it; raises Conflict or TextRefused."""
    merged = merge(before, made.tree, theirs)
    if merged.tree is None:
        raise Conflict(current, merged)
    require_sound(merged.tree)
    return Made(merged.tree, endings_in(made.endings, before, theirs))


def on_each_day(provision: Provision, day: datetime.date, before: Tree, made: Made) -> list[OnDay]:
    """Return what a change, `made` of `before`, makes of the text of `day` and of that of each later day.

    Raises ConflictOnDay; TextRefused where no text stood on the day, or where it said already what is changed.
    """
    found = [_on_day(day, entry, before, made) for entry in standing_since(provision, day)]
    first = found[0]
    if first.made.tree.text == first.stood.text:
        raise TextRefused(
            _("The text of %(day)s does not contain what this changes. Give a later day.") % {"day": date_format(day)}
        )
    return found


def standing_since(provision: Provision, day: datetime.date) -> Iterator[Revision]:
    """Yield the entry that stood at the end of `day`, then that of each later day on which one was made.

    Raises TextRefused where none stood yet.
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


def _on_day(day: datetime.date, entry: Revision, before: Tree, made: Made) -> OnDay:
    stood = parse(entry.text, before.register)
    if stood.text == before.text:
        return OnDay(entry, stood, made)
    merged = merge(before, made.tree, stood)
    if merged.tree is None:
        raise ConflictOnDay(day, entry, merged)
    if not stood.errors:
        require_sound(merged.tree)
    return OnDay(entry, stood, Made(merged.tree, endings_in(made.endings, before, stood)))
