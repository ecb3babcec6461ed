"""The lens pages. Lenses, such as gender or small enterprises, cut across the table of issues."""

from typing import Any

from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import (
    current_revisions,
    negotiation_of,
    visible_proposals,
    visible_provisions,
    visible_variants,
)
from issues.models import Lens, Position, Provision
from issues.models.choices import Stance
from issues.reports import convergence
from issues.web.query_params import requested_day
from members.models import local_name

MOST_HOLDERS = 12


@require_safe
def lens_list(request: HttpRequest) -> HttpResponse:
    """Show the lenses with the number of their proposals and sub-issues."""
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    proposals = visible_proposals(reader).filter(negotiation=negotiation).tabled_by(day)
    counted = Lens.objects.annotate(
        tabled=Count("proposals", filter=Q(proposals__in=proposals), distinct=True),
        places=Count("sub_issues", filter=Q(sub_issues__negotiation=negotiation), distinct=True),
    )
    return render(request, "issues/lenses.html", {"lenses": counted, "day": day})


@require_safe
def lens(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the proposals, provisions and positions under a lens."""
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    lens = get_object_or_404(Lens, slug=slug)
    proposals = visible_proposals(reader).filter(negotiation=negotiation, lenses=lens).tabled_by(day)
    tagged = Provision.objects.filter(Q(lenses=lens) | Q(sub_issue__lenses=lens), negotiation=negotiation)
    texts = current_revisions(reader, day).filter(provision__in=tagged)
    provisions = visible_provisions(reader).filter(pk__in=texts.values("provision"))
    held = Position.objects.held_on(day).filter(
        variant__in=visible_variants(reader).filter(provision__in=provisions).open_on(day)
    )
    standing = convergence.provisions_standing(reader, list(provisions.select_related("negotiation")), day)
    context: dict[str, Any] = {
        "lens": lens,
        "day": day,
        "proposals": proposals.with_standing().prefetch_related("sub_issues", "issues"),
        "sub_issues": lens.sub_issues.filter(negotiation=negotiation).select_related("section", "issue__section"),
        "provisions": provisions.with_place().order_by("position"),
        "standing": standing,
        "demonstration": standing.demonstration,
        "stances": [(stance, _holders(held, stance)) for stance in (Stance.PROPOSE, Stance.OPPOSE)],
    }
    return render(request, "issues/lens.html", context)


def _holders(held: Any, stance: Stance) -> list[tuple[str, str, int]]:
    """Return the holders that take `stance` on the most open variants, each with code, name and number of variants."""
    counted: list[tuple[str, str, int]] = []
    for kind, name in (("member", local_name("member__")), ("grouping", F("grouping__name"))):
        rows = held.filter(stance=stance).exclude(**{kind: None}).order_by()
        counted += rows.values_list(f"{kind}__code", name).annotate(n=Count("variant", distinct=True))
    return sorted(counted, key=lambda row: (-row[2], row[1]))[:MOST_HOLDERS]
