"""The lens pages. Lenses, such as gender or small enterprises, cut across the table of issues."""

import datetime
from typing import Any

from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from issues.access.roles import Reader, reader_of
from issues.access.visibility import (
    current_revisions,
    negotiation_of,
    visible_proposals,
    visible_provisions,
    visible_variants,
)
from issues.models import Lens, Negotiation, Position, Provision
from issues.models.choices import Stance
from issues.models.index import VariantQuerySet
from issues.models.text import ProvisionQuerySet
from issues.reports import convergence
from issues.web.query_params import requested_day
from issues.web.record_lists import record_under
from members.models import local_name

MOST_HOLDERS, MOST_VARIANTS = 12, 20


@require_safe
def lens_list(request: HttpRequest) -> HttpResponse:
    """Show the lenses with the numbers of their proposals, provisions and open variants."""
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    proposals = visible_proposals(reader).filter(negotiation=negotiation).known_on(negotiation, day)
    counted = Lens.objects.order_by(local_name()).annotate(
        tabled=Count("proposals", filter=Q(proposals__in=proposals), distinct=True),
    )
    rows = [(lens, *_marked(reader, negotiation, lens, day)) for lens in counted]
    invented = visible_provisions(reader).filter(negotiation=negotiation, demonstration=True)
    context = {"rows": rows, "day": day, "demonstration": bool(rows) and invented.exists()}
    return render(request, "issues/lenses.html", context)


def _marked(reader: Reader, negotiation: Negotiation, lens: Lens, day: datetime.date | None) -> tuple[int, int]:
    """Return the numbers of provisions with text and of open variants under `lens`."""
    variants = _variants(reader, negotiation, lens, day)
    return _provisions(reader, negotiation, lens, day).count(), variants.count()


def _provisions(reader: Reader, negotiation: Negotiation, lens: Lens, day: datetime.date | None) -> ProvisionQuerySet:
    """Return the provisions with text that `lens` marks as a whole, or in which it marks variants that are open."""
    texts = current_revisions(reader, day).filter(provision__negotiation=negotiation)
    marked = Provision.objects.filter(
        Q(lenses=lens) | Q(pk__in=_variants(reader, negotiation, lens, day).values("provision"))
    )
    return visible_provisions(reader).filter(pk__in=texts.values("provision")).filter(pk__in=marked.values("pk"))


def _variants(reader: Reader, negotiation: Negotiation, lens: Lens, day: datetime.date | None) -> VariantQuerySet:
    """Return the open variants under `lens`."""
    return visible_variants(reader).filter(provision__negotiation=negotiation).open_on(day).under_lens(lens)


@require_safe
def lens(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the proposals, provisions and positions under a lens."""
    day, reader, negotiation = requested_day(request), reader_of(request.user), negotiation_of(request)
    lens = get_object_or_404(Lens, slug=slug)
    proposals = visible_proposals(reader).filter(negotiation=negotiation, lenses=lens).known_on(negotiation, day)
    provisions, variants = _provisions(reader, negotiation, lens, day), _variants(reader, negotiation, lens, day)
    held = Position.objects.held_on(day).filter(variant__in=variants.values("pk"))
    whole = provisions.filter(lenses=lens).select_related("negotiation")
    context: dict[str, Any] = {
        "lens": lens,
        "day": day,
        "proposals": proposals.with_standing().prefetch_related("sub_issues", "issues"),
        **record_under(reader, negotiation, lens, day),
        "provisions": provisions.with_place().order_by("position"),
        "variants": variants.select_related("provision").order_by("provision__position", "ordinal")[:MOST_VARIANTS],
        "standing": convergence.provisions_standing(reader, list(whole), day),
        "demonstration": provisions.filter(demonstration=True).exists(),
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
