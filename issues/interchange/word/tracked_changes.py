"""Read the kind, author and date of each tracked change in a Word document."""

from typing import Any, NamedTuple

from issues.interchange.drafts import DELETED, INSERTED
from issues.interchange.word.numbering import W

INSERTIONS = frozenset({f"{W}ins", f"{W}moveTo"})
DELETIONS = frozenset({f"{W}del", f"{W}moveFrom"})


class Change(NamedTuple):
    """The kind ("inserted" or "deleted"), author and date of a tracked change, or "" for each if there is none."""

    change: str = ""
    by: str = ""
    on: str = ""


NO_CHANGE = Change()


def change_of(element: Any, kind: str = "") -> Change:
    """Return the tracked change that an element describes. `kind` overrides the kind that the element's tag implies."""
    change = kind or (INSERTED if element.tag in INSERTIONS else DELETED)
    return Change(change, element.get(f"{W}author") or "?", (element.get(f"{W}date") or "")[:10])


def paragraph_mark_change(properties: Any) -> Change | None:
    """Return the tracked change of a paragraph mark, or None."""
    of_mark = properties.find(f"{W}rPr") if properties is not None else None
    for child in of_mark if of_mark is not None else ():
        if child.tag in INSERTIONS or child.tag in DELETIONS:
            return change_of(child)
    return None
