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
from issues.reports.analysis.choices import Choice, Option, choices_in
from issues.reports.analysis.landing_zones import Bound, Inexact, Landing, landing
from issues.reports.analysis.population import Population, population
from issues.reports.analysis.sides import Sides, sides

__all__ = [
    "SMALL",
    "Agreement",
    "Bound",
    "Choice",
    "Inexact",
    "Landing",
    "Option",
    "Pair",
    "Population",
    "Sides",
    "agreement",
    "arrangement",
    "carried_onto",
    "choices_in",
    "clustered",
    "landing",
    "nearest",
    "population",
    "sides",
]
