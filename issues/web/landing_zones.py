"""The landing zones page, with the contested choices, the leading options, and the members that would have to move."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bracketed_text import parse
from issues.access.roles import reader_of
from issues.access.visibility import current_revisions, negotiation_of, participations, visible_provisions
from issues.filters.analysis import LandingFilter
from issues.models import Provision, Revision
from issues.reports.analysis import Choice, Option, choices_in, landing
from issues.text.addresses import address_key
from issues.text.bracket_labels import BracketLabel, PlaceNames, TextLabels, label_at
from issues.web.paging import page_of
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
    revisions = current_revisions(reader, day).filter(provision__in=filterset.qs).with_place()
    members = set(participations(negotiation, day).values_list("member__code", flat=True))
    choices = [
        (revision, choice)
        for revision in revisions.order_by("provision__position")
        for choice in choices_in(parse(revision.text, names.register), members)
    ]
    chosen = [member.code for member in values.get("member") or []]
    zone = landing((choice for _, choice in choices), members)
    contested = [(revision, choice) for revision, choice in choices if choice.contested]
    between = [(revision, choice) for revision, choice in contested if choice.stands_between(chosen)]
    page = page_of(request, between if chosen else contested, CHOICES_A_PAGE)
    labels = _labels(page, PlaceNames(provisions), names)
    context: dict[str, Any] = {
        "form": filterset.form,
        "day": day,
        "decisions": len(choices),
        "demonstration": any(revision.provision.demonstration for revision, _ in choices),
        "contested": len(contested),
        "between": len(between),
        "chosen": [names.of(code) for code in chosen],
        "participants": len(members),
        "zone": zone,
        "inside": sorted(names.of(code) for code in zone.members - zone.silent),
        "outside": sorted(names.of(code) for code in members - zone.members),
        "page": page,
        "rows": [_row(revision, choice, labels, chosen, names) for revision, choice in page],
    }
    return render(request, "issues/landing.html", context)


def _labels(
    page: Iterable[tuple[Revision, Choice]], places: PlaceNames, names: Names
) -> dict[tuple[int, int], BracketLabel | None]:
    """Return the labels of the brackets at which choices begin, by the key of the revision and the offset."""
    choices = list(page)
    revisions = {revision.pk: revision for revision, _ in choices}
    texts = {key: TextLabels(parse(revision.text, names.register)) for key, revision in revisions.items()}
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
