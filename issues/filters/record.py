"""Filters for proposals, documents and meetings."""

import datetime

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from issues.access.visibility import negotiation_of
from issues.filters.days import AsOfFilter
from issues.filters.fields import FlagFilter
from issues.filters.names import LineFilter, NamesFilter, holder_keys
from issues.filters.subjects import (
    Place,
    SubjectFilter,
    TimelineSubjectFilter,
    at_place,
    documents_at,
    documents_under,
    meetings_under,
    since_condition,
)
from issues.models import Document, Lens, Meeting, Proposal
from issues.models.choices import Genre, MeetingKind, ProposalState
from issues.models.proposals import ProposalQuerySet
from issues.models.record import DocumentQuerySet, MeetingQuerySet


class ProposalFilter(SubjectFilter, AsOfFilter):
    """A FilterSet for proposals, by proponent, state and subject."""

    DATE, WORDS, MEMBERS = "tabled", ("title", "summary", "document__symbol"), ("proponents",)

    proponent = NamesFilter(method="proposed_by", label=_("Proposed by any of these members or groupings"))
    state = django_filters.ChoiceFilter(
        choices=ProposalState.choices, method="in_state", label=_("State"), empty_label=_("Any state")
    )

    class Meta:
        model = Proposal
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Proposal]) -> QuerySet[Proposal]:
        """Return the matching proposals that are known on the selected date, with their states on that date."""
        assert isinstance(queryset, ProposalQuerySet)
        known = queryset.known_on(negotiation_of(self.request), self.form.cleaned_data.get("as_of"))
        return super().filter_queryset(known)

    def in_state(self, queryset: QuerySet[Proposal], name: str, state: str) -> QuerySet[Proposal]:
        """Return the proposals in this state. If the queryset is as of a past date, the state on that date counts."""
        return queryset.filter(**{"state_then" if "state_then" in queryset.query.annotations else "state": state})

    def proposed_by(self, queryset: QuerySet[Proposal], name: str, names: list[str]) -> QuerySet[Proposal]:
        """Return the proposals that any of `names` proposes. A subquery prevents duplicates."""
        members, groupings = holder_keys(names)
        proposals = Proposal.objects.filter(Q(proponents__in=members) | Q(grouping_proponents__in=groupings))
        return queryset.filter(pk__in=proposals.values("pk"))

    def at(self, queryset: QuerySet[Proposal], name: str, entry: Place) -> QuerySet[Proposal]:
        """Return the proposals on `entry`."""
        return queryset.filter(pk__in=Proposal.objects.filter(at_place(entry)).values("pk"))


class DocumentFilter(TimelineSubjectFilter, AsOfFilter):
    """A FilterSet for documents, by kind, subject and date."""

    DATE, WORDS, MEMBERS = "dated", ("title", "symbol"), ("submitted_by", "members")

    q = LineFilter(method="with_words", label=_("Words in the title, or symbol"))
    kind = django_filters.ChoiceFilter(
        field_name="genre", choices=Genre.choices, label=_("Document type"), empty_label=_("Any type")
    )
    # The former name of `kind`.
    genre = django_filters.ChoiceFilter(choices=Genre.choices, label=_("Document type"), empty_label=_("Any type"))

    class Meta:
        model = Document
        fields: list[str] = []

    def at(self, queryset: QuerySet[Document], name: str, entry: Place) -> QuerySet[Document]:
        """Return the documents that concern `entry`, directly or through a visible proposal or a meeting."""
        return queryset.filter(pk__in=documents_at(entry, self.reader).values("pk"))

    def under_lens(self, queryset: QuerySet[Document], name: str, lens: Lens) -> QuerySet[Document]:
        """Return the documents under `lens`, directly or through a visible proposal."""
        return queryset.filter(pk__in=documents_under(lens, self.reader).values("pk"))

    def filter_queryset(self, queryset: QuerySet[Document]) -> QuerySet[Document]:
        """Return the matching documents that are known on the selected date."""
        assert isinstance(queryset, DocumentQuerySet)
        known = queryset.known_on(negotiation_of(self.request), self.form.cleaned_data.get("as_of"))
        return super().filter_queryset(known)


class MeetingFilter(TimelineSubjectFilter, AsOfFilter):
    """A FilterSet for meetings, by kind, subject and date, and by whether they are only planned."""

    DATE, WORDS, MEMBERS = "starts", ("title", "outcome", "note"), ("members", "documents__submitted_by")

    kind = django_filters.ChoiceFilter(choices=MeetingKind.choices, label=_("Kind"), empty_label=_("Any kind"))
    planned = FlagFilter(field_name="planned_only", label=_("Known only from an announcement"))

    class Meta:
        model = Meeting
        fields: list[str] = []

    def under_lens(self, queryset: QuerySet[Meeting], name: str, lens: Lens) -> QuerySet[Meeting]:
        """Return the meetings under `lens`, directly or through a document."""
        return queryset.filter(pk__in=meetings_under(lens).values("pk"))

    def from_day(self, queryset: QuerySet[Meeting], name: str, day: datetime.date) -> QuerySet[Meeting]:
        """Return the meetings that possibly last until `day` or begin later."""
        return queryset.filter(since_condition("starts", day) | Q(ends__gte=day))

    def filter_queryset(self, queryset: QuerySet[Meeting]) -> QuerySet[Meeting]:
        """Return the matching meetings that are known on the selected date."""
        assert isinstance(queryset, MeetingQuerySet)
        known = queryset.known_on(negotiation_of(self.request), self.form.cleaned_data.get("as_of"))
        return super().filter_queryset(known)
