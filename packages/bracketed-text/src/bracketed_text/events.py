"""Represent the result of a comparison: its events, and the changed characters that belong to each event."""

from collections import Counter
from enum import Enum
from typing import NamedTuple

from bracketed_text.alternatives import Variant


class Act(Enum):
    """The kind of a change to a variant, to a position, or to the base text."""

    OPENED = "opened"
    LIFTED = "lifted"
    DROPPED = "dropped"
    CHOSEN = "chosen"
    MERGED = "merged"
    MOVED = "moved"
    MARKED = "marked"  # as alternatives, or as independent options
    REWORDED = "reworded"
    POSITION_TAKEN = "position taken"
    POSITION_WITHDRAWN = "position withdrawn"
    BASE_TEXT = "base text changed"
    FOOTNOTES = "footnote numbers changed"
    RESPELLED = "respelled"  # blanks, punctuation, capitals, the spelling of a head


ENDINGS = frozenset({Act.LIFTED, Act.DROPPED, Act.CHOSEN, Act.MERGED})


class Event(NamedTuple):
    """A change to a variant, a position or the base text.

    `old` and `new` are indices into the lists of variants of the two versions.
    """

    act: Act
    old: int | None = None
    new: int | None = None
    stance: str = ""
    name: str = ""
    removed: str = ""
    added: str = ""


class Hunk(NamedTuple):
    """A replacement of characters: `text` replaces `old[start:end]`.

    `event` is the index of the event to which it belongs.
    """

    start: int
    end: int
    text: str
    event: int


class Comparison(NamedTuple):
    """The variants of two versions, their matches, and the changes.

    `pairs` maps the index of each matched old variant to the index of its new variant. `same` contains the same pairs
    except those that were reworded. `hunks` are in order of the old text.
    """

    old_variants: list[Variant]
    new_variants: list[Variant]
    same: dict[int, int]
    events: list[Event]
    hunks: list[Hunk]
    pairs: dict[int, int]

    def __repr__(self) -> str:
        acts = Counter(event.act.value for event in self.events)
        counts = ", ".join(f"{count} {act}" for act, count in acts.items())
        return f"<Comparison: {counts or 'nothing changed'}>"

    def replay(self, text: str) -> str:
        """Return the new version, which results from applying the changes to `text`, the old version."""
        parts: list[str] = []
        position = 0
        for hunk in self.hunks:
            parts += (text[position : hunk.start], hunk.text)
            position = hunk.end
        return "".join((*parts, text[position:]))
