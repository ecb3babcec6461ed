"""The landing zones page, with the contested choices, the leading options, and the members that would have to move."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.filters.analysis import LandingFilter
from issues.models import Provision, Revision
from issues.reports.analysis import Choice, Landing, Option
from issues.reports.open_choices import open_choices
from issues.text.addresses import address_key
from issues.text.bracket_labels import BracketLabel, PlaceNames, TextLabels, label_at
from issues.text.stored import stored_tree
from issues.web.paging import page_of
from issues.web.populations import population_context
from issues.web.provision_cards import Names, load_names

CHOICES_A_PAGE = 25


@dataclass(frozen=True)
class Row:
    """A choice in a provision, its options with their holders' names, and whether it divides the chosen members.

    `key` is the address of the bracket at which the choice begins, and `label` its label.
    """

    provision: Provision
    choice: Choice
    key: str
    label: BracketLabel | None
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
    choices = open_choices(reader, negotiation, filterset.qs, names.register, day)
    members = values.get("member") or []
    shown = choices.dividing(members)
    page = page_of(request, shown, CHOICES_A_PAGE)
    labels = _labels(page, PlaceNames(provisions), names)
    chosen = sorted({choices.population.party_of(member.code) for member in members})
    context: dict[str, Any] = {
        "form": filterset.form,
        "day": day,
        "decisions": len(choices.rows),
        "demonstration": choices.demonstration,
        "contested": len(choices.contested),
        "between": len(shown) if members else 0,
        "chosen": [names.of(code) for code in chosen],
        "page": page,
        "rows": [_row(revision, choice, labels, chosen, names) for revision, choice in page],
        **population_context(choices.population, names.by_code, members),
        **_zone(choices.zone, names),
    }
    return render(request, "issues/landing.html", context)


def _zone(zone: Landing, names: Names) -> dict[str, Any]:
    """Return the context for the largest sets. Only parties with a side are named; the silent are counted apart."""

    def named(codes: frozenset[str] | None) -> list[str]:
        return sorted(names.of(code) for code in (codes or frozenset()) & zone.taking_sides)

    in_some = None
    if zone.in_all is not None and zone.in_none is not None:
        in_some = zone.parties - zone.in_all - zone.in_none
    return {
        "zone": zone,
        "size": len(zone.inside),
        "taking_sides": len(zone.taking_sides),
        "taking_no_side": len(zone.parties - zone.taking_sides),
        "inside": named(zone.members),
        "outside": named(zone.outside),
        "in_all": named(zone.in_all),
        "in_some": named(in_some),
        "in_none": named(zone.in_none),
    }


def _labels(
    page: Iterable[tuple[Revision, Choice]], places: PlaceNames, names: Names
) -> dict[tuple[int, int], BracketLabel | None]:
    """Return the labels of the brackets at which choices begin, by the key of the revision and the offset."""
    choices = list(page)
    revisions = {revision.pk: revision for revision, _ in choices}
    texts = {key: TextLabels(stored_tree(revision, names.register)) for key, revision in revisions.items()}
    return {
        (revision.pk, choice.offset): label_at(revision, choice.offset, texts[revision.pk], places)
        for revision, choice in choices
    }


def _row(
    revision: Revision,
    choice: Choice,
    labels: dict[tuple[int, int], BracketLabel | None],
    chosen: list[str],
    names: Names,
) -> Row:
    def names_of(codes: frozenset[str]) -> list[str]:
        return sorted(names.of(code) for code in codes)

    best = choice.best
    options = [
        Shown(option, names_of(option.supporters), names_of(option.opponents), option in best)
        for option in choice.options
    ]
    key, label = address_key(revision.number, choice.offset), labels[revision.pk, choice.offset]
    return Row(revision.provision, choice, key, label, options, choice.stands_between(chosen))
