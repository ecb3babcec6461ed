"""What a comparison gives: what happened, and which characters that accounts for."""

from enum import Enum
from typing import NamedTuple

from bracketed_text.alternatives import Variant


class Act(Enum):
    """What happened to a variant, to a position, or to the base text."""

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
    RESPELLED = "respelled"  # blanks, punctuation, capitals, the way a head is written


ENDINGS = frozenset({Act.LIFTED, Act.DROPPED, Act.CHOSEN, Act.MERGED})


class Event(NamedTuple):
    """One thing that changed. `old` and `new` are positions in the lists of variants of each version."""

    act: Act
    old: int | None = None
    new: int | None = None
    stance: str = ""
    name: str = ""
    removed: str = ""
    added: str = ""


class Hunk(NamedTuple):
    """Characters that differ: `old[start:end]` gave way to `text`, on account of the event at position `event`."""

    start: int
    end: int
    text: str
    event: int


class Comparison(NamedTuple):
    """Two versions, their variants, which of them are the same, and what happened.

    `same` leaves out those that were reworded, which `pairs` has as well. `hunks` stand in order of the old text.
    """

    old_variants: list[Variant]
    new_variants: list[Variant]
    same: dict[int, int]
    events: list[Event]
    hunks: list[Hunk]
    pairs: dict[int, int]

    def replay(self, text: str) -> str:
        """Return what the old version, `text`, becomes: the new one."""
        parts: list[str] = []
        position = 0
        for hunk in self.hunks:
            parts += (text[position : hunk.start], hunk.text)
            position = hunk.end
        return "".join((*parts, text[position:]))
