"""Who stands with whom, landing zones, days and revisions compared, readings: as on the pages, by the same filters."""

from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from issues.access.visibility import current_revisions, participations, visible_provisions
from issues.actions.changes import names_of
from issues.api.pagination import Pages
from issues.api.schema import asked, paged
from issues.api.serializers import analysis
from issues.api.serializers.figures import figures
from issues.api.views.base import Endpoint
from issues.brackets import Silence, measure, parse, read, sentences
from issues.filters.analysis import ComparisonFilter, LandingFilter, Mode, ReadingFilter, StandingFilter
from issues.models import Revision
from issues.reports.analysis import SMALL, Agreement, Choice, agreement, choices_in, landing, nearest, sides
from issues.text.entries import compared
from issues.text.member_names import load_register
from members.models import Member

PLACE = ("as_of", "known_at", "section", "issue", "sub_issue", "small_group")


class ShortPages(Pages):
    """Pages of rows that each take some milliseconds."""

    max_page_size = 50


class Analysis(Endpoint):
    """A list that is computed from the texts that the reader may see."""

    shapes = False
    lists = True

    def provisions(self) -> Any:
        """Return what the reader may see."""
        return visible_provisions(self.reader).filter(negotiation=self.negotiation)


@extend_schema(tags=["analysis"])
class AgreementView(Analysis):
    """How often every two members stand on the same side of a variant, and on opposite ones."""

    @extend_schema(
        operation_id="agreement",
        parameters=asked(*PLACE, "member", "least", pages=True),
        responses=paged(analysis.PairSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return the pairs; with `member`, those with it, nearest first. `least`: takes a side at least so often."""
        found = self.filtered(AgreementFilter, self.provisions())
        values = found.form.cleaned_data
        within = set(found.qs.values_list("pk", flat=True)) if found.narrows else None
        table = sides(self.reader, self.negotiation, values.get("as_of"), within=within)
        taken = np.abs(table.table).sum(axis=0)
        shown = [at for at in range(len(table.members)) if taken[at] >= (values.get("least") or 1)]
        members, counted = [table.members[at] for at in shown], agreement(table.table[:, shown])
        return self.paged(_pairs(counted, members, values.get("member")))


class AgreementFilter(StandingFilter):
    """What the page asks, without what only its drawings need."""

    since = None  # type: ignore[assignment]  # so that the metaclass leaves it out
    order = None  # type: ignore[assignment]


def _pairs(counted: Agreement, members: list[Member], member: Member | None) -> list[dict[str, Any]]:
    if member is not None:
        mine = next((at for at, one in enumerate(members) if one == member), None)
        pairs = [] if mine is None else [(mine, one.other) for one in nearest(counted, mine)]
    else:
        pairs = [(a, b) for a in range(len(members)) for b in range(a + 1, len(members)) if counted.n[a, b]]
    return [_pair(counted, members, a, b) for a, b in pairs]


def _pair(counted: Agreement, members: list[Member], a: int, b: int) -> dict[str, Any]:
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


class Landing(Analysis):
    """What there is to decide in the text."""

    def decisions(self) -> tuple[list[tuple[Revision, Choice]], set[str], list[str]]:
        """Return each choice with its revision, the participants, and the members that were asked for."""
        found = self.filtered(LandingFilter, self.provisions())
        day = found.form.cleaned_data.get("as_of")
        register = load_register(day)
        members = set(participations(self.negotiation, day).values_list("member__code", flat=True))
        revisions = current_revisions(self.reader, day).filter(provision__in=found.qs).select_related("provision")
        rows = [
            (revision, choice)
            for revision in revisions.order_by("provision__position")
            for choice in choices_in(parse(revision.text, register), members)
        ]
        return rows, members, [one.code for one in found.form.cleaned_data.get("member") or []]


@extend_schema(tags=["analysis"])
class LandingView(Landing):
    """What is contested: every way to decide it, who wants it, and who would have to move."""

    @extend_schema(
        operation_id="landing",
        parameters=asked(*PLACE, "members", pages=True),
        responses=paged(analysis.ChoiceSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return the contested choices; with `member`, those at which each option is unwanted by one of these."""
        rows, _, chosen = self.decisions()
        contested = [(revision, one) for revision, one in rows if one.contested]
        between = [(revision, one) for revision, one in contested if one.stands_between(chosen)]
        return self.paged(between if chosen else contested, lambda page: [_choice(*row) for row in page])


def _choice(revision: Revision, choice: Choice) -> dict[str, Any]:
    best = choice.best
    return {
        "provision": revision.provision.slug,
        "revision": revision.number,
        "offset": choice.place,
        "nested": choice.nested,
        "options": [
            {
                "words": one.words,
                "keeps": one.keeps,
                "wanted_by": sorted(one.wanted),
                "unwanted_by": sorted(one.unwanted),
                "balance": one.balance,
                "best": one in best,
            }
            for one in choice.options
        ],
    }


@extend_schema(tags=["analysis"])
class ZoneView(Landing):
    """Who could have one text. Nothing here says that anybody has agreed: it counts the positions in the text."""

    lists = False
    further_parameters = frozenset(PLACE)

    @extend_schema(operation_id="landing_zone", parameters=asked(*PLACE), responses=analysis.ZoneSerializer)
    def get(self, request: Request) -> Response:
        """Return the largest set of participants found whose positions allow one reading without brackets."""
        rows, members, _ = self.decisions()
        zone = landing((choice for _, choice in rows), members)
        return Response(
            {
                "members": sorted(zone.members),
                "silent": sorted(zone.silent),
                "outside": sorted(members - zone.members),
                "exact": zone.exact,
                "inexact_because": [reason.value for reason in zone.reasons],
                "decisions": len(rows),
                "contested": sum(choice.contested for _, choice in rows),
            }
        )


@extend_schema(tags=["analysis"])
class ComparisonView(Analysis):
    """Two days compared: every text that is another one at the end of the second."""

    @extend_schema(
        operation_id="comparison",
        parameters=asked("start", "end", "section", "issue", "sub_issue", "small_group", "provision", pages=True),
        responses=paged(analysis.ChangedSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return the texts that changed, in sentences and character by character."""
        found = self.filtered(ComparisonFilter, self.provisions())
        start, end = found.form.cleaned_data["start"], found.form.cleaned_data.get("end")
        if end and end < start:
            raise ValidationError({"end": "It ends before it begins: exchange the two days."})
        old = {one.provision_id: one for one in current_revisions(self.reader, start).filter(provision__in=found.qs)}
        new = current_revisions(self.reader, end).filter(provision__in=found.qs).select_related("provision")
        moved = [one for one in new.order_by("provision__position") if old.get(one.provision_id) != one]
        return self.paged(moved, lambda page: _changed(page, old), ShortPages)


def _changed(page: list[Revision], old: dict[int, Revision]) -> list[dict[str, Any]]:
    register, names = load_register(), names_of()
    rows = []
    for revision in page:
        earlier = old.get(revision.provision_id)
        before, after = parse(earlier.text if earlier else "", register), parse(revision.text, register)
        found = compared(earlier, revision, before, after)
        rows.append(
            {
                "provision": revision.provision.slug,
                "heading": revision.provision.heading,
                "old_revision": earlier.number if earlier else None,
                "new_revision": revision.number,
                "sentences": sentences(before, after, found, names) if earlier else [],
                "hunks": [{"start": one.start, "end": one.end, "text": one.text} for one in found.hunks],
                "before": figures(measure(before)),
                "after": figures(measure(after)),
            }
        )
    return rows


@extend_schema(tags=["analysis"])
class RevisionsComparedView(Endpoint):
    """Two revisions of one provision compared."""

    further_parameters = frozenset({"old", "new"})

    @extend_schema(
        operation_id="compare_revisions",
        parameters=asked("old", "new", "fields"),
        responses=analysis.ChangedSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return what `new` changed in `old`, both numbers of revisions."""
        visible = visible_provisions(self.reader).filter(negotiation=self.negotiation)
        provision = get_object_or_404(visible, slug=slug)
        numbers = [self._number(name) for name in ("old", "new")]
        rows = {one.number: one for one in provision.revisions.filter(number__in=numbers).select_related("provision")}
        old, new = (get_number(rows, name, number) for name, number in zip(("old", "new"), numbers, strict=True))
        return self.shaped(_changed([new], {provision.pk: old})[0])

    def _number(self, name: str) -> int:
        asked_for = self.request.query_params.get(name, "")
        if not (asked_for.isascii() and asked_for.isdigit() and len(asked_for) < 10):
            raise ValidationError({name: "Write the number of a revision."})
        return int(asked_for)


def get_number(rows: dict[int, Revision], name: str, number: int) -> Revision:
    """Return the revision of that number; raises ValidationError where there is none."""
    if number not in rows:
        raise ValidationError({name: f"There is no revision {number} of this provision."})
    return rows[number]


SILENCE = {"": Silence.SHOW, "keep": Silence.KEEP, "drop": Silence.DROP}


@extend_schema(tags=["analysis"])
class ReadingsView(Analysis):
    """The whole text in one of its readings: everything, the base text, or as a set of members would have it."""

    @extend_schema(
        operation_id="readings",
        parameters=asked(*PLACE, "mode", "silence", "members", pages=True),
        responses=paged(analysis.ReadingSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return the provisions in the order of the text."""
        found = self.filtered(ReadingFilter, self.provisions())
        values = found.form.cleaned_data
        revisions = self._revisions(found.qs, values)
        return self.paged(revisions, lambda page: self._read(page, values), ShortPages)

    def _revisions(self, provisions: Any, values: dict[str, Any]) -> "QuerySet[Revision]":
        revisions = current_revisions(self.reader, values.get("as_of")).filter(provision__in=provisions)
        return revisions.with_place().order_by("provision__position")

    def _read(self, page: list[Revision], values: dict[str, Any]) -> list[dict[str, Any]]:
        mode, register = values.get("mode") or Mode.EVERYTHING, load_register(values.get("as_of"))
        of_members = mode == Mode.MEMBERS
        members = [one.code for one in values.get("member") or []] if of_members else []
        silence = SILENCE[values.get("silence") or ""] if of_members else Silence.BASE
        rows = []
        for revision in page:
            reading = None if mode == Mode.EVERYTHING else read(parse(revision.text, register), members, silence)
            rows.append(
                {
                    "provision": revision.provision.slug,
                    "heading": revision.provision.heading,
                    "place": revision.provision.place.code,
                    "revision": revision.number,
                    "mode": mode,
                    "text": reading.text if reading else revision.text,
                    "silent": reading.silent if reading else 0,
                    "divided": reading.divided if reading else 0,
                }
            )
        return rows
