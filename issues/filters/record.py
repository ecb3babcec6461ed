"""Filters of proposals, documents and members."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from issues.access.visibility import negotiation_of, participations
from issues.filters.days import AsOfFilter
from issues.filters.names import NO_PARTICIPANT, AskedFilter, NamesFilter, holders, participants_of_request
from issues.filters.places import EntryFilter
from issues.models import Document, Proposal, SubIssue
from issues.models.choices import Genre, ProposalState
from members.choices import DevelopmentStatus, Region
from members.models import Alias, Grouping, Member, fold, in_force


class ProposalFilter(django_filters.FilterSet):
    """Proposals by who proposes them, what became of them and where they belong."""

    proponent = NamesFilter(method="proposed_by", label=_("Proposed by any of these members or groupings"))
    state = django_filters.ChoiceFilter(choices=ProposalState.choices, method="in_state")
    sub_issue = EntryFilter(SubIssue, method="under")

    class Meta:
        model = Proposal
        fields: list[str] = []

    def in_state(self, queryset: QuerySet[Proposal], name: str, state: str) -> QuerySet[Proposal]:
        """Return the proposals in this state, on the day where `tabled_by` was asked for one."""
        return queryset.filter(**{"state_then" if "state_then" in queryset.query.annotations else "state": state})

    def proposed_by(self, queryset: QuerySet[Proposal], name: str, names: list[str]) -> QuerySet[Proposal]:
        """Return what one of `names` proposes; a sub-query, so that no proposal comes twice."""
        members, groupings = holders(names)
        proposals = Proposal.objects.filter(Q(proponents__in=members) | Q(grouping_proponents__in=groupings))
        return queryset.filter(pk__in=proposals.values("pk"))

    def under(self, queryset: QuerySet[Proposal], name: str, sub_issue: SubIssue) -> QuerySet[Proposal]:
        """Return the proposals on a sub-issue."""
        return queryset.filter(pk__in=sub_issue.proposals.values("pk"))


class DocumentFilter(AsOfFilter):
    """Documents by kind, submitter, words of title or symbol, and day."""

    q = AskedFilter(method="called", label=_("Words in the title, or symbol"))
    genre = django_filters.ChoiceFilter(choices=Genre.choices, label=_("Document type"), empty_label=_("Any type"))
    member = django_filters.ModelChoiceFilter(
        field_name="submitted_by",
        queryset=participants_of_request,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        label=_("Submitted by"),
        error_messages={"invalid_choice": NO_PARTICIPANT},
    )

    class Meta:
        model = Document
        fields: list[str] = []

    def called(self, queryset: QuerySet[Document], name: str, words: str) -> QuerySet[Document]:
        """Return the documents in whose title or symbol all words stand."""
        for word in words.split():
            queryset = queryset.filter(Q(title__icontains=word) | Q(symbol__icontains=word))
        return queryset

    def filter_queryset(self, queryset: QuerySet[Document]) -> QuerySet[Document]:
        """Return the documents that match, and had been made by the end of the day."""
        day = self.form.cleaned_data.get("as_of")
        return super().filter_queryset(queryset.filter(dated__lte=day) if day else queryset)


class MemberFilter(django_filters.FilterSet):
    """Members by participation, region, development status, grouping and name."""

    participant = django_filters.BooleanFilter(method="takes_part", label=_("Takes part in the negotiation"))
    region = django_filters.ChoiceFilter(choices=Region.choices)
    development_status = django_filters.ChoiceFilter(choices=DevelopmentStatus.choices)
    grouping = django_filters.ModelChoiceFilter(
        queryset=Grouping.objects.all(),
        to_field_name="slug",
        method="in_grouping",
        label=_("Member of a grouping"),
    )
    search = AskedFilter(method="named", label=_("Part of a name or code"))

    class Meta:
        model = Member
        fields: list[str] = []

    def takes_part(self, queryset: QuerySet[Member], name: str, value: bool) -> QuerySet[Member]:
        """Return who takes part, or who does not, on the day up to which the facts were collected."""
        taking = participations(negotiation_of(self.request)).values("member")
        return queryset.filter(pk__in=taking) if value else queryset.exclude(pk__in=taking)

    def in_grouping(self, queryset: QuerySet[Member], name: str, value: Grouping) -> QuerySet[Member]:
        """Return who belongs to a grouping now."""
        return queryset.filter(pk__in=value.memberships.filter(in_force(timezone.localdate())).values("member"))

    def named(self, queryset: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        """Return whose name, code or alias holds the words, whatever their case and accents."""
        return queryset.filter(pk__in=Alias.objects.filter(folded__contains=fold(value)).values("member"))
