"""The member pages: the participants, and the positions of a single member."""

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from issues.access.roles import Reader, reader_of
from issues.access.visibility import negotiation_of, participations, visible_proposals, visible_variants
from issues.models import (
    Negotiation,
    Participation,
    Position,
)
from issues.models.choices import Stance
from issues.models.negotiation import happened_by
from issues.reports.analysis import Population, population
from issues.web.bracket_tables import labels_for
from issues.web.paging import page_of
from issues.web.populations import population_context
from issues.web.query_params import requested_day, row_with_code
from issues.web.record_lists import record_of_member
from issues.web.reported_positions import extract
from members.models import Member, in_force, local_name

VARIANTS_A_PAGE = 50
ALONE_SHOWN, CO_SPONSORS_SHOWN = 5, 12


@dataclass(frozen=True)
class Row:
    """A participation with the number of variants that the member proposes and opposes."""

    participation: Participation
    proposes: int
    opposes: int


@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """Show the participants, with the number of variants that each proposes and opposes."""
    day, negotiation, reader = requested_day(request), negotiation_of(request), reader_of(request.user)
    visible = visible_variants(reader).filter(provision__negotiation=negotiation)
    held = Position.objects.held_on(day).filter(variant__in=visible)
    held = held.filter(stance__in=(Stance.PROPOSE, Stance.OPPOSE)).order_by()
    counted = held.values_list("member", "stance").annotate(n=Count("pk"))
    counts = Counter({(member, stance): n for member, stance, n in counted})
    rows = [
        Row(
            participation,
            proposes=counts[participation.member_id, Stance.PROPOSE],
            opposes=counts[participation.member_id, Stance.OPPOSE],
        )
        for participation in participations(negotiation, day).select_related("member").order_by(local_name("member__"))
    ]
    all_parties = population(negotiation, day)
    context = {
        "rows": rows,
        "until": negotiation.day(day),
        "demonstration": negotiation.has_demonstration,
        "day": day,
        **population_context(all_parties, {party.code: party.local_name for party in all_parties.parties}),
    }
    return render(request, "issues/members.html", context)


@require_safe
def member(request: HttpRequest, code: str) -> HttpResponse:
    """Show a member: positions on brackets, reported positions, proposals and groupings."""
    member = row_with_code(Member.objects.all(), code)
    day, negotiation, reader = requested_day(request), negotiation_of(request), reader_of(request.user)
    proposals = visible_proposals(reader).filter(negotiation=negotiation, proponents=member).known_on(negotiation, day)
    shown = proposals.with_standing().prefetch_related("sub_issues")
    positions = (
        Position.objects.held_on(day)
        .filter(member=member, variant__in=visible_variants(reader), variant__provision__negotiation=negotiation)
        .select_related("variant__provision__sub_issue", "variant__provision__issue", "variant__provision__section")
        .order_by("variant__provision__position", "variant__ordinal")
    )
    page = page_of(request, positions, VARIANTS_A_PAGE)
    counted = population(negotiation, day)
    representative = counted.representatives.get(member.pk)
    alone = _alone(reader, negotiation, member, counted, day)
    return render(
        request,
        "issues/member.html",
        {
            "member": member,
            "demonstration": any(position.variant.provision.demonstration for position in page),
            "has_real_positions": any(not position.variant.provision.demonstration for position in page),
            "participations": member.participations.filter(
                happened_by("joined", negotiation.day(day)), negotiation=negotiation
            ).order_by("joined"),
            "page": page,
            "reported": extract(
                negotiation.reported_positions.filter(member=member), negotiation.day(day), member=member.code
            ),
            "proposals": shown,
            "unconfirmed": {proposal.pk for proposal in shown if member in proposal.standing.members_asked},
            **alone,
            "represented_by": next((party for party in counted.participants if party.pk == representative), None),
            "labels": labels_for(request, {*alone["alone"], *(position.variant for position in page)}, day),
            "co_sponsors": Member.objects.filter(proposals__in=proposals)
            .exclude(pk=member.pk)
            .annotate(together=Count("proposals", distinct=True))
            .order_by("-together", "name")[:CO_SPONSORS_SHOWN],
            "groupings": member.groupings.filter(
                pk__in=member.memberships.filter(in_force(negotiation.day(day))).values("grouping")
            ),
            **record_of_member(reader, negotiation, member, day),
            "day": day,
        },
    )


def _alone(
    reader: Reader, negotiation: Negotiation, member: Member, counted: Population, day: datetime.date | None
) -> dict[str, Any]:
    """Return the first open variants that only `member` opposes, and the number of such variants left out.

    Members that form one party with `member` do not count as others.
    """
    party = counted.party_of(member.code)
    own = [candidate for candidate in counted.participants if counted.party_of(candidate.code) == party]
    opposed = Position.objects.held_on(day).filter(stance=Stance.OPPOSE)
    variants = (
        visible_variants(reader)
        .open_on(day)
        .filter(provision__negotiation=negotiation, pk__in=opposed.filter(member=member).values("variant"))
        .exclude(pk__in=opposed.exclude(member__in=own or [member]).values("variant"))
        .select_related("provision")
        .order_by("provision__position", "ordinal")
    )
    shown = list(variants[:ALONE_SHOWN])
    return {"alone": shown, "alone_more": variants.count() - len(shown)}
