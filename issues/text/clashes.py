"""Clashes between two changes to a text, and the state of the form in which they are resolved.

The text box contains the merge of both changes, and buttons select a side for each clash. The form contains the entire
state: the text that was typed, the revision on which it was based and, in `taken`, one character for each clash. No
JavaScript or storage is needed, and edits in the text box are preserved when a side is selected.

Example: the author changed “now” to “soon”, and “at once” was recorded in the meantime. The text box contains “at
once”, and `taken` is “o” (open). The button `1-m` takes the author's side at the first clash. The text box then
contains “soon”, and `taken` is “m”.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.core.exceptions import BadRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bracketed_text import Conflict, Merge, merge, parse
from bracketed_text.advanced import Side, retaken
from issues.text.member_names import load_register
from members.plain_text import sanitize

# The characters of `taken`. At a clash that is open or was resolved by hand, the text box initially contains the
# recorded text.
OPEN, MINE, THEIRS, BY_HAND = "o", "m", "t", "h"
CHOICES = (MINE, THEIRS, BY_HAND)
# The number of characters shown around a clash, and the maximum number of clashes shown.
CONTEXT = 80
MAX_SHOWN = 50


@dataclass(frozen=True)
class Clash:
    """A clash as shown on the page.

    It comprises the context, the base text, both sides, and the side that was selected.
    """

    number: int
    before: str
    after: str
    base: str
    mine: str
    theirs: str
    taken: str

    @property
    def is_open(self) -> bool:
        """Return whether the clash is unresolved."""
        return self.taken == OPEN


@dataclass(frozen=True)
class Clashes:
    """The merge of two changes, and the side that was selected at each clash."""

    merged: Merge
    taken: str

    @property
    def text(self) -> str:
        """The content of the text box before it is edited."""
        return self.merged.text(self.sides)

    @property
    def sides(self) -> list[Side]:
        """The side shown at each clash."""
        return [Side.MINE if choice == MINE else Side.THEIRS for choice in self.taken]

    @property
    def open(self) -> int:
        """The number of unresolved clashes."""
        return self.taken.count(OPEN)

    @property
    def shown(self) -> list[Clash]:
        """The clashes as shown on the page, in text order."""
        rows = zip(self.merged.conflicts[:MAX_SHOWN], self.taken, strict=False)
        return [_shown(self.merged.base, number, *row) for number, row in enumerate(rows, start=1)]

    @property
    def more(self) -> int:
        """The number of clashes that are not shown."""
        return max(0, len(self.taken) - MAX_SHOWN)

    def pressed(self, button: str, box: str) -> tuple[str, "Clashes"]:
        """Return the content of the text box and the clashes after a button is pressed.

        `button` is the name of the button, and `box` is the content of the text box. The button `2-m` takes the
        author's side at the second clash, and `all-m` does so at all clashes. Raise BadRequest for an unknown button.
        """
        clash, _separator, choice = button.partition("-")
        numbers = {str(number) for number in range(1, len(self.taken) + 1)}
        if choice not in CHOICES or clash not in {"all", *numbers}:
            raise BadRequest(_("Unknown action."))
        first, last = (0, len(self.taken)) if clash == "all" else (int(clash) - 1, int(clash))
        after = replace(self, taken=self.taken[:first] + choice * (last - first) + self.taken[last:])
        if after.sides == self.sides:
            return box, after
        return retaken(self.merged, parse(box, load_register()), self.sides, after.sides), after


def clashes_of(merged: Merge) -> Clashes:
    """Return the clashes of a merge. All of them are unresolved."""
    return Clashes(merged, OPEN * len(merged.conflicts))


def merge_of(base: str, mine: str, theirs: str) -> Merge:
    """Return the merge of two changes to `base`.

    All three texts are first converted to the form shown on pages, because `mine` was typed in that form.
    """
    register = load_register()
    return merge(*(parse(sanitize(text), register) for text in (base, mine, theirs)))


def clashes_between(base: str, mine: str, theirs: str, taken: str = "") -> Clashes | None:
    """Return the clashes between two changes to `base`, or None if the changes do not clash.

    `taken` contains the choices made so far. It is ignored if it belongs to another merge.
    """
    clashes = clashes_of(merge_of(base, mine, theirs))
    if not clashes.taken:
        return None
    valid = len(taken) == len(clashes.taken) and set(taken) <= {OPEN, *CHOICES}
    return replace(clashes, taken=taken) if valid else clashes


def fields_of(clashes: Clashes, written_on: int, written: str) -> Mapping[str, str | int]:
    """Return the values of the form's hidden fields. The keys are the names of the fields."""
    return {"written_on": written_on, "written": written, "taken": clashes.taken}


def open_clashes_message(clashes: Clashes) -> str:
    """Return the error message for unresolved clashes."""
    return ngettext(
        "Nothing was recorded: %(n)s conflict is still open. Choose one side.",
        "Nothing was recorded: %(n)s conflicts are still open. Choose one side for each.",
        clashes.open,
    ) % {"n": clashes.open}


def _shown(text: str, number: int, conflict: Conflict, taken: str) -> Clash:
    """Return a clash with its context, which consists of whole words."""
    first, last = max(0, conflict.start - CONTEXT), min(len(text), conflict.end + CONTEXT)
    before, after = text[first : conflict.start], text[conflict.end : last]
    if first:
        before = "… " + before.partition(" ")[2]
    if last < len(text):
        after = after.rpartition(" ")[0] + " …"
    return Clash(number, before, after, conflict.base, conflict.mine, conflict.theirs, taken)
