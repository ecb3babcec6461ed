"""Who stands with whom, and where a landing zone is. `docs/reference/methods.md` has every formula with its source.

`sides` reads the positions from the index; what is computed from them is plain numpy and knows no database.
"""

from issues.reports.analysis.agreement import (
    SMALL,
    Agreement,
    Pair,
    agreement,
    arrangement,
    carried_onto,
    clustered,
    nearest,
)
from issues.reports.analysis.landing import Choice, Inexact, Landing, Option, choices_in, landing
from issues.reports.analysis.sides import Sides, sides

__all__ = [
    "SMALL",
    "Agreement",
    "Choice",
    "Inexact",
    "Landing",
    "Option",
    "Pair",
    "Sides",
    "agreement",
    "arrangement",
    "carried_onto",
    "choices_in",
    "clustered",
    "landing",
    "nearest",
    "sides",
]
