"""Who stands with whom, landing zones, days and revisions compared, readings: as on the pages, by the same filters."""

from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from bracketed_text import Silence, measure, parse, read, sentences
from issues.access.visibility import current_revisions, participations, visible_provisions
from issues.api.pagination import NumberedPagination
from issues.api.schema import paged_serializer, query_parameters
from issues.api.serializers import analysis
from issues.api.serializers.figures import figures_row
from issues.api.views.base import Endpoint
from issues.filters.analysis import ComparisonFilter, LandingFilter, Mode, ReadingFilter, StandingFilter
from issues.models import Revision
from issues.reports.analysis import SMALL, Agreement, Choice, agreement, choices_in, landing, nearest, sides
from issues.text.entries import compared
from issues.text.member_names import load_register
from issues.text.sentences import name_lookup
from members.models import Member

PLACE_PARAMETERS = ("as_of", "known_at", "section", "issue", "sub_issue", "small_group")


class SmallPagination(NumberedPagination):
    """Pages of rows that each take some milliseconds."""

    max_page_size = 50


class AnalysisEndpoint(Endpoint):
    """A list that is computed from the texts that the reader may see."""

    selects_fields = False
    lists = True

    def provisions(self) -> Any:
        """Return what the reader may see."""
        return visible_provisions(self.reader).filter(negotiation=self.negotiation)


