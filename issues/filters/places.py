"""Filters by place: sections, issues, sub-issues, small groups and provisions."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.filters.fields import CodeFilter
from issues.filters.names import LineFilter
from issues.models import Issue, Negotiation, Provision, Section, SmallGroup, SubIssue
from issues.models.outline import hanging_at
from issues.models.text import ProvisionQuerySet
from members.text_inputs import QueryInput

UNKNOWN_ENTRY = _("This entry does not exist in this negotiation.")


def visible_to_request(request: Any) -> ProvisionQuerySet:
    return visible_provisions(reader_of(request.user)).filter(negotiation=negotiation_of(request)).with_place()


class EntryFilter(CodeFilter):
    """A filter by an entry in the table of issues or by a small group, given by code or slug.

    Unknown entries are refused.
    """

    def __init__(self, model: type[Model], key: str = "code", **kwargs: Any) -> None:
        # Codes are unique only within a negotiation, so the entries are those of the URL's negotiation.
        def entries(request: Any) -> QuerySet[Any]:
            return model._default_manager.filter(negotiation=negotiation_of(request))

        super().__init__(queryset=entries, to_field_name=key, **kwargs)  # type: ignore[arg-type]  # called with the request
        self.extra["error_messages"] = {"invalid_choice": UNKNOWN_ENTRY}


class AnyPlaceField(QueryInput):
    """A section, issue or sub-issue of `negotiation`, given by its code. Case is ignored."""

    negotiation: Negotiation | None = None

    def clean(self, value: Any) -> Section | Issue | SubIssue | None:
        """Return the entry, or None for an empty value. Raise ValidationError for an unknown code."""
        code = super().clean(value)
        if not code:
            return None
        for model in (Section, Issue, SubIssue):
            rows: QuerySet[Any] = model._default_manager.filter(negotiation=self.negotiation, code__iexact=code)
            entry: Section | Issue | SubIssue | None = rows.first()
            if entry is not None:
                return entry
        raise ValidationError(UNKNOWN_ENTRY)


class AnyPlaceFilter(django_filters.CharFilter):
    """A filter by an entry of any level in the table of issues of the URL's negotiation."""

    field_class = AnyPlaceField
    parent: django_filters.FilterSet

    @property
    def field(self) -> Any:
        """The form field, which looks up codes in the negotiation of the request."""
        field: Any = super().field
        field.negotiation = negotiation_of(self.parent.request)
        return field


def provisions_of(entry: Section | Issue | SubIssue | SmallGroup) -> ProvisionQuerySet:
    """Return the provisions under an entry in the table of issues, or the provisions of a small group."""
    provisions = Provision.objects.all()
    if isinstance(entry, Section):
        return provisions.in_section(entry)
    if isinstance(entry, Issue):
        return provisions.in_issue(entry)
    if isinstance(entry, SmallGroup):
        return provisions.of_group(entry)
    return provisions.filter(sub_issue=entry)


class PlaceFilter(django_filters.FilterSet):
    """A FilterSet that filters by place in the table of issues."""

    section = EntryFilter(Section, method="under", label=_("Section"))
    issue = EntryFilter(Issue, method="under", label=_("Issue"))
    sub_issue = EntryFilter(SubIssue, method="under", label=_("Sub-issue"))
    small_group = EntryFilter(SmallGroup, key="slug", method="under", label=_("Small group"))

    def under(self, queryset: QuerySet[Any], name: str, entry: Any) -> QuerySet[Any]:
        """Return the rows under `entry`."""
        return queryset.filter(pk__in=provisions_of(entry).values("pk"))


class OneProvisionFilter(django_filters.FilterSet):
    """A FilterSet that filters by a provision visible to the reader."""

    provision = django_filters.ModelChoiceFilter(
        queryset=visible_to_request,  # type: ignore[arg-type]  # called with the request
        to_field_name="slug",
        method="only_provision",
        label=_("Provision"),
        error_messages={"invalid_choice": UNKNOWN_ENTRY},
    )

    def only_provision(self, queryset: QuerySet[Any], name: str, provision: Provision) -> QuerySet[Any]:
        """Return the queryset limited to one provision."""
        return queryset.filter(pk=provision.pk)


class IssueFilter(django_filters.FilterSet):
    """A FilterSet for issues, by section and small group."""

    section = EntryFilter(Section)
    small_group = EntryFilter(SmallGroup, key="slug", method="of_group")

    class Meta:
        model = Issue
        fields: list[str] = []

    def of_group(self, queryset: QuerySet[Issue], name: str, group: SmallGroup) -> QuerySet[Issue]:
        """Return the issues on which a small group works, either as a whole or in part."""
        return queryset.filter(Q(small_groups=group) | Q(sub_issues__small_groups=group)).distinct()


class SubIssueFilter(django_filters.FilterSet):
    """A FilterSet for sub-issues, by section, issue and small group."""

    section = EntryFilter(Section, method="in_section")
    issue = EntryFilter(Issue)
    small_group = EntryFilter(SmallGroup, key="slug", field_name="small_groups")

    class Meta:
        model = SubIssue
        fields: list[str] = []

    def in_section(self, queryset: QuerySet[SubIssue], name: str, section: Section) -> QuerySet[SubIssue]:
        """Return the sub-issues of a section, including those under one of its issues."""
        return queryset.filter(pk__in=SubIssue.objects.in_section(section).values("pk"))


class SmallGroupFilter(django_filters.FilterSet):
    """A FilterSet for small groups, by issue and sub-issue."""

    issue = EntryFilter(Issue, method="on_issue")
    sub_issue = EntryFilter(SubIssue, field_name="sub_issues")

    class Meta:
        model = SmallGroup
        fields: list[str] = []

    def on_issue(self, queryset: QuerySet[SmallGroup], name: str, issue: Issue) -> QuerySet[SmallGroup]:
        """Return the small groups that work on an issue as a whole or on parts of it."""
        return queryset.filter(hanging_at([], [issue], "sub_issues", "issues")).distinct()


class SectionFilter(django_filters.FilterSet):
    """A FilterSet for sections, by kind."""

    kind = LineFilter()

    class Meta:
        model = Section
        fields: list[str] = []
