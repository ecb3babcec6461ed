"""Filters by what a document, meeting or proposal concerns: place, member, lens, words and period.

All lists of the record use the same names for these parameters, on pages and in the API.
"""

import datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from issues.access.roles import Reader, reader_of
from issues.access.visibility import visible_proposals
from issues.filters.days import INVALID_DAY
from issues.filters.fields import CodeFilter
from issues.filters.names import LineFilter
from issues.filters.places import EntryFilter
from issues.models import Document, Issue, Lens, Meeting, Proposal, Section, SmallGroup, SubIssue, Timeline
from issues.models.outline import hanging_at
from issues.models.record import DocumentQuerySet, MeetingQuerySet
from members.choices import Precision
from members.models import Member

Place = Section | Issue | SubIssue | SmallGroup
UNKNOWN_MEMBER = _("No member has this code.")


def at_place(entry: Place) -> Q:
    """Return the condition that selects rows tied to `entry` by their relations `sub_issues` and `issues`."""
    if isinstance(entry, Section):
        return hanging_at(SubIssue.objects.in_section(entry), entry.issues.all(), "sub_issues", "issues")
    if isinstance(entry, Issue):
        return hanging_at([], [entry], "sub_issues", "issues")
    if isinstance(entry, SmallGroup):
        return hanging_at(entry.sub_issues.all(), entry.issues.all(), "sub_issues", "issues")
    return Q(sub_issues=entry)


def meetings_at(entry: Place) -> MeetingQuerySet:
    """Return the meetings that concern `entry`."""
    return Meeting.objects.filter(pk__in=_tied(Meeting, entry))


def documents_at(entry: Place, reader: Reader) -> DocumentQuerySet:
    """Return the documents that concern `entry`, directly or through a meeting or a proposal visible to `reader`."""
    proposals = visible_proposals(reader).filter(pk__in=Proposal.objects.filter(at_place(entry)).values("pk"))
    of_meetings = Meeting.documents.through.objects.filter(meeting__in=_tied(Meeting, entry)).values("document")
    return Document.objects.filter(
        Q(pk__in=_tied(Document, entry)) | Q(pk__in=proposals.values("document")) | Q(pk__in=of_meetings)
    )


def documents_under(lens: Lens, reader: Reader) -> DocumentQuerySet:
    """Return the documents under `lens`, directly or through a proposal visible to `reader`."""
    proposals, marked = visible_proposals(reader).filter(lenses=lens), Document.objects.filter(lenses=lens)
    return Document.objects.filter(Q(pk__in=marked.values("pk")) | Q(pk__in=proposals.values("document")))


def meetings_under(lens: Lens) -> MeetingQuerySet:
    """Return the meetings under `lens`, directly or through a document."""
    marked = Meeting.objects.filter(Q(lenses=lens) | Q(documents__lenses=lens))
    return Meeting.objects.filter(pk__in=marked.values("pk"))


def _tied(model: type[Model], entry: Place) -> "QuerySet[Any]":
    # A subquery is used instead of joins, so that a row with several subjects is returned only once.
    condition = at_place(entry) | Q(small_groups=entry) if isinstance(entry, SmallGroup) else at_place(entry)
    return model._default_manager.filter(condition).values("pk")


def since_condition(field: str, day: datetime.date) -> Q:
    """Return the condition that selects rows whose partial date in `field` is possibly on or after `day`."""
    first_days = {Precision.DAY: day, Precision.MONTH: day.replace(day=1), Precision.YEAR: day.replace(month=1, day=1)}
    condition = Q()
    for precision, first in first_days.items():
        condition |= Q(**{f"{field}_precision": precision, f"{field}__gte": first})
    return condition


