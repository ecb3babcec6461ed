"""What cuts across the table of issues: who proposed what on small enterprises, gender, least developed countries."""

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
from issues.web.query_params import asked_day
from members.models import local_name

MOST_HOLDERS = 12


@require_safe
def lens_list(request: HttpRequest) -> HttpResponse:
    """Show the lenses, each with how many proposals and sub-issues it runs through."""
    day, reader, negotiation = asked_day(request), reader_of(request.user), negotiation_of(request)
    proposals = visible_proposals(reader).filter(negotiation=negotiation).tabled_by(day)
    found = Lens.objects.annotate(
        tabled=Count("proposals", filter=Q(proposals__in=proposals), distinct=True),
        places=Count("sub_issues", filter=Q(sub_issues__negotiation=negotiation), distinct=True),
    )
    return render(request, "issues/lenses.html", {"lenses": found, "day": day})


@require_safe
def lens(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who proposed what under a lens, where it stands in the text, and how open that is."""
    day, reader, negotiation = asked_day(request), reader_of(request.user), negotiation_of(request)
    found = get_object_or_404(Lens, slug=slug)
    proposals = visible_proposals(reader).filter(negotiation=negotiation, lenses=found).tabled_by(day)
    here = Provision.objects.filter(Q(lenses=found) | Q(sub_issue__lenses=found), negotiation=negotiation)
    texts = current_revisions(reader, day).filter(provision__in=here)
    provisions = visible_provisions(reader).filter(pk__in=texts.values("provision"))
    held = Position.objects.held_on(day).filter(
        variant__in=visible_variants(reader).filter(provision__in=provisions).open_on(day)
    )
    context: dict[str, Any] = {
        "lens": found,
        "day": day,
        "proposals": proposals.with_standing().prefetch_related("sub_issues", "issues"),
        "sub_issues": found.sub_issues.filter(negotiation=negotiation).select_related("section", "issue__section"),
        "provisions": provisions.with_place().order_by("position"),
        "standing": convergence.provisions_standing(reader, list(provisions.select_related("negotiation")), day),
        "stances": [(stance, _holders(held, stance)) for stance in (Stance.PROPOSE, Stance.OPPOSE)],
    }
    return render(request, "issues/lens.html", context)


def _holders(held: Any, stance: Stance) -> list[tuple[str, str, int]]:
    """Return who takes `stance` at most of the open variants: code, name, number."""
    counted: list[tuple[str, str, int]] = []
    for kind, name in (("member", local_name("member__")), ("grouping", F("grouping__name"))):
        rows = held.filter(stance=stance).exclude(**{kind: None}).order_by()
        counted += rows.values_list(f"{kind}__code", name).annotate(n=Count("variant", distinct=True))
    return sorted(counted, key=lambda row: (-row[2], row[1]))[:MOST_HOLDERS]
