"""The endpoints. All of them read through `issues.queries`: what one may not see is not there."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import F, Prefetch, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from issues import activity, convergence, filters
from issues.api import serializers
from issues.api.filtering import refuse_unknown_parameters
from issues.api.pagination import Pages
from issues.forms import ActivityForm
from issues.models import Issue, Position, Proposal, ProposalStep, Provision, Section, SmallGroup, SubIssue, Variant
from issues.queries import (
    current_revisions,
    negotiation_of,
    reader_of,
    visible_proposals,
    visible_provisions,
    visible_steps,
    visible_variants,
)
from members.models import Member

CODE = r"[\w.-]+"


def asked_day(request: Request) -> datetime.date | None:
    """Return the day of `?as_of=`; raises ValidationError for what is no day, or not yet."""
    try:
        return filters.as_of(request.query_params.get("as_of"))
    except DjangoValidationError as error:
        raise ValidationError({"as_of": error.messages}) from error


class OfTheNegotiation:
    """Endpoints whose rows belong to one negotiation: that of the address."""

    request: Any

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the negotiation."""
        rows: QuerySet[Any] = super().get_queryset()  # type: ignore[misc]
        return rows.filter(negotiation=negotiation_of(self.request))


class SectionViewSet(OfTheNegotiation, ReadOnlyModelViewSet[Section]):
    """Sections A to F and the annex."""

    queryset = Section.objects.prefetch_related("issues", "sub_issues")
    serializer_class = serializers.SectionSerializer
    filterset_class = filters.SectionFilter
    lookup_field = "code"
    lookup_value_regex = CODE


class IssueViewSet(OfTheNegotiation, ReadOnlyModelViewSet[Issue]):
    """The issues of the negotiation. What is stated and measured of them is in `status/`."""

    queryset = Issue.objects.select_related("section").prefetch_related("sub_issues", "small_groups")
    serializer_class = serializers.IssueSerializer
    filterset_class = filters.IssueFilter
    lookup_field = "code"
    lookup_value_regex = CODE


class SubIssueViewSet(OfTheNegotiation, ReadOnlyModelViewSet[SubIssue]):
    """The sub-issues; the letters of their codes are the tracker's own."""

    queryset = SubIssue.objects.select_related("section", "issue__section").prefetch_related("small_groups", "lenses")
    serializer_class = serializers.SubIssueSerializer
    filterset_class = filters.SubIssueFilter
    lookup_field = "code"
    lookup_value_regex = CODE


