"""Landing zones: the largest sets of parties whose positions allow one clean reading of a text.

All results are computed from the positions in a parsed text. They do not imply that any member has agreed.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum

from issues.reports.analysis.choices import Choice
from issues.reports.analysis.largest_sets import largest_sets


class Inexact(Enum):
    """A reason why the size that was found may not be that of the largest set."""

    STEPS = "steps"  # may be larger: the search was stopped
    UNDETERMINED = "undetermined"  # may be larger or smaller: adjacent brackets may be alternatives


class Bound(Enum):
    """What is proved about the size that was found."""

    EXACT = "exact"  # no set is larger
    LOWER = "lower"  # a set of this size exists, and larger sets may exist
    NONE = "none"  # the largest set may be larger or smaller


@dataclass(frozen=True)
class Landing:
    """The largest sets of parties that were found whose positions allow a single clean reading of the text.

    `members` is one of these sets, and `silent` contains those of its members that take no side on any choice.
    `taking_sides` contains all parties that take a side on at least one choice. `sets` is the number of sets of this
    size; `counted` is false if there may be more of them. `in_all` and `in_none` contain the parties in all sets and in
    none; they are None if this is not certain. `enclosing_stay` is the number of parties with a side in the largest set
    if no bracket is removed that contains a contested choice, or None if the search was stopped.
    """

    members: frozenset[str]
    taking_sides: frozenset[str]
    parties: frozenset[str]
    sets: int
    counted: bool
    in_all: frozenset[str] | None
    in_none: frozenset[str] | None
    enclosing_stay: int | None
    reasons: tuple[Inexact, ...] = ()

    @property
    def silent(self) -> frozenset[str]:
        """The parties of the set that take no side."""
        return self.members - self.taking_sides

    @property
    def inside(self) -> frozenset[str]:
        """The parties of the set that take a side."""
        return self.members & self.taking_sides

    @property
    def outside(self) -> frozenset[str]:
        """The parties that are not in the set."""
        return self.parties - self.members

    @property
    def exact(self) -> bool:
        """Whether no larger set exists."""
        return not self.reasons

    @property
    def bound(self) -> Bound:
        """What is proved about the size of the set."""
        if Inexact.UNDETERMINED in self.reasons:
            return Bound.NONE
        return Bound.LOWER if self.reasons else Bound.EXACT

    @property
    def unique(self) -> bool | None:
        """Whether no other set has this size, or None if this is not certain."""
        if self.sets > 1:
            return False
        return True if self.counted else None

    @property
    def because(self) -> frozenset[str]:
        """The names of the reasons why the size may not be that of the largest set."""
        return frozenset(reason.value for reason in self.reasons)


def landing(choices: Iterable[Choice], parties: Collection[str]) -> Landing:
    """Return the largest sets of `parties` for which each choice that arises has an option that none of them opposes.

    A choice arises unless it is enclosed by an option that is not chosen. The brackets of a run are treated as separate
    choices, so that the result may be wrong if they are alternatives. `Landing.reasons` reports this case.
    """
    choices = list(choices)
    largest = largest_sets(choices, parties)
    nested = any(choice.contested and choice.nested for choice in choices)
    staying = largest_sets(choices, parties, enclosing_stay=True) if nested else largest
    taking_sides = frozenset[str]().union(
        *(option.supporters | option.opponents for choice in choices for option in choice.options)
    )
    reasons = {
        Inexact.STEPS: not largest.complete,
        Inexact.UNDETERMINED: any(choice.undetermined for choice in choices),
    }
    return Landing(
        members=largest.members,
        taking_sides=taking_sides & frozenset(parties),
        parties=frozenset(parties),
        sets=largest.count,
        counted=largest.counted,
        in_all=largest.in_all,
        in_none=largest.in_none,
        enclosing_stay=len(staying.members & taking_sides) if staying.complete else None,
        reasons=tuple(reason for reason, holds in reasons.items() if holds),
    )
