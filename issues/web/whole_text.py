"""The whole consolidated text on one page: in full, as base text, or as the chosen members would have it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from bracketed_text import Silence, read
from issues.access.roles import reader_of
from issues.access.visibility import current_revisions, negotiation_of, visible_provisions
from issues.filters.analysis import Mode, ReadingFilter
from issues.models import Revision, Section
from issues.text.bracket_labels import PlaceNames, TextLabels
from issues.text.stored import stored_tree
from issues.web import rendering
from issues.web.provision_cards import Names, load_names
from issues.web.rendering import PanelLinks

SILENCE = {"": Silence.SHOW, "keep": Silence.KEEP, "drop": Silence.DROP}


@dataclass(frozen=True)
class Shown:
    """A provision in the selected reading, with the numbers of decisions taken by silence and of brackets left open."""

    revision: Revision
    html: SafeString
    silent: int = 0
    divided: int = 0


@dataclass(frozen=True)
class Part:
    """A section with its provisions."""

    section: Section
    provisions: list[Shown]


@require_safe
def whole_text(request: HttpRequest) -> HttpResponse:
    """Show the whole text in the selected reading."""
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    provisions = visible_provisions(reader).filter(negotiation=negotiation)
    filterset = ReadingFilter(request.GET, queryset=provisions, request=request)
    values = filterset.require_valid()
    day, mode = values.get("as_of"), values.get("mode") or Mode.EVERYTHING
    names = load_names(day)
    members = [member.code for member in values.get("member") or []] if mode == Mode.MEMBERS else []
    silence = SILENCE[values.get("silence") or ""] if mode == Mode.MEMBERS else Silence.BASE
    revisions = current_revisions(reader, day).filter(provision__in=filterset.qs).with_place()
    places = PlaceNames(provisions)
    shown = [
        _everything(revision, names, places, day)
        if mode == Mode.EVERYTHING
        else _read(revision, names, members, silence)
        for revision in revisions.order_by("provision__position")
    ]
    context: dict[str, Any] = {
        "form": filterset.form,
        "day": day,
        "shown_day": negotiation.day(day),
        "mode": mode,
        "parts": list(_parts(shown)),
        "provisions": len(shown),
        "demonstration": any(row.revision.provision.demonstration for row in shown),
        "members": [names.of(code) for code in members],
        "silent": sum(provision.silent for provision in shown),
        "divided": sum(provision.divided for provision in shown),
        "silence": silence.value,
    }
    return render(request, "issues/whole_text.html", context)


def _everything(revision: Revision, names: Names, places: PlaceNames, day: datetime.date | None) -> Shown:
    slug = revision.provision.slug
    links = PanelLinks(revision.number, page=reverse("provision", args=[slug]), prefix=f"{slug}-", day=day)
    tree = stored_tree(revision, names.register)
    labels = rendering.shown_labels(TextLabels(tree).by_bracket(), places.of(revision.provision_id))
    return Shown(revision, rendering.render(tree, names.of, links=links, labels=labels))


def _read(revision: Revision, names: Names, members: list[str], silence: Silence) -> Shown:
    reading = read(stored_tree(revision, names.register), members, silence)
    html = rendering.render(stored_tree(revision, names.register, reading.text), names.of)
    return Shown(revision, html, reading.silent, reading.divided)


def _parts(shown: Iterable[Shown]) -> Iterable[Part]:
    """Yield the provisions by section, in text order."""
    for _, together in groupby(shown, key=lambda shown_provision: shown_provision.revision.provision.parent_section.pk):
        provisions = list(together)
        yield Part(provisions[0].revision.provision.parent_section, provisions)
