"""Endpoints for the agreement between members and for landing zones, with the same filters as the pages."""

from typing import Any

import numpy as np
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bracketed_text import Register
from issues.access.visibility import visible_provisions
from issues.api.pagination import NumberedPagination
from issues.api.parameters import paged_serializer, query_parameters
from issues.api.serializers import analysis
from issues.api.views.base import Endpoint
from issues.filters.analysis import LandingFilter, StandingFilter
from issues.models import Revision
from issues.models.page_links import path_of
from issues.reports.analysis import SMALL, Agreement, Choice, Population, agreement, nearest, sides
from issues.reports.open_choices import OpenChoices, open_choices
from issues.text.bracket_names import BracketName, names_at
from issues.text.member_names import load_register
from members.models import Member

PLACE_PARAMETERS = ("as_of", "known_at", "section", "issue", "sub_issue", "small_group")


def population_row(population: Population) -> dict[str, Any]:
    """Return the figures of the population that an analysis counts."""
    represented = [{"by": code, "members": list(members)} for code, members in population.represented.items()]
    return {
        "participants": len(population.participants),
        "parties": len(population.parties),
        "represented": represented,
    }


class SmallPagination(NumberedPagination):
    """Pagination for rows that each take milliseconds to compute."""

    max_page_size = 50


class AnalysisEndpoint(Endpoint):
    """A list computed from the texts visible to the reader."""

    selects_fields = False
    lists = True

    def provisions(self) -> Any:
        """Return the visible provisions of the negotiation."""
        return visible_provisions(self.reader).filter(negotiation=self.negotiation)


@extend_schema(tags=["analysis"])
class AgreementView(AnalysisEndpoint):
    """Pairs of members, with the numbers of variants on which they take the same side and opposite sides.

    With `member`, the list contains only pairs that include this member, in descending order of agreement. With
    `least`, it contains only pairs of members that each take a side on at least this many variants. A member that
    negotiates for others, such as the European Union, is one party with them. Their `member` is the one that
    negotiates.
    """

    @extend_schema(
        operation_id="agreement",
        parameters=query_parameters(*PLACE_PARAMETERS, "member", "least", pages=True),
        responses=paged_serializer(analysis.PairSerializer, population=analysis.CountedPopulationSerializer()),
    )
    def get(self, request: Request) -> Response:
        """Return a page of pairs."""
        filterset = self.filterset_for(AgreementFilter, self.provisions())
        values = filterset.form.cleaned_data
        within = set(filterset.qs.values_list("pk", flat=True)) if filterset.narrows else None
        table = sides(self.reader, self.negotiation, values.get("as_of"), within=within)
        taken = np.abs(table.table).sum(axis=0)
        shown = [at for at in range(len(table.members)) if taken[at] >= (values.get("least") or 1)]
        members, counted = [table.members[at] for at in shown], agreement(table.table[:, shown])
        invented = agreement(table.table[table.demonstration][:, shown])
        asked = values.get("member")
        party = table.population.party_of(asked.code) if asked else None
        response = self.page_response(_pair_rows(counted, invented, members, party))
        response.data["population"] = population_row(table.population) | {"taking_sides": len(table.members)}
        return response


class AgreementFilter(StandingFilter):
    """The page's filter without the values that are needed only for drawing."""

    since = None  # type: ignore[assignment]  # so that the metaclass omits it
    order = None  # type: ignore[assignment]


def _pair_rows(
    counted: Agreement, invented: Agreement, members: list[Member], party: str | None
) -> list[dict[str, Any]]:
    """Return a row for each pair, or only for the pairs of `party`.

    `invented` is the agreement on the variants of demonstration text alone.
    """
    if party is not None:
        mine = next((at for at, candidate in enumerate(members) if candidate.code == party), None)
        pairs = [] if mine is None else [(mine, pair.column) for pair in nearest(counted, mine)]
    else:
        pairs = [(a, b) for a in range(len(members)) for b in range(a + 1, len(members)) if counted.n[a, b]]
    return [_pair_row(counted, members, a, b) | {"demonstration": bool(invented.n[a, b])} for a, b in pairs]