@extend_schema(tags=["analysis"])
class AgreementView(AnalysisEndpoint):
    """How often every two members stand on the same side of a variant, and on opposite ones."""

    @extend_schema(
        operation_id="agreement",
        parameters=query_parameters(*PLACE_PARAMETERS, "member", "least", pages=True),
        responses=paged_serializer(analysis.PairSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return the pairs; with `member`, those with it, nearest first. `least`: takes a side at least so often."""
        filterset = self.filtered(AgreementFilter, self.provisions())
        values = filterset.form.cleaned_data
        within = set(filterset.qs.values_list("pk", flat=True)) if filterset.narrows else None
        table = sides(self.reader, self.negotiation, values.get("as_of"), within=within)
        taken = np.abs(table.table).sum(axis=0)
        shown = [at for at in range(len(table.members)) if taken[at] >= (values.get("least") or 1)]
        members, counted = [table.members[at] for at in shown], agreement(table.table[:, shown])
        return self.paged(_pair_rows(counted, members, values.get("member")))


class AgreementFilter(StandingFilter):
    """What the page asks, without what only its drawings need."""

    since = None  # type: ignore[assignment]  # so that the metaclass leaves it out
    order = None  # type: ignore[assignment]


def _pair_rows(counted: Agreement, members: list[Member], member: Member | None) -> list[dict[str, Any]]:
    if member is not None:
        mine = next((at for at, candidate in enumerate(members) if candidate == member), None)
        pairs = [] if mine is None else [(mine, pair.other) for pair in nearest(counted, mine)]
    else:
        pairs = [(a, b) for a in range(len(members)) for b in range(a + 1, len(members)) if counted.n[a, b]]
    return [_pair_row(counted, members, a, b) for a, b in pairs]


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
    """What there is to decide in the text."""

    def decisions(self) -> tuple[list[tuple[Revision, Choice]], set[str], list[str]]:
        """Return each choice with its revision, the participants, and the members that were asked for."""
        filterset = self.filtered(LandingFilter, self.provisions())
        day = filterset.form.cleaned_data.get("as_of")
        register = load_register(day)
        members = set(participations(self.negotiation, day).values_list("member__code", flat=True))
        revisions = current_revisions(self.reader, day).filter(provision__in=filterset.qs).select_related("provision")
        rows = [
            (revision, choice)
            for revision in revisions.order_by("provision__position")
            for choice in choices_in(parse(revision.text, register), members)
        ]
        return rows, members, [member.code for member in filterset.form.cleaned_data.get("member") or []]


@extend_schema(tags=["analysis"])
class LandingView(LandingEndpoint):
    """What is contested: every way to decide it, who wants it, and who would have to move."""

    @extend_schema(
        operation_id="landing",
        parameters=query_parameters(*PLACE_PARAMETERS, "members", pages=True),
        responses=paged_serializer(analysis.ChoiceSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return the contested choices; with `member`, those at which each option is unwanted by one of these."""
        rows, _, chosen = self.decisions()
        contested = [(revision, choice) for revision, choice in rows if choice.contested]
        between = [(revision, choice) for revision, choice in contested if choice.stands_between(chosen)]
        return self.paged(between if chosen else contested, lambda page: [_choice_row(*row) for row in page])


def _choice_row(revision: Revision, choice: Choice) -> dict[str, Any]:
    best = choice.best
    return {
        "provision": revision.provision.slug,
        "revision": revision.number,
        "offset": choice.place,
        "nested": choice.nested,
        "options": [
            {
                "words": option.words,
                "keeps": option.keeps,
                "wanted_by": sorted(option.wanted),
                "unwanted_by": sorted(option.unwanted),
                "balance": option.balance,
                "best": option in best,
            }
            for option in choice.options
        ],
    }


@extend_schema(tags=["analysis"])
class ZoneView(LandingEndpoint):
    """Who could have one text. Nothing here says that anybody has agreed: it counts the positions in the text."""

    lists = False
    extra_parameters = frozenset(PLACE_PARAMETERS)

    @extend_schema(
        operation_id="landing_zone", parameters=query_parameters(*PLACE_PARAMETERS), responses=analysis.ZoneSerializer
    )
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
class ComparisonView(AnalysisEndpoint):
    """Two days compared: every text that is another one at the end of the second."""

    @extend_schema(
        operation_id="comparison",
        parameters=query_parameters(
            "start", "end", "section", "issue", "sub_issue", "small_group", "provision", pages=True
        ),
        responses=paged_serializer(analysis.ChangedSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return the texts that changed, in sentences and character by character."""
        filterset = self.filtered(ComparisonFilter, self.provisions())
        start, end = filterset.form.cleaned_data["start"], filterset.form.cleaned_data.get("end")
        if end and end < start:
            raise ValidationError({"end": "It ends before it begins: exchange the two days."})
        old = {
            row.provision_id: row for row in current_revisions(self.reader, start).filter(provision__in=filterset.qs)
        }
        new = current_revisions(self.reader, end).filter(provision__in=filterset.qs).select_related("provision")
        moved = [row for row in new.order_by("provision__position") if old.get(row.provision_id) != row]
        return self.paged(moved, lambda page: _changed_rows(page, old), SmallPagination)


def _changed_rows(page: list[Revision], old: dict[int, Revision]) -> list[dict[str, Any]]:
    register, names = load_register(), name_lookup()
    rows = []
    for revision in page:
        earlier = old.get(revision.provision_id)
        before, after = parse(earlier.text if earlier else "", register), parse(revision.text, register)
        comparison = compared(earlier, revision, before, after)
        rows.append(
            {
                "provision": revision.provision.slug,
                "heading": revision.provision.heading,
                "old_revision": earlier.number if earlier else None,
                "new_revision": revision.number,
                "sentences": sentences(before, after, comparison, names) if earlier else [],
                "hunks": [{"start": hunk.start, "end": hunk.end, "text": hunk.text} for hunk in comparison.hunks],
                "before": figures_row(measure(before)),
                "after": figures_row(measure(after)),
            }
        )
    return rows


@extend_schema(tags=["analysis"])
class RevisionsComparedView(Endpoint):
    """Two revisions of one provision compared."""

    extra_parameters = frozenset({"old", "new"})

    @extend_schema(
        operation_id="compare_revisions",
        parameters=query_parameters("old", "new", "fields"),
        responses=analysis.ChangedSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return what `new` changed in `old`, both numbers of revisions."""
        visible = visible_provisions(self.reader).filter(negotiation=self.negotiation)
        provision = get_object_or_404(visible, slug=slug)
        numbers = [self._number(name) for name in ("old", "new")]
        revisions = provision.revisions.filter(number__in=numbers).select_related("provision")
        rows = {revision.number: revision for revision in revisions}
        old, new = (
            revision_with_number(rows, name, number) for name, number in zip(("old", "new"), numbers, strict=True)
        )
        return self.shaped(_changed_rows([new], {provision.pk: old})[0])

    def _number(self, name: str) -> int:
        number = self.request.query_params.get(name, "")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise ValidationError({name: "Write the number of a revision."})
        return int(number)


def revision_with_number(rows: dict[int, Revision], name: str, number: int) -> Revision:
    """Return the revision of that number; raises ValidationError where there is none."""
    if number not in rows:
        raise ValidationError({name: f"There is no revision {number} of this provision."})
    return rows[number]


SILENCE = {"": Silence.SHOW, "keep": Silence.KEEP, "drop": Silence.DROP}


@extend_schema(tags=["analysis"])
class ReadingsView(AnalysisEndpoint):
    """The whole text in one of its readings: everything, the base text, or as a set of members would have it."""

    @extend_schema(
        operation_id="readings",
        parameters=query_parameters(*PLACE_PARAMETERS, "mode", "silence", "members", pages=True),
        responses=paged_serializer(analysis.ReadingSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return the provisions in the order of the text."""
        filterset = self.filtered(ReadingFilter, self.provisions())
        values = filterset.form.cleaned_data
        revisions = self._revisions(filterset.qs, values)
        return self.paged(revisions, lambda page: self._read(page, values), SmallPagination)

    def _revisions(self, provisions: Any, values: dict[str, Any]) -> "QuerySet[Revision]":
        revisions = current_revisions(self.reader, values.get("as_of")).filter(provision__in=provisions)
        return revisions.with_place().order_by("provision__position")

    def _read(self, page: list[Revision], values: dict[str, Any]) -> list[dict[str, Any]]:
        mode, register = values.get("mode") or Mode.EVERYTHING, load_register(values.get("as_of"))
        of_members = mode == Mode.MEMBERS
        members = [member.code for member in values.get("member") or []] if of_members else []
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
