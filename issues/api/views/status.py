"""Endpoints for the stated and measured status, for measures over time, and for activity."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from issues.access.visibility import visible_provisions
from issues.api.filtering import require_known_parameters
from issues.api.pagination import NumberedPagination
from issues.api.parameters import paged_serializer, query_parameters
from issues.api.serializers import figures
from issues.api.serializers.record import ActivitySerializer
from issues.api.views.base import Endpoint
from issues.filters.analysis import NarrowingFilter
from issues.forms import ActivityForm
from issues.models import SmallGroup
from issues.reports import activity, convergence
from members.codes import get_by_code


class StatusEndpoint(Endpoint):
    """Base class for status documents, which show the state now or on the date `as_of`."""

    extra_parameters = frozenset({"as_of", "known_at"})

    def slugs(self) -> dict[int, str]:
        """Return the slugs of the visible provisions by key."""
        visible = visible_provisions(self.reader).filter(negotiation=self.negotiation)
        return dict(visible.values_list("pk", "slug"))


@extend_schema(tags=["status"], parameters=query_parameters("as_of", "known_at", "fields"))
class StatusView(StatusEndpoint):
    """The stated and measured status of every small group and issue in one document.

    Clients can begin with this document. Stated and measured status are independent, and neither implies that a text is
    agreed. `as_of` selects a date.
    """

    @extend_schema(operation_id="status", responses=figures.StatusSerializer)
    def get(self, request: Request) -> Response:
        """Return the document."""
        overview = convergence.overview(self.reader, self.negotiation, self.day)
        return self.document_response(
            figures.status_document(self.negotiation, self.day, overview, self.slugs(), request)
        )


@extend_schema(tags=["status"], parameters=query_parameters("as_of", "known_at", "fields"))
class GroupStatusView(StatusEndpoint):
    """The stated status of a small group, its measured figures with their trend, and links."""

    @extend_schema(operation_id="status_small_group", responses=figures.GroupStatusSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return the document."""
        group = get_object_or_404(SmallGroup, slug=slug, negotiation=self.negotiation)
        standing = convergence.group_standing(self.reader, group, self.day)
        return self.document_response(figures.group_row(standing, self.slugs(), request))


@extend_schema(tags=["status"], parameters=query_parameters("as_of", "known_at", "fields"))
class IssueStatusView(StatusEndpoint):
    """The measured figures of an issue's text, and the stated status of the small groups that work on the issue."""

    @extend_schema(operation_id="status_issue", responses=figures.IssueStatusSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Return the document."""
        issue = get_by_code(self.negotiation.issues.select_related("section"), code)
        standing = convergence.issue_standing(self.reader, issue, self.day)
        return self.document_response(figures.issue_row(standing, self.slugs(), request))


class MeasuresView(Endpoint):
    """Measures over time, with a row for each day on which a figure changed, oldest first.

    The measures cover the whole text, or the text of a section, issue, sub-issue or small group.
    """

    filterset_class = NarrowingFilter
    pagination_class = NumberedPagination
    selects_fields = False
    lists = True

    @extend_schema(
        operation_id="measures",
        tags=["status"],
        parameters=query_parameters("as_of", "known_at", "section", "issue", "sub_issue", "small_group", pages=True),
        responses=paged_serializer(figures.MeasurePointSerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page of rows."""
        filterset = self.filterset_for(
            NarrowingFilter, visible_provisions(self.reader).filter(negotiation=self.negotiation)
        )
        provisions = list(filterset.qs.select_related("negotiation"))
        standing = convergence.provisions_standing(self.reader, provisions, filterset.form.cleaned_data.get("as_of"))
        return self.page_response(figures.measure_rows(standing))


class ActivityView(Endpoint):
    """The activity that you may see, newest first. Only participants see the names of persons.

    The filters `kind`, `member`, `small_group`, `provision`, `person`, `since` and `until` work as on the page.
    """

    pagination_class = NumberedPagination
    selects_fields = False
    lists = True

    @extend_schema(
        operation_id="activity",
        tags=["record"],
        parameters=query_parameters(
            "kind", "member", "small_group", "provision", "person", "since", "until", pages=True
        ),
        responses=paged_serializer(ActivitySerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page of entries."""
        form = ActivityForm(request.query_params, reader=self.reader, negotiation=self.negotiation)
        require_known_parameters(request, {*form.fields, *NumberedPagination.parameters})
        if not form.is_valid():
            raise ValidationError({name: list(map(str, messages)) for name, messages in form.errors.items()})
        return self.page_response(activity.rows(self.reader, self.negotiation, form.selection()), self._rows)

    def _rows(self, rows: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "at": entry.at,
                "kind": entry.kind,
                "person": entry.person or None,
                "on_behalf_of": entry.member.code if entry.member else None,
                "what": f"{entry.what} {entry.subject}",
                "says": entry.says,
                "url": self.request.build_absolute_uri(entry.path),
                "demonstration": entry.demonstration,
            }
            for entry in activity.entries(self.reader, self.negotiation, rows)
        ]