def _pair_row(counted: Agreement, members: list[Member], a: int, b: int) -> dict[str, Any]:
    n = int(counted.n[a, b])
    return {
        "member": members[a].code,
        "other": members[b].code,
        "same": int(counted.same[a, b]),
        "opposite": int(counted.opposite[a, b]),
        "n": n,
        "share": round(float(counted.same[a, b]) / n, 4),
        "small": n < SMALL,
    }


class LandingEndpoint(AnalysisEndpoint):
    """Base class of the endpoints for the decisions that the text leaves open."""

    register: Register

    def choices(self) -> tuple[OpenChoices, list[Member]]:
        """Return the choices that the selected texts leave open, and the requested members. Set `register`."""
        filterset = self.filterset_for(LandingFilter, self.provisions())
        day = filterset.form.cleaned_data.get("as_of")
        self.register = load_register(day)
        choices = open_choices(self.reader, self.negotiation, filterset.qs, self.register, day)
        return choices, list(filterset.form.cleaned_data.get("member") or [])


@extend_schema(tags=["analysis"])
class LandingView(LandingEndpoint):
    """Contested decisions, with their options, the members that want each option, and those that would have to move.

    With `member`, the list contains only decisions in which no option is acceptable to all of these members.
    """

    @extend_schema(
        operation_id="landing",
        parameters=query_parameters(*PLACE_PARAMETERS, "members", pages=True),
        responses=paged_serializer(analysis.ChoiceSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page of contested decisions."""
        choices, members = self.choices()

        def show(page: list[tuple[Revision, Choice]]) -> list[dict[str, Any]]:
            brackets = [(revision, choice.offset) for revision, choice in page]
            names = names_at(brackets, self.provisions(), self.register, self.day)
            return [self._row(*row, names[row[0].pk, row[1].offset]) for row in page]

        return self.page_response(choices.dividing(members), show)

    def _row(self, revision: Revision, choice: Choice, name: BracketName) -> dict[str, Any]:
        label = name.label
        return {
            **_choice_row(revision, choice),
            "label": label.name if label is not None else "",
            "label_revision": label.revision if label is not None else None,
            "permalink": self.request.build_absolute_uri(path_of(name.page)),
        }


def _choice_row(revision: Revision, choice: Choice) -> dict[str, Any]:
    best = choice.best
    return {
        "provision": revision.provision.slug,
        "demonstration": revision.provision.demonstration,
        "revision": revision.number,
        "offset": choice.offset,
        "nested": choice.nested,
        "options": [
            {
                "words": option.words,
                "keeps": option.keeps,
                "wanted_by": sorted(option.supporters),
                "unwanted_by": sorted(option.opponents),
                "balance": option.balance,
                "best": option in best,
            }
            for option in choice.options
        ],
    }


@extend_schema(tags=["analysis"])
class ZoneView(LandingEndpoint):
    """The largest sets of parties found whose positions allow one text without brackets.

    Participants for which another participant negotiates, such as the member states of the European Union, count with
    it as one party. The sets are computed from the positions in the text and do not imply agreement.
    """

    lists = False
    extra_parameters = frozenset(PLACE_PARAMETERS)

    @extend_schema(
        operation_id="landing_zone", parameters=query_parameters(*PLACE_PARAMETERS), responses=analysis.ZoneSerializer
    )
    def get(self, request: Request) -> Response:
        """Return the largest sets of parties found whose positions allow a reading without brackets."""
        choices, _ = self.choices()
        zone = choices.zone
        return Response(
            {
                **population_row(choices.population),
                "taking_sides": len(zone.taking_sides),
                "taking_sides_in_set": len(zone.inside),
                "members": sorted(zone.members),
                "silent": sorted(zone.silent),
                "outside": sorted(zone.outside),
                "exact": zone.exact,
                "bound": zone.bound.value,
                "inexact_because": [reason.value for reason in zone.reasons],
                "unique": zone.unique,
                "sets": zone.sets,
                "sets_counted": zone.counted,
                "in_all": None if zone.in_all is None else sorted(zone.in_all),
                "in_none": None if zone.in_none is None else sorted(zone.in_none),
                "taking_sides_if_enclosing_stay": zone.enclosing_stay,
                "decisions": len(choices.rows),
                "contested": len(choices.contested),
                "demonstration": choices.demonstration,
            }
        )
