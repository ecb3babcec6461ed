"""Filters of lists that only the API has; what pages have too is in `issues.filters`."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.actions.request_previews import in_state
from issues.filters.days import AsOfFilter
from issues.filters.names import AskedFilter, NamesFilter, holder_condition
from issues.filters.places import NO_SUCH_ENTRY, EntryFilter, PlaceFilter, provisions_of
from issues.filters.variants import State
from issues.models import ChangeRequest, Issue, Lens, Meeting, Position, Revision, SmallGroup, StatusReport, SubIssue
from issues.models.choices import MeetingKind, RequestState, Stance, Status
from issues.models.index import PositionQuerySet
from issues.models.known import on_record
from issues.models.outline import hanging_at
from issues.models.text import RevisionQuerySet
from members.models import Grouping, GroupingMembership, in_force


def _visible_provisions(request: Any) -> Any:
    return visible_provisions(reader_of(request.user)).filter(negotiation=negotiation_of(request))


def provision_filter(**more: Any) -> django_filters.ModelChoiceFilter:
    """Return a filter by a provision that the reader may see: an error for any other would tell that it exists."""
    return django_filters.ModelChoiceFilter(
        queryset=_visible_provisions,  # type: ignore[arg-type]  # django-filter calls it with the request
        to_field_name="slug",
        error_messages={"invalid_choice": NO_SUCH_ENTRY},
        **more,
    )


class LensFilter(django_filters.FilterSet):
    """Lenses are few."""

    class Meta:
        model = Lens
        fields: list[str] = []


class GroupingFilter(django_filters.FilterSet):
    """Groupings by whether they speak, and who belongs to them now."""

    speaks = django_filters.BooleanFilter()
    kind = AskedFilter()
    member = AskedFilter(method="with_member", label="Code of a member that belongs to it now")

    class Meta:
        model = Grouping
        fields: list[str] = []

    def with_member(self, queryset: QuerySet[Grouping], name: str, code: str) -> QuerySet[Grouping]:
        """Return the groupings to which the member belongs now."""
        memberships = GroupingMembership.objects.filter(in_force(timezone.localdate()), member__code=code)
        return queryset.filter(pk__in=memberships.values("grouping"))


class StatusReportFilter(AsOfFilter):
    """Statements by small group and status, as of a day."""

    small_group = EntryFilter(SmallGroup, key="slug")
    status = django_filters.ChoiceFilter(choices=Status.choices)
    in_effect = django_filters.BooleanFilter(
        field_name="corrected_by", lookup_expr="isnull", label="Whether no other statement corrects it"
    )

    class Meta:
        model = StatusReport
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[StatusReport]) -> QuerySet[StatusReport]:
        """Return the statements that match, and had been made by the end of the day."""
        day = self.form.cleaned_data.get("as_of")
        return super().filter_queryset(queryset.filter(on_record(day), stated_on__lte=day) if day else queryset)


class MeetingFilter(AsOfFilter):
    """Meetings by kind, small group and sub-issue, as of a day."""

    kind = django_filters.ChoiceFilter(choices=MeetingKind.choices)
    small_group = EntryFilter(SmallGroup, key="slug", field_name="small_groups")
    issue = EntryFilter(Issue, method="on_issue")
    sub_issue = EntryFilter(SubIssue, field_name="sub_issues")

    class Meta:
        model = Meeting
        fields: list[str] = []

    def on_issue(self, queryset: QuerySet[Meeting], name: str, issue: Issue) -> QuerySet[Meeting]:
        """Return the meetings on an issue, whole or in part."""
        return queryset.filter(hanging_at([], [issue], "sub_issues", "issues")).distinct()

    def filter_queryset(self, queryset: QuerySet[Meeting]) -> QuerySet[Meeting]:
        """Return the meetings that match, and had begun by the end of the day."""
        day = self.form.cleaned_data.get("as_of")
        return super().filter_queryset(queryset.filter(starts__lte=day) if day else queryset)


class RequestFilter(django_filters.FilterSet):
    """Requests by what became of them, and of which text."""

    state = django_filters.ChoiceFilter(choices=RequestState.choices, method="by_state", label="State")
    provision = provision_filter()

    class Meta:
        model = ChangeRequest
        fields: list[str] = []

    def by_state(self, queryset: Any, name: str, value: str) -> Any:
        """Return those in a state as of now."""
        return in_state(queryset, value)


class RevisionFilter(AsOfFilter):
    """Revisions of one provision, as of a day."""

    order = django_filters.ChoiceFilter(
        choices=[("oldest", "Oldest first"), ("newest", "Newest first")],
        method="in_order",
        label="Order",
        empty_label="Oldest first",
    )

    class Meta:
        model = Revision
        fields: list[str] = []

    def in_order(self, queryset: QuerySet[Revision], name: str, order: str) -> QuerySet[Revision]:
        """Return the revisions in the order asked for."""
        return queryset.order_by("number" if order == "oldest" else "-number")

    def filter_queryset(self, queryset: QuerySet[Revision]) -> QuerySet[Revision]:
        """Return the revisions that match, and had been made by the end of the day."""
        assert isinstance(queryset, RevisionQuerySet)
        return super().filter_queryset(queryset.made_by(self.form.cleaned_data.get("as_of")))


class PositionFilter(PlaceFilter, AsOfFilter):
    """Positions by who holds them, which, and at what; those held now, or on a day, unless asked."""

    state = django_filters.ChoiceFilter(
        choices=State.choices, method="as_they_are", label="open: held; closed: given up or ended with the variant; any"
    )
    holder = NamesFilter(method="held_by", label="Held by one of these members or groupings")
    stance = django_filters.ChoiceFilter(choices=Stance.choices)
    provision = provision_filter(field_name="variant__provision")
    variant = django_filters.NumberFilter(min_value=1, max_value=2**62, decimal_places=0, label="Number of a variant")
    order = django_filters.ChoiceFilter(
        choices=[("place", "By place in the text"), ("oldest", "Oldest first"), ("newest", "Newest first")],
        method="in_order",
        label="Order",
        empty_label="By place in the text",
    )
    ORDERS = {
        "place": ("variant__provision__position", "variant__ordinal", "pk"),
        "oldest": ("begun_on", "pk"),
        "newest": ("-begun_on", "-pk"),
    }

    class Meta:
        model = Position
        fields: list[str] = []

    def under(self, queryset: QuerySet[Any], name: str, entry: Any) -> QuerySet[Any]:
        """Return the positions in the provisions that hang under `entry`."""
        return queryset.filter(variant__provision__in=provisions_of(entry))

    def as_they_are(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset` as it is: the value is read below."""
        return queryset

    def held_by(self, queryset: QuerySet[Any], name: str, names: list[str]) -> QuerySet[Any]:
        """Return the positions of one of `names`."""
        return queryset.filter(holder_condition(names)) if names else queryset

    def in_order(self, queryset: QuerySet[Any], name: str, order: str) -> QuerySet[Any]:
        """Return the positions in the order asked for."""
        return queryset.order_by(*self.ORDERS[order])

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the positions that are held, were given up, or were ever taken, by the end of the day."""
        day, state = self.form.cleaned_data.get("as_of"), self.form.cleaned_data.get("state") or State.OPEN
        assert isinstance(queryset, PositionQuerySet)
        positions = queryset.held_on(day) if state == State.OPEN else queryset.taken_by(day)
        if state == State.CLOSED:
            positions = queryset.taken_by(day).ended_by(day)
        return super().filter_queryset(positions)
