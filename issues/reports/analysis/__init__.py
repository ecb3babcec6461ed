"""Analysis of positions: agreement between members, and landing zones.

The module `sides` reads positions from the index. All computations on these positions are independent of the database.
The formulas and their sources are in `docs/reference/methods.md`.
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
from issues.reports.analysis.landing_zones import Choice, Inexact, Landing, Option, choices_in, landing
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
