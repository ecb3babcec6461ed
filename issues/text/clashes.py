"""Two changes that meet in one text: the box holds both put together, and at each clash a press takes one side.

The state is in the form: what was typed, on which text, and for each clash a letter in `taken`. So it needs neither
JavaScript nor anything stored, and whatever is edited in the box meanwhile stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.core.exceptions import BadRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bracketed_text import Conflict, Merge, merge, parse
from bracketed_text.advanced import Side, retaken
from issues.text.member_names import load_register
from members.plain_text import written_out

# Letters of `taken`. What is open, and what was put right by hand, stands in the box as it stands on record.
OPEN, MINE, THEIRS, BY_HAND = "o", "m", "t", "h"
CHOICES = (MINE, THEIRS, BY_HAND)
# Around a clash so many characters are shown, and of many clashes so many.
CONTEXT = 80
PLACES_SHOWN = 50


@dataclass(frozen=True)
class Clash:
    """One place as the page shows it: the words around it, what stood there, both sides, and which one is taken."""

    number: int
    before: str
    after: str
    base: str
    mine: str
    theirs: str
    taken: str

    @property
    def is_open(self) -> bool:
        """Whether no side is taken yet."""
        return self.taken == OPEN


@dataclass(frozen=True)
class Clashes:
    """Both changes put together, and what is taken where they clash."""

    merged: Merge
    taken: str

    @property
    def text(self) -> str:
        """What the box holds before it is edited."""
        return self.merged.text(self.sides)

    @property
    def sides(self) -> list[Side]:
        """Which side stands at each clash."""
        return [Side.MINE if letter == MINE else Side.THEIRS for letter in self.taken]

    @property
    def open(self) -> int:
        """At how many places no side is taken yet."""
        return self.taken.count(OPEN)

    @property
    def shown(self) -> list[Clash]:
        """The places as the page shows them, in order of the text."""
        rows = zip(self.merged.conflicts[:PLACES_SHOWN], self.taken, strict=False)
        return [_shown(self.merged.base, number, *row) for number, row in enumerate(rows, start=1)]

    @property
    def more(self) -> int:
        """How many places are not shown."""
        return max(0, len(self.taken) - PLACES_SHOWN)

    def pressed(self, press: str, box: str) -> tuple[str, "Clashes"]:
        """Return what the box then holds, and what is taken, after a press such as `2-m`: mine at the second place.

        `all-m` takes one side everywhere. Raises BadRequest for a press that is none.
        """
        place, _separator, letter = press.partition("-")
        numbers = {str(number) for number in range(1, len(self.taken) + 1)}
        if letter not in CHOICES or place not in {"all", *numbers}:
            raise BadRequest(_("Unknown button."))
        first, last = (0, len(self.taken)) if place == "all" else (int(place) - 1, int(place))
        after = replace(self, taken=self.taken[:first] + letter * (last - first) + self.taken[last:])
        if after.sides == self.sides:
            return box, after
        return retaken(self.merged, parse(box, load_register()), self.sides, after.sides), after


def clashes_of(merged: Merge) -> Clashes:
    """Return the clashes of a merge, none of them decided."""
    return Clashes(merged, OPEN * len(merged.conflicts))


def merge_of(base: str, mine: str, theirs: str) -> Merge:
    """Return two changes of `base`, put together, as pages show them: `mine` was typed on what they showed."""
    register = load_register()
    return merge(*(parse(written_out(text), register) for text in (base, mine, theirs)))


def put_together(base: str, mine: str, theirs: str, taken: str = "") -> Clashes | None:
    """Return `mine` and `theirs`, both written on `base`, put together; None where nothing clashes.

    `taken` is what was decided so far; where it is of another text, nothing was.
    """
    clashes = clashes_of(merge_of(base, mine, theirs))
    if not clashes.taken:
        return None
    known = len(taken) == len(clashes.taken) and set(taken) <= {OPEN, *CHOICES}
    return replace(clashes, taken=taken) if known else clashes


def fields_of(clashes: Clashes, written_on: int, written: str) -> Mapping[str, str | int]:
    """Return what the form carries along."""
    return {"written_on": written_on, "written": written, "taken": clashes.taken}


def still_open(clashes: Clashes) -> str:
    """Return what is to be done before the text can be recorded."""
    return ngettext(
        "Nothing was recorded: %(n)s conflict is still open. Choose one side there.",
        "Nothing was recorded: %(n)s conflicts are still open. Choose one side at each.",
        clashes.open,
    ) % {"n": clashes.open}


def _shown(text: str, number: int, conflict: Conflict, taken: str) -> Clash:
    """Return a place with some whole words before and behind it."""
    first, last = max(0, conflict.start - CONTEXT), min(len(text), conflict.end + CONTEXT)
    before, after = text[first : conflict.start], text[conflict.end : last]
    if first:
        before = "… " + before.partition(" ")[2]
    if last < len(text):
        after = after.rpartition(" ")[0] + " …"
    return Clash(number, before, after, conflict.base, conflict.mine, conflict.theirs, taken)
