"""Endpoints for members and groupings."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from issues.access.visibility import visible_proposals
from issues.api import filtersets, former_names
from issues.api.parameters import query_parameters
from issues.api.serializers import members
from issues.api.views.base import CODE_PATTERN, ListViewSet
from issues.filters.members import MemberFilter
from issues.models import ReportedPosition
from members.models import Grouping, GroupingMembership, Member, in_force


@extend_schema(tags=["members"])
@extend_schema_view(retrieve=extend_schema(parameters=query_parameters("as_of", "known_at")))
class MemberViewSet(ListViewSet):
    """All members of the WTO. `participant=true` selects those that take part in the negotiation.

    `as_of` selects the date for which participation is determined, both for the filters and in the response. The
    default is the date up to which the facts of the negotiation were collected.
    """

    queryset = Member.objects.prefetch_related("participations").order_by("name")
    filterset_class = MemberFilter
    lookup_field = "code"
    lookup_value_regex = CODE_PATTERN
    in_negotiation = False
    deprecated = former_names.MEMBERS

    def parameters(self) -> frozenset[str]:
        """Return the accepted parameters. Those for a single member include `as_of` and `known_at`."""
        return super().parameters() if self.lists else super().parameters() | {"as_of", "known_at"}

    def get_serializer_class(self) -> type[members.MemberSerializer]:
        """Return the detail serializer for a single member, and otherwise the list serializer."""
        return members.MemberDetailSerializer if self.action == "retrieve" else members.MemberSerializer

    def get_queryset(self) -> QuerySet[Member]:
        """Return the members. For a single member, include the relations that the detail serializer needs."""
        queryset: QuerySet[Member] = super().get_queryset()
        if self.action != "retrieve":
            return queryset
        reported = ReportedPosition.objects.filter(negotiation=self.negotiation).known_by(
            self.negotiation.day(self.day)
        )
        proposals = (
            visible_proposals(self.reader).filter(negotiation=self.negotiation).known_on(self.negotiation, self.day)
        )
        memberships = GroupingMembership.objects.filter(in_force(self.negotiation.day(self.day)))
        own = memberships.filter(member__code=self.kwargs.get("code"))
        return queryset.prefetch_related(
            Prefetch("groupings", Grouping.objects.filter(pk__in=own.values("grouping"))),
            Prefetch("reported_positions", reported.with_documents().in_order()),
            Prefetch("proposals", proposals.prefetch_related("proponents", "sub_issues")),
        )


@extend_schema(tags=["members"])
class GroupingViewSet(ListViewSet):
    """Groupings, with their members and the period of each membership."""

    queryset = Grouping.objects.select_related("represented_by").prefetch_related(
        Prefetch("memberships", GroupingMembership.objects.select_related("member").order_by("member__code", "pk"))
    )
    serializer_class = members.GroupingSerializer
    filterset_class = filtersets.GroupingFilter
    lookup_field = "slug"
    in_negotiation = False
