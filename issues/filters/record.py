"""Filters for proposals, documents and members."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from issues.access.visibility import negotiation_of, participations
from issues.filters.days import AsOfFilter
from issues.filters.names import UNKNOWN_PARTICIPANT, LineFilter, NamesFilter, holder_keys, participants_of_request
from issues.filters.places import EntryFilter
from issues.models import Document, Proposal, SubIssue
from issues.models.choices import Genre, ProposalState
from members.choices import DevelopmentStatus, Region
from members.models import Alias, Grouping, Member, fold, in_force


class ProposalFilter(django_filters.FilterSet):
    """A FilterSet for proposals, by proponent, state and sub-issue."""

    proponent = NamesFilter(method="proposed_by", label=_("Proposed by any of these members or groupings"))
    state = django_filters.ChoiceFilter(choices=ProposalState.choices, method="in_state")
    sub_issue = EntryFilter(SubIssue, method="under")

    class Meta:
        model = Proposal
        fields: list[str] = []

    def in_state(self, queryset: QuerySet[Proposal], name: str, state: str) -> QuerySet[Proposal]:
        """Return the proposals in this state. If the queryset is as of a past date, the state on that date counts."""
        return queryset.filter(**{"state_then" if "state_then" in queryset.query.annotations else "state": state})

    def proposed_by(self, queryset: QuerySet[Proposal], name: str, names: list[str]) -> QuerySet[Proposal]:
        """Return the proposals that any of `names` proposes. A subquery prevents duplicates."""
        members, groupings = holder_keys(names)
        proposals = Proposal.objects.filter(Q(proponents__in=members) | Q(grouping_proponents__in=groupings))
        return queryset.filter(pk__in=proposals.values("pk"))

    def under(self, queryset: QuerySet[Proposal], name: str, sub_issue: SubIssue) -> QuerySet[Proposal]:
        """Return the proposals on a sub-issue."""
        return queryset.filter(pk__in=sub_issue.proposals.values("pk"))


class DocumentFilter(AsOfFilter):
    """A FilterSet for documents, by genre, submitter, words in the title or symbol, and date."""

    q = LineFilter(method="with_words", label=_("Words in the title, or symbol"))
    genre = django_filters.ChoiceFilter(choices=Genre.choices, label=_("Document type"), empty_label=_("Any type"))
    member = django_filters.ModelChoiceFilter(
        field_name="submitted_by",
        queryset=participants_of_request,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        label=_("Submitted by"),
        error_messages={"invalid_choice": UNKNOWN_PARTICIPANT},
    )

    class Meta:
        model = Document
        fields: list[str] = []

    def with_words(self, queryset: QuerySet[Document], name: str, words: str) -> QuerySet[Document]:
        """Return the documents whose title or symbol contains each of the words."""
        for word in words.split():
            queryset = queryset.filter(Q(title__icontains=word) | Q(symbol__icontains=word))
        return queryset

    def filter_queryset(self, queryset: QuerySet[Document]) -> QuerySet[Document]:
        """Return the matching documents. If `as_of` is given, return only documents dated on or before that date."""
        day = self.form.cleaned_data.get("as_of")
        return super().filter_queryset(queryset.filter(dated__lte=day) if day else queryset)


class MemberFilter(django_filters.FilterSet):
    """A FilterSet for members, by participation, region, development status, grouping and name."""

    participant = django_filters.BooleanFilter(method="takes_part", label=_("Participates in the negotiation"))
    region = django_filters.ChoiceFilter(choices=Region.choices)
    development_status = django_filters.ChoiceFilter(choices=DevelopmentStatus.choices)
    grouping = django_filters.ModelChoiceFilter(
        queryset=Grouping.objects.all(),
        to_field_name="slug",
        method="in_grouping",
        label=_("Member of a grouping"),
    )
    search = LineFilter(method="matching_name", label=_("Part of a name or code"))

    class Meta:
        model = Member
        fields: list[str] = []

    def takes_part(self, queryset: QuerySet[Member], name: str, value: bool) -> QuerySet[Member]:
        """Return the members that participate or, if `value` is false, those that do not.

        Participation is determined for the date on which the facts were collected.
        """
        taking = participations(negotiation_of(self.request)).values("member")
        return queryset.filter(pk__in=taking) if value else queryset.exclude(pk__in=taking)

    def in_grouping(self, queryset: QuerySet[Member], name: str, value: Grouping) -> QuerySet[Member]:
        """Return the current members of a grouping."""
        return queryset.filter(pk__in=value.memberships.filter(in_force(timezone.localdate())).values("member"))

    def matching_name(self, queryset: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        """Return the members whose name, code or alias contains `value`. Case and accents are ignored."""
        return queryset.filter(pk__in=Alias.objects.filter(folded__contains=fold(value)).values("member"))
