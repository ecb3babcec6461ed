"""Filters for members, by participation, joining, region, development status, grouping and name."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from issues.access.visibility import negotiation_of, participations
from issues.filters.days import AsOfFilter, DayFilter
from issues.filters.fields import CodeFilter, FlagFilter
from issues.filters.names import LineFilter
from issues.models.negotiation import Participation, ParticipationQuerySet, happened_by
from members.choices import DevelopmentStatus, Region
from members.models import Alias, Grouping, Member, fold, in_force


class MemberFilter(AsOfFilter):
    """A FilterSet for members. Participation is determined for `as_of`, by default for the date of the facts."""

    participant = FlagFilter(method="unchanged", label=_("Participates in the negotiation"))
    co_convener = FlagFilter(method="unchanged", label=_("Co-convenes the negotiation"))
    joined_since = DayFilter(label=_("Joined on this date or later"))
    joined_until = DayFilter(label=_("Joined on this date or earlier"))
    joined_from = DayFilter(label=_("Deprecated: use `joined_since`"))
    joined_to = DayFilter(label=_("Deprecated: use `joined_until`"))
    region = django_filters.ChoiceFilter(choices=Region.choices)
    development_status = django_filters.ChoiceFilter(choices=DevelopmentStatus.choices)
    grouping = CodeFilter(
        queryset=Grouping.objects.all(),
        to_field_name="slug",
        method="in_grouping",
        label=_("Member of a grouping"),
    )
    q = LineFilter(method="matching_name", label=_("Part of a name or code"))
    search = LineFilter(method="matching_name", label=_("Deprecated: use `q`"))

    class Meta:
        model = Member
        fields: list[str] = []

    def unchanged(self, queryset: QuerySet[Member], name: str, value: Any) -> QuerySet[Member]:
        """Return `queryset` unchanged, because `filter_queryset` applies this filter."""
        return queryset

    def in_grouping(self, queryset: QuerySet[Member], name: str, value: Grouping) -> QuerySet[Member]:
        """Return the members of a grouping on the selected date."""
        return queryset.filter(pk__in=value.memberships.filter(in_force(self.day)).values("member"))

    def matching_name(self, queryset: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        """Return the members whose name, code or alias contains `value`. Case and accents are ignored."""
        return queryset.filter(pk__in=Alias.objects.filter(folded__contains=fold(value)).values("member"))

    def filter_queryset(self, queryset: QuerySet[Member]) -> QuerySet[Member]:
        """Return the matching members."""
        query = self.form.cleaned_data
        members, negotiation = super().filter_queryset(queryset), negotiation_of(self.request)
        on_the_day = participations(negotiation, query.get("as_of"))
        if query.get("participant") is False:
            members = members.exclude(pk__in=on_the_day.values("member"))
        if query.get("co_convener") is False:
            members = members.exclude(pk__in=on_the_day.filter(co_convener=True).values("member"))
        joined = self._joined(Participation.objects.filter(negotiation=negotiation))
        if query.get("participant") or query.get("co_convener"):
            joined = self._joined(on_the_day)
        if query.get("co_convener"):
            joined = joined.filter(co_convener=True)
        selecting = any((query.get("participant"), query.get("co_convener"), *self._period))
        return members.filter(pk__in=joined.values("member")) if selecting else members

    @property
    def _period(self) -> tuple[Any, Any]:
        """The first and last date of joining, under their present or former names."""
        query = self.form.cleaned_data
        return query.get("joined_since") or query.get("joined_from"), query.get("joined_until") or query.get(
            "joined_to"
        )

    def _joined(self, rows: ParticipationQuerySet) -> ParticipationQuerySet:
        """Return the participations that certainly began in the selected period.

        A member that joined in an unknown month of 2020 is in the period only if all of 2020 is.
        """
        (first, last), day = self._period, self.form.cleaned_data.get("as_of")
        rows = rows.filter(joined__gte=first) if first else rows
        rows = rows.filter(happened_by("joined", last)) if last else rows
        return rows.filter(happened_by("joined", day)) if day else rows
