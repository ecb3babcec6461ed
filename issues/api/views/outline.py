"""Endpoints for the table of issues, lenses, small groups and their status reports."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from issues.access.permissions import Refused, may_state
from issues.access.visibility import visible_provisions
from issues.actions import status_reports
from issues.api import filtersets, former_names
from issues.api.errors import Problem, error_entry
from issues.api.parameters import WRITE_PARAMETERS, query_parameters
from issues.api.serializers import figures, outline
from issues.api.serializers.writing import StateSerializer
from issues.api.views.base import CODE_PATTERN, ListViewSet
from issues.filters import places
from issues.models import Issue, Lens, Section, SmallGroup, StatusReport, SubIssue
from issues.reports import convergence

SUB_ISSUES = SubIssue.objects.select_related("section", "issue__section").prefetch_related("small_groups", "lenses")
SUB_ISSUE_RELATIONS = tuple(
    f"sub_issues__{relation}" for relation in ("small_groups", "lenses", "section", "issue__section")
)


@extend_schema(tags=["outline"])
class SectionViewSet(ListViewSet):
    """Sections A to F and the annex."""

    queryset = Section.objects.prefetch_related("issues", "sub_issues")
    serializer_class = outline.SectionSerializer
    filterset_class = places.SectionFilter
    lookup_field = "code"
    lookup_value_regex = CODE_PATTERN


@extend_schema(tags=["outline"])
class IssueViewSet(ListViewSet):
    """The issues of the negotiation. Their stated and measured status is under `status/`."""

    queryset = Issue.objects.select_related("section").prefetch_related("small_groups")
    serializer_class = outline.IssueSerializer
    filterset_class = places.IssueFilter
    lookup_field = "code"
    lookup_value_regex = CODE_PATTERN
    prefetch_for = {
        "": ("sub_issues",),
        "sub_issues": ("sub_issues__small_groups", "sub_issues__lenses", "sub_issues__issue__section"),
    }


@extend_schema(tags=["outline"])
class SubIssueViewSet(ListViewSet):
    """The sub-issues of the negotiation. The tracker assigns the letters in their codes."""

    queryset = SUB_ISSUES
    serializer_class = outline.SubIssueSerializer
    filterset_class = places.SubIssueFilter
    lookup_field = "code"
    lookup_value_regex = CODE_PATTERN


@extend_schema(tags=["outline"])
class LensViewSet(ListViewSet):
    """The lenses, which are concerns that cut across the table of issues. Variants can be filtered by lens."""

    queryset = Lens.objects.all()
    serializer_class = outline.LensSerializer
    filterset_class = filtersets.LensFilter
    lookup_field = "slug"
    in_negotiation = False


@extend_schema(tags=["small groups"])
@extend_schema_view(retrieve=extend_schema(parameters=query_parameters("as_of", "known_at")))
class SmallGroupViewSet(ListViewSet):
    """The small groups. A single group has its stated status and measured figures, now or on the date `as_of`."""

    queryset = SmallGroup.objects.prefetch_related("issues", "status_reports__corrected_by")
    filterset_class = places.SmallGroupFilter
    lookup_field = "slug"
    prefetch_for = {
        "": ("sub_issues", "facilitators"),
        "sub_issues": (
            "sub_issues__small_groups",
            "sub_issues__lenses",
            "sub_issues__section",
            "sub_issues__issue__section",
        ),
        "facilitators": ("facilitators__member",),
    }

    def parameters(self) -> frozenset[str]:
        """Return the accepted parameters. A single small group also accepts `as_of` and `known_at`."""
        return super().parameters() if self.lists else super().parameters() | {"as_of", "known_at"}

    def get_serializer_class(self) -> type[outline.SmallGroupSerializer]:
        """Return the detail serializer for a single group, and otherwise the list serializer."""
        return outline.SmallGroupDetailSerializer if self.action == "retrieve" else outline.SmallGroupSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a small group with its stated status and measured figures."""
        group = self.get_object()
        standing = convergence.group_standing(self.reader, group, self.day)
        visible = visible_provisions(self.reader).filter(negotiation=self.negotiation)
        row = figures.group_row(standing, dict(visible.values_list("pk", "slug")), request)
        return Response(self.get_serializer(group, context={**self.get_serializer_context(), "standing": row}).data)


@extend_schema(tags=["small groups"])
class StatusReportViewSet(ListViewSet):
    """Status reports of small groups, newest first.

    Reports stay on record. A mistaken report is corrected by another report and is treated as never having taken
    effect. `in_effect=true` leaves out corrected reports.
    """

    queryset = (
        StatusReport.objects.select_related("small_group", "recorded_by")
        .prefetch_related("corrected_by")
        .order_by("-stated_on", "-pk")
    )
    serializer_class = outline.StatusReportRowSerializer
    filterset_class = filtersets.StatusReportFilter
    deprecated = former_names.STATUS_REPORTS
    in_negotiation = False

    def get_queryset(self) -> Any:
        """Return the status reports of the negotiation."""
        return super().get_queryset().filter(small_group__negotiation=self.negotiation)


class GroupReportsViewSet(StatusReportViewSet):
    """The endpoint that creates status reports of a small group."""

    @extend_schema(
        operation_id="state_status",
        tags=["small groups"],
        request=StateSerializer,
        responses={201: outline.StatusReportRowSerializer},
        parameters=WRITE_PARAMETERS,
    )
    def create(self, request: Request, slug: str) -> Response:
        """State the status of a small group, as its facilitator or the secretariat.

        With `corrects`, the report replaces a mistaken report, which stays on record but is treated as never having
        taken effect. If open brackets contradict the status, `although_brackets` is required. If the same person sends
        the same report twice, it is recorded once, with or without an `Idempotency-Key`.
        """
        group = get_object_or_404(SmallGroup, slug=slug, negotiation=self.negotiation)
        if not may_state(self.reader, group):
            raise Refused("Only the facilitator of the small group or the secretariat can state its status.")
        serializer = StateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        acknowledged = values.pop("although_brackets")
        values["corrects"] = self._statement_to_correct(group, values["corrects"])
        against = status_reports.brackets_against(self.reader, group, values["status"])
        if against and not acknowledged:
            texts = ", ".join(revision.provision.slug for revision in against)
            message = f"There are open brackets in {texts}. To state the status anyway, send `although_brackets`."
            raise Problem("invalid", message, [error_entry("although_brackets", message)])
        report = status_reports.state(small_group=group, actor=self.actor, idempotency_key=self.key, **values)
        return Response(self.get_serializer(report).data, status=201)

    def _statement_to_correct(self, group: SmallGroup, key: int | None) -> StatusReport | None:
        """Return the report to correct, or None. Raise ValidationError if the group has no report with this key."""
        mistake = group.status_reports.filter(pk=key).first() if key is not None else None
        if key is not None and mistake is None:
            raise ValidationError({"corrects": "This small group has no report with this ID."})
        return mistake
