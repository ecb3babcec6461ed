"""Endpoints for comparisons and readings of the text, with the same filters as the pages."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from bracketed_text import Silence, read
from issues.access.visibility import current_revisions, visible_provisions
from issues.api.parameters import paged_serializer, query_parameters
from issues.api.serializers import analysis
from issues.api.serializers.figures import figures_row
from issues.api.views.analysis import PLACE_PARAMETERS, AnalysisEndpoint, SmallPagination
from issues.api.views.base import Endpoint
from issues.filters.analysis import ComparisonFilter, Mode, ReadingFilter
from issues.models import Revision
from issues.text.entries import compared
from issues.text.member_names import load_register
from issues.text.sentences import name_lookup
from issues.text.stored import stored_figures, stored_tree
from issues.wording import sentences


@extend_schema(tags=["analysis"])
class ComparisonView(AnalysisEndpoint):
    """A comparison of two dates, with all texts that changed between them."""

    @extend_schema(
        operation_id="comparison",
        parameters=query_parameters(
            "start", "end", "section", "issue", "sub_issue", "small_group", "provision", pages=True
        ),
        responses=paged_serializer(analysis.ChangedSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page of changed texts, with the changes in sentences and by character."""
        filterset = self.filterset_for(ComparisonFilter, self.provisions())
        start, end = filterset.form.cleaned_data["start"], filterset.form.cleaned_data.get("end")
        if end and end < start:
            raise ValidationError({"end": "The end is before the start. Swap the two dates."})
        old = {
            row.provision_id: row for row in current_revisions(self.reader, start).filter(provision__in=filterset.qs)
        }
        new = current_revisions(self.reader, end).filter(provision__in=filterset.qs).select_related("provision")
        moved = [row for row in new.order_by("provision__position") if old.get(row.provision_id) != row]
        return self.page_response(moved, lambda page: _changed_rows(page, old), SmallPagination)


def _changed_rows(page: list[Revision], old: dict[int, Revision]) -> list[dict[str, Any]]:
    register, names = load_register(), name_lookup()
    rows = []
    for revision in page:
        earlier = old.get(revision.provision_id)
        before, after = stored_tree(earlier, register), stored_tree(revision, register)
        comparison = compared(earlier, revision, before, after)
        rows.append(
            {
                "provision": revision.provision.slug,
                "heading": revision.provision.heading,
                "demonstration": revision.provision.demonstration,
                "old_revision": earlier.number if earlier else None,
                "new_revision": revision.number,
                "sentences": sentences(before, after, comparison, names) if earlier else [],
                "hunks": [{"start": hunk.start, "end": hunk.end, "text": hunk.text} for hunk in comparison.hunks],
                "before": figures_row(stored_figures(earlier, before)),
                "after": figures_row(stored_figures(revision, after)),
            }
        )
    return rows


@extend_schema(tags=["analysis"])
class RevisionsComparedView(Endpoint):
    """A comparison of two revisions of a provision, with the changes from `old` to `new`."""

    extra_parameters = frozenset({"old", "new"})

    @extend_schema(
        operation_id="compare_revisions",
        parameters=query_parameters("old", "new", "fields"),
        responses=analysis.ChangedSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return the changes from revision `old` to revision `new`."""
        visible = visible_provisions(self.reader).filter(negotiation=self.negotiation)
        provision = get_object_or_404(visible, slug=slug)
        numbers = [self._number(name) for name in ("old", "new")]
        revisions = provision.revisions.filter(number__in=numbers).select_related("provision")
        rows = {revision.number: revision for revision in revisions}
        old, new = (
            revision_with_number(rows, name, number) for name, number in zip(("old", "new"), numbers, strict=True)
        )
        return self.document_response(_changed_rows([new], {provision.pk: old})[0])

    def _number(self, name: str) -> int:
        number = self.request.query_params.get(name, "")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise ValidationError({name: "Enter the number of a revision."})
        return int(number)


def revision_with_number(rows: dict[int, Revision], name: str, number: int) -> Revision:
    """Return the revision with this number. Raise ValidationError if `rows` does not contain it."""
    if number not in rows:
        raise ValidationError({name: f"This provision has no revision {number}."})
    return rows[number]


SILENCE = {"": Silence.SHOW, "keep": Silence.KEEP, "drop": Silence.DROP}


@extend_schema(tags=["analysis"])
class ReadingsView(AnalysisEndpoint):
    """The whole text in one of its readings.

    A reading shows everything, the base text, or the text as a set of members would have it.
    """

    @extend_schema(
        operation_id="readings",
        parameters=query_parameters(*PLACE_PARAMETERS, "mode", "silence", "members", pages=True),
        responses=paged_serializer(analysis.ReadingSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page of provisions in the order of the text."""
        filterset = self.filterset_for(ReadingFilter, self.provisions())
        values = filterset.form.cleaned_data
        revisions = self._revisions(filterset.qs, values)
        return self.page_response(revisions, lambda page: self._read(page, values), SmallPagination)

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
            reading = None if mode == Mode.EVERYTHING else read(stored_tree(revision, register), members, silence)
            rows.append(
                {
                    "provision": revision.provision.slug,
                    "heading": revision.provision.heading,
                    "demonstration": revision.provision.demonstration,
                    "place": revision.provision.parent.code,
                    "revision": revision.number,
                    "mode": mode,
                    "text": reading.text if reading else revision.text,
                    "silent": reading.silent if reading else 0,
                    "divided": reading.divided if reading else 0,
                }
            )
        return rows