class PeriodFilter(django_filters.DateFilter):
    """A filter by the first or last date of a period, which may lie in the future."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(input_formats=["%Y-%m-%d"], error_messages={"invalid": INVALID_DAY}, widget=widget, **kwargs)


class SubjectFilter(django_filters.FilterSet):
    """A FilterSet by words, place, member, lens and period.

    Subclasses state in `DATE` the field with the partial date of a row, in `WORDS` the fields that are searched, and in
    `MEMBERS` the relations through which a member is concerned.
    """

    DATE: ClassVar[str]
    WORDS: ClassVar[tuple[str, ...]]
    MEMBERS: ClassVar[tuple[str, ...]]

    q = LineFilter(method="with_words", label=_("Words"))
    section = EntryFilter(Section, method="at", label=_("Section"), empty_label=_("Any section"))
    issue = EntryFilter(Issue, method="at", label=_("Issue"), empty_label=_("Any issue"))
    sub_issue = EntryFilter(SubIssue, method="at", label=_("Sub-issue"), empty_label=_("Any sub-issue"))
    small_group = EntryFilter(
        SmallGroup, key="slug", method="at", label=_("Small group"), empty_label=_("Any small group")
    )
    member = CodeFilter(
        queryset=Member.objects.order_by("name"),
        to_field_name="code",
        method="concerning",
        label=_("Member"),
        empty_label=_("Any member"),
        error_messages={"invalid_choice": UNKNOWN_MEMBER},
    )
    lens = django_filters.ModelChoiceFilter(
        queryset=Lens.objects.all(),
        to_field_name="slug",
        method="under_lens",
        label=_("Lens"),
        empty_label=_("Any lens"),
        error_messages={"invalid_choice": _("Unknown lens.")},
    )
    since = PeriodFilter(method="from_day", label=_("From"))
    until = PeriodFilter(method="to_day", label=_("To"))

    @property
    def reader(self) -> Reader:
        """The reader of the page or response."""
        request: Any = self.request
        return reader_of(request.user)

    def with_words(self, queryset: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Return the rows in which each of the words occurs in one of the searched fields."""
        for word in words.split():
            condition = Q()
            for field in self.WORDS:
                condition |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(condition)
        return queryset

    def at(self, queryset: QuerySet[Any], name: str, entry: Place) -> QuerySet[Any]:
        """Return the rows that concern `entry`."""
        return queryset.filter(pk__in=_tied(queryset.model, entry))

    def concerning(self, queryset: QuerySet[Any], name: str, member: Member) -> QuerySet[Any]:
        """Return the rows that concern `member`, whether or not it participates in the negotiation."""
        condition = Q()
        for relation in self.MEMBERS:
            condition |= Q(**{relation: member})
        return queryset.filter(pk__in=queryset.model._default_manager.filter(condition).values("pk"))

    def under_lens(self, queryset: QuerySet[Any], name: str, lens: Lens) -> QuerySet[Any]:
        """Return the rows under `lens`."""
        return queryset.filter(pk__in=queryset.model._default_manager.filter(lenses=lens).values("pk"))

    def from_day(self, queryset: QuerySet[Any], name: str, day: datetime.date) -> QuerySet[Any]:
        """Return the rows that are possibly dated on or after `day`."""
        return queryset.filter(since_condition(self.DATE, day))

    def to_day(self, queryset: QuerySet[Any], name: str, day: datetime.date) -> QuerySet[Any]:
        """Return the rows that are possibly dated on or before `day`."""
        return queryset.filter(**{f"{self.DATE}__lte": day})


class TimelineSubjectFilter(SubjectFilter):
    """A FilterSet that also filters by timeline, for documents and meetings."""

    timeline = EntryFilter(
        Timeline, key="slug", method="on_timeline", label=_("Timeline"), empty_label=_("Any timeline")
    )

    def on_timeline(self, queryset: QuerySet[Any], name: str, timeline: Timeline) -> QuerySet[Any]:
        """Return the rows that belong to `timeline`, directly or through one of its issues."""
        issues = hanging_at([], timeline.issues.all(), "sub_issues", "issues")
        rows = queryset.model._default_manager.filter(Q(timelines=timeline) | issues)
        return queryset.filter(pk__in=rows.values("pk"))
