"""The population of an analysis, for pages and files: participants, parties, and who negotiates for whom."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from issues.reports.analysis import Population
from members.models import Member


def population_context(
    population: Population, names: Mapping[str, str], members: Iterable[Member] = ()
) -> dict[str, Any]:
    """Return the context for `issues/_population.html`. `names` maps codes to names.

    `members` are those that the reader has chosen. Those that count with a representative are named.
    """
    chosen = [(member, population.party_of(member.code)) for member in members]
    return {
        "participants": len(population.participants),
        "parties": len(population.parties),
        "represented": [(names.get(code, code), len(members)) for code, members in population.represented.items()],
        "counted_with": [(member.local_name, names.get(code, code)) for member, code in chosen if code != member.code],
    }


def population_about(population: Population) -> dict[str, str]:
    """Return the metadata of a file about the population that it counts."""
    represented = "; ".join(f"{code} for {' '.join(members)}" for code, members in population.represented.items())
    return {
        "participants": str(len(population.participants)),
        "parties": str(len(population.parties)),
        "represented": represented,
        "counting_rule": _("A member that negotiates for others counts once, together with them."),
    }
