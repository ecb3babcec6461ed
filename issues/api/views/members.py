"""Endpoints for members and groupings."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema

from issues.access.visibility import visible_proposals
from issues.api import filtersets
from issues.api.serializers import members
from issues.api.views.base import CODE_PATTERN, ListViewSet
from issues.filters import record
from issues.models import ReportedPosition
from members.models import Grouping, GroupingMembership, Member


@extend_schema(tags=["members"])
class MemberViewSet(ListViewSet):
    """All members of the WTO. `?participant=true` selects those that take part in the negotiation."""

    queryset = Member.objects.prefetch_related("participations").order_by("name")
    filterset_class = record.MemberFilter
    lookup_field = "code"
    lookup_value_regex = CODE_PATTERN
    in_negotiation = False

    def get_serializer_class(self) -> type[members.MemberSerializer]:
        """Return the detail serializer for a single member, and otherwise the list serializer."""
        return members.MemberDetailSerializer if self.action == "retrieve" else members.MemberSerializer

    def get_queryset(self) -> QuerySet[Member]:
        """Return the members. For a single member, include the relations that the detail serializer needs."""
        queryset: QuerySet[Member] = super().get_queryset()
        if self.action != "retrieve":
            return queryset
        reported = ReportedPosition.objects.filter(negotiation=self.negotiation).select_related("issue")
        proposals = visible_proposals(self.reader).filter(negotiation=self.negotiation)
        return queryset.prefetch_related(
            "groupings",
            Prefetch("reported_positions", reported.prefetch_related("sub_issues")),
            Prefetch("proposals", proposals.prefetch_related("proponents", "sub_issues")),
        )


@extend_schema(tags=["members"])
class GroupingViewSet(ListViewSet):
    """Groupings, with their members and the period of each membership."""

    queryset = Grouping.objects.prefetch_related(
        Prefetch("memberships", GroupingMembership.objects.select_related("member").order_by("member__code", "pk"))
    )
    serializer_class = members.GroupingSerializer
    filterset_class = filtersets.GroupingFilter
    lookup_field = "slug"
    in_negotiation = False
