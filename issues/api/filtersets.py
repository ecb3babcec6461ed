"""Filters for lists that exist only in the API. Filters shared with the pages are in `issues.filters`."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.actions.request_rights import in_state
from issues.filters.days import AsOfFilter
from issues.filters.fields import FlagFilter, SlugChoiceFilter
from issues.filters.names import LineFilter, NamesFilter, holder_condition
from issues.filters.places import UNKNOWN_ENTRY, EntryFilter, PlaceFilter, provisions_of
from issues.filters.variants import State
from issues.models import (
    ChangeRequest,
    Expectation,
    Issue,
    Lens,
    Position,
    Revision,
    SmallGroup,
    StatusReport,
    Timeline,
)
from issues.models.choices import RequestState, Stance, Status, slug_of
from issues.models.index import PositionQuerySet
from issues.models.known import on_record
from issues.models.text import RevisionQuerySet
from issues.models.timelines import ExpectationQuerySet
from members.models import Grouping, GroupingMembership, in_force


def _visible_provisions(request: Any) -> Any:
    return visible_provisions(reader_of(request.user)).filter(negotiation=negotiation_of(request))


def provision_filter(**more: Any) -> django_filters.ModelChoiceFilter:
    """Return a filter by provision. Provisions that the reader may not see are reported as unknown."""
    return django_filters.ModelChoiceFilter(
        queryset=_visible_provisions,  # type: ignore[arg-type]  # django-filter calls it with the request
        to_field_name="slug",
        error_messages={"invalid_choice": UNKNOWN_ENTRY},
        **more,
    )


class LensFilter(django_filters.FilterSet):
    """A FilterSet without filters, for the list of lenses."""

    class Meta:
        model = Lens
        fields: list[str] = []


class TimelineFilter(django_filters.FilterSet):
    """A FilterSet for timelines, by issue."""

    issue = EntryFilter(Issue, field_name="issues", label="Issue whose documents and meetings belong to the timeline")

    class Meta:
        model = Timeline
        fields: list[str] = []


class ExpectationFilter(AsOfFilter):
    """A FilterSet for expectations, by small group and date."""

    small_group = EntryFilter(SmallGroup, key="slug", field_name="small_groups")

    class Meta:
        model = Expectation
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Expectation]) -> QuerySet[Expectation]:
        """Return the matching expectations. With `as_of`, return only those stated on or before that date."""
        assert isinstance(queryset, ExpectationQuerySet)
        return super().filter_queryset(queryset.stated_by_day(self.form.cleaned_data.get("as_of")))


class GroupingFilter(django_filters.FilterSet):
    """A FilterSet for groupings, by kind, by member on the day shown, and by whether bracket heads may name them."""

    speaks = FlagFilter()
    kind = LineFilter(method="of_kind", label="Kind of grouping, as in `kind_slug`")
    member = LineFilter(method="with_member", label="Code of a current member of the grouping")

    class Meta:
        model = Grouping
        fields: list[str] = []

    def of_kind(self, queryset: QuerySet[Grouping], name: str, kind: str) -> QuerySet[Grouping]:
        """Return the groupings of a kind, which is given by its slug or its name."""
        kinds = queryset.order_by().values_list("kind", flat=True).distinct()
        return queryset.filter(kind__in=[stored for stored in kinds if kind in (stored, slug_of(stored))])

    def with_member(self, queryset: QuerySet[Grouping], name: str, code: str) -> QuerySet[Grouping]:
        """Return the groupings to which the member currently belongs."""
        memberships = GroupingMembership.objects.filter(
            in_force(negotiation_of(self.request).day(None)), member__code=code
        )
        return queryset.filter(pk__in=memberships.values("grouping"))


class StatusReportFilter(AsOfFilter):
    """A FilterSet for status reports, by small group, status and date."""

    small_group = EntryFilter(SmallGroup, key="slug")
    status = SlugChoiceFilter(choices=Status.choices)
    in_effect = FlagFilter(
        field_name="corrected_by", lookup_expr="isnull", label="Whether the report has not been corrected"
    )

    class Meta:
        model = StatusReport
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[StatusReport]) -> QuerySet[StatusReport]:
        """Return the matching reports. With `as_of`, return only those stated on or before that date."""
        day = self.form.cleaned_data.get("as_of")
        return super().filter_queryset(queryset.filter(on_record(day), stated_on__lte=day) if day else queryset)


class RequestFilter(django_filters.FilterSet):
    """A FilterSet for requests, by state and provision."""

    state = SlugChoiceFilter(choices=RequestState.choices, method="by_state", label="State")
    provision = provision_filter()

    class Meta:
        model = ChangeRequest
        fields: list[str] = []

    def by_state(self, queryset: Any, name: str, value: str) -> Any:
        """Return the requests whose current state is `value`."""
        return in_state(queryset, value)


class RevisionFilter(AsOfFilter):
    """A FilterSet for the revisions of a provision, by date."""

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
        """Return the revisions in the requested order."""
        return queryset.order_by("number" if order == "oldest" else "-number")

    def filter_queryset(self, queryset: QuerySet[Revision]) -> QuerySet[Revision]:
        """Return the matching revisions. With `as_of`, return only those made on or before that date."""
        assert isinstance(queryset, RevisionQuerySet)
        return super().filter_queryset(queryset.made_by(self.form.cleaned_data.get("as_of")))


class PositionFilter(PlaceFilter, AsOfFilter):
    """A FilterSet for positions, by member, stance, provision and variant.

    By default, it selects the positions held now or on the given date.
    """

    state = django_filters.ChoiceFilter(
        choices=State.choices,
        method="unchanged",
        label="`open`: positions held. `closed`: positions withdrawn or ended with the variant. Default: `open`.",
    )
    member = NamesFilter(method="held_by", label="Held by any of these members or groupings")
    holder = NamesFilter(method="held_by", label="Deprecated: use `member`")
    stance = django_filters.ChoiceFilter(choices=Stance.choices)
    provision = provision_filter(field_name="variant__provision")
    variant = django_filters.NumberFilter(min_value=1, max_value=2**62, decimal_places=0, label="ID of a variant")
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
        """Return the positions in the provisions under `entry`."""
        return queryset.filter(variant__provision__in=provisions_of(entry))

    def unchanged(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset` unchanged, because `filter_queryset` applies this filter."""
        return queryset

    def held_by(self, queryset: QuerySet[Any], name: str, names: list[str]) -> QuerySet[Any]:
        """Return the positions held by any of `names`."""
        return queryset.filter(holder_condition(names)) if names else queryset

    def in_order(self, queryset: QuerySet[Any], name: str, order: str) -> QuerySet[Any]:
        """Return the positions in the requested order."""
        return queryset.order_by(*self.ORDERS[order])

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the matching positions.

        The filter `state` selects the positions that were held at the end of the given date, those that had ended, or
        both.
        """
        day, state = self.form.cleaned_data.get("as_of"), self.form.cleaned_data.get("state") or State.OPEN
        assert isinstance(queryset, PositionQuerySet)
        positions = queryset.held_on(day) if state == State.OPEN else queryset.taken_by(day)
        if state == State.CLOSED:
            positions = queryset.taken_by(day).ended_by(day)
        return super().filter_queryset(positions)