class SmallGroupViewSet(OfTheNegotiation, ReadOnlyModelViewSet[SmallGroup]):
    """The small groups; the detail has what is stated and measured, as of a day where `as_of` gives one."""

    queryset = SmallGroup.objects.prefetch_related("sub_issues", "issues", "facilitators", "status_reports")
    serializer_class = serializers.SmallGroupSerializer
    filterset_class = filters.SmallGroupFilter
    lookup_field = "slug"
    further_parameters = frozenset({"as_of"})

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one small group with its standing."""
        group, day, reader = self.get_object(), asked_day(request), reader_of(request.user)
        standing = convergence.group_standing(reader, group, day)
        slugs = dict(visible_provisions(reader).values_list("pk", "slug"))
        return Response({**self.get_serializer(group).data, **serializers.group_row(standing, slugs, request)})


class MemberViewSet(ReadOnlyModelViewSet[Member]):
    """All members of the WTO; those that take part with `?participant=true`."""

    queryset = Member.objects.prefetch_related("participations")
    filterset_class = filters.MemberFilter
    lookup_field = "code"
    lookup_value_regex = CODE

    def get_serializer_class(self) -> type[serializers.MemberSerializer]:
        """Return the longer form for one member."""
        return serializers.MemberDetailSerializer if self.action == "retrieve" else serializers.MemberSerializer

    def get_queryset(self) -> QuerySet[Member]:
        """Return the members with what the form needs."""
        members: QuerySet[Member] = super().get_queryset()
        if self.action != "retrieve":
            return members
        return members.prefetch_related(
            "groupings",
            "reported_positions__issue",
            "reported_positions__sub_issues",
            Prefetch(
                "proposals",
                visible_proposals(reader_of(self.request.user)).prefetch_related("proponents", "sub_issues"),
            ),
        )


class ProvisionViewSet(ReadOnlyModelViewSet[Provision]):
    """Provisions with their figures; the detail has the text. `as_of` gives both as of a day."""

    filterset_class = filters.ProvisionFilter
    lookup_field = "slug"
    queryset = Provision.objects.none()

    def get_serializer_class(self) -> type[serializers.ProvisionSerializer]:
        """Return the form with the text for one provision."""
        return serializers.ProvisionDetailSerializer if self.action == "retrieve" else serializers.ProvisionSerializer

    def get_queryset(self) -> QuerySet[Provision]:
        """Return what the reader may see and what had a text on the day."""
        day, reader = asked_day(self.request), reader_of(self.request.user)
        revisions = current_revisions(reader, day)
        return (
            visible_provisions(reader)
            .filter(negotiation=negotiation_of(self.request), pk__in=revisions.values("provision"))
            .with_place()
            .prefetch_related("lenses", Prefetch("revisions", revisions.select_related("measure"), to_attr="shown"))
        )


class VariantViewSet(ReadOnlyModelViewSet[Variant]):
    """Brackets, alternatives and options with who stands at them: open ones unless `state` says otherwise.

    `proponent` and `opponent` take codes or names and may stand several times: any of them.
    """

    serializer_class = serializers.VariantSerializer
    filterset_class = filters.VariantFilter
    queryset = Variant.objects.none()

    def get_queryset(self) -> QuerySet[Variant]:
        """Return what the reader may see; of closed variants, the positions that were held when they closed."""
        day, reader = asked_day(self.request), reader_of(self.request.user)
        held = Position.objects.held_at_the_end(day)
        place = [f"provision__{name}" for name in ("section", "issue__section", "sub_issue__section")]
        return (
            visible_variants(reader)
            .filter(provision__negotiation=negotiation_of(self.request))
            .select_related("opened_in", "closed_in", *place, "provision__sub_issue__issue__section")
            .prefetch_related(
                Prefetch("positions", held.select_related("member", "grouping"), to_attr="shown"),
                Prefetch("opened_in__proposal", visible_proposals(reader)),
            )
            .order_by("provision__position", "ordinal", "pk")
        )


class ProposalViewSet(ReadOnlyModelViewSet[Proposal]):
    """What members put on the table, newest first; the detail has the text and the steps.

    `proponent` takes codes or names of members and groupings, and may stand several times: any of them.
    """

    filterset_class = filters.ProposalFilter
    lookup_field = "slug"
    queryset = Proposal.objects.none()

    def get_serializer_class(self) -> type[serializers.ProposalRowSerializer]:
        """Return the form with text and steps for one proposal."""
        if self.action == "retrieve":
            return serializers.ProposalDetailSerializer
        return serializers.ProposalRowSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        """Return the context with the provisions that may be named in the steps."""
        context = dict(super().get_serializer_context())
        if self.action == "retrieve":
            merged = visible_provisions(reader_of(self.request.user)).filter(
                revisions__proposal__slug=self.kwargs["slug"]
            )
            context["seen"] = set(merged.values_list("pk", flat=True))
        return context

    def get_queryset(self) -> QuerySet[Proposal]:
        """Return what the reader may see, with what the form needs; of related proposals, those too."""
        reader = reader_of(self.request.user)
        visible = visible_proposals(reader).filter(negotiation=negotiation_of(self.request))
        found = (
            visible.select_related("document")
            .prefetch_related("proponents", "grouping_proponents", "sub_issues", "issues")
            .prefetch_related(Prefetch("supersedes", visible))
            .order_by(F("tabled").desc(nulls_last=True), "slug")
        )
        if self.action != "retrieve":
            return found
        one = visible.filter(slug=self.kwargs["slug"]).first()
        steps = visible_steps(reader).filter(proposal=one) if one else ProposalStep.objects.none()
        steps = steps.select_related("member", "on_behalf_of", "revision__provision").order_by("number")
        return found.prefetch_related(
            Prefetch("superseded_by", visible.order_by("slug")), Prefetch("steps", steps, to_attr="shown")
        )


class StatusView(APIView):
    """The front door: what is stated and measured of every small group and issue, in one document.

    Stated and measured are two things; nothing here says that a text is agreed. `as_of` gives any day.
    """

    def get(self, request: Request) -> Response:
        """Return the document."""
        refuse_unknown_parameters(request, frozenset({"as_of"}))
        day, reader, negotiation = asked_day(request), reader_of(request.user), negotiation_of(request)
        overview = convergence.overview(reader, negotiation, day)
        slugs = dict(visible_provisions(reader).filter(negotiation=negotiation).values_list("pk", "slug"))
        return Response(
            {
                "negotiation": negotiation.slug,
                "name": negotiation.name,
                "as_of": day,
                "facts_collected_up_to": negotiation.stands_on,
                "last_change": serializers.last_change(overview.measured, slugs),
                "measured": serializers.measured(overview.measured),
                "small_groups": [serializers.group_row(one, slugs, request) for one in overview.groups],
                "issues": [serializers.issue_row(one, slugs, request) for one in overview.issues],
            }
        )


class ActivityView(APIView):
    """Who did what, newest first, as far as the reader may know. Persons are named to participants only.

    `kind`, `member`, `small_group`, `provision`, `person`, `since` and `until` narrow it down, as on the page.
    """

    pagination_class = Pages

    def get(self, request: Request) -> Response:
        """Return a page of entries."""
        reader, negotiation = reader_of(request.user), negotiation_of(request)
        form = ActivityForm(request.query_params, reader=reader, negotiation=negotiation)
        refuse_unknown_parameters(request, frozenset(form.fields))
        if not form.is_valid():
            raise ValidationError({name: list(map(str, said)) for name, said in form.errors.items()})
        pages = Pages()
        rows = pages.paginate_queryset(activity.rows(reader, negotiation, form.wanted()), request, view=self) or []
        return pages.get_paginated_response(
            [
                {
                    "at": entry.at,
                    "kind": entry.kind,
                    "person": entry.person or None,
                    "on_behalf_of": entry.member.code if entry.member else None,
                    "what": f"{entry.what} {entry.subject}",
                    "says": entry.says,
                    "url": request.build_absolute_uri(entry.address),
                }
                for entry in activity.entries(reader, negotiation, rows)
            ]
        )
