"""The landing zones page, with the contested choices, the leading options, and the members that would have to move."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bracketed_text import parse
from issues.access.roles import reader_of
from issues.access.visibility import current_revisions, negotiation_of, participations, visible_provisions
from issues.filters.analysis import LandingFilter
from issues.models import Provision
from issues.reports.analysis import Choice, Option, choices_in, landing
from issues.web.paging import page_of
from issues.web.provision_cards import Names, load_names

CHOICES_A_PAGE = 25


@dataclass(frozen=True)
class Row:
    """A choice in a provision, its options with their holders' names, and whether it divides the chosen members."""

    provision: Provision
    choice: Choice
    options: list["Shown"]
    between: bool


@dataclass(frozen=True)
class Shown:
    """An option with its supporters and opponents. `best` is true if no other option has a greater balance."""

    option: Option
    supporters: list[str]
    opponents: list[str]
    best: bool


@require_safe
def landing_zones(request: HttpRequest) -> HttpResponse:
    """Show the contested choices, or those that divide the chosen members."""
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    provisions = visible_provisions(reader).filter(negotiation=negotiation)
    filterset = LandingFilter(request.GET, queryset=provisions, request=request)
    values = filterset.require_valid()
    day = values.get("as_of")
    names = load_names(day)
    revisions = current_revisions(reader, day).filter(provision__in=filterset.qs).select_related("provision")
    members = set(participations(negotiation, day).values_list("member__code", flat=True))
    choices = [
        (revision.provision, choice)
        for revision in revisions.order_by("provision__position")
        for choice in choices_in(parse(revision.text, names.register), members)
    ]
    chosen = [member.code for member in values.get("member") or []]
    zone = landing((choice for _, choice in choices), members)
    contested = [(provision, choice) for provision, choice in choices if choice.contested]
    between = [(provision, choice) for provision, choice in contested if choice.stands_between(chosen)]
    page = page_of(request, between if chosen else contested, CHOICES_A_PAGE)
    context: dict[str, Any] = {
        "form": filterset.form,
        "day": day,
        "decisions": len(choices),
        "demonstration": any(provision.demonstration for provision, _ in choices),
        "contested": len(contested),
        "between": len(between),
        "chosen": [names.of(code) for code in chosen],
        "participants": len(members),
        "zone": zone,
        "inside": sorted(names.of(code) for code in zone.members - zone.silent),
        "outside": sorted(names.of(code) for code in members - zone.members),
        "page": page,
        "rows": [_row(provision, choice, chosen, names) for provision, choice in page],
    }
    return render(request, "issues/landing.html", context)


def _row(provision: Provision, choice: Choice, chosen: list[str], names: Names) -> Row:
    def names_of(codes: frozenset[str]) -> list[str]:
        return sorted(names.of(code) for code in codes)

    best = choice.best
    options = [
        Shown(option, names_of(option.supporters), names_of(option.opponents), option in best)
        for option in choice.options
    ]
    return Row(provision, choice, options, choice.stands_between(chosen))
