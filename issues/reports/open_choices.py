"""The choices that the current texts leave open, and the parties that take sides on them."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from bracketed_text import Register
from issues.access.roles import Reader
from issues.access.visibility import current_revisions
from issues.models import Negotiation, Provision, Revision
from issues.reports.analysis import Choice, Landing, Population, choices_in, landing, population
from issues.text.stored import stored_tree
from members.models import Member


@dataclass(frozen=True)
class OpenChoices:
    """The choices of the selected texts on which a party takes a side, each with its revision, in text order."""

    rows: list[tuple[Revision, Choice]]
    population: Population

    @property
    def contested(self) -> list[tuple[Revision, Choice]]:
        """The choices of which each option has opponents."""
        return [(revision, choice) for revision, choice in self.rows if choice.contested]

    @cached_property
    def zone(self) -> Landing:
        """The largest sets of parties whose positions allow one clean reading."""
        return landing((choice for _, choice in self.rows), self.population.codes)

    @property
    def demonstration(self) -> bool:
        """Whether any of the choices is in demonstration text."""
        return any(revision.provision.demonstration for revision, _ in self.rows)

    def dividing(self, members: Iterable[Member]) -> list[tuple[Revision, Choice]]:
        """Return the contested choices that divide the parties of `members`, or all if it is empty."""
        chosen = {self.population.party_of(member.code) for member in members}
        return [row for row in self.contested if not chosen or row[1].stands_between(chosen)]


def open_choices(
    reader: Reader,
    negotiation: Negotiation,
    provisions: QuerySet[Provision],
    register: Register,
    day: datetime.date | None,
) -> OpenChoices:
    """Return the choices in those of `provisions` that are visible, as of the end of `day`."""
    counted = population(negotiation, day)
    revisions = current_revisions(reader, day).filter(provision__in=provisions).with_place()
    rows = [
        (revision, choice)
        for revision in revisions.order_by("provision__position")
        for choice in choices_in(stored_tree(revision, register), counted.codes, counted.representative_codes)
    ]
    return OpenChoices(rows, counted)
