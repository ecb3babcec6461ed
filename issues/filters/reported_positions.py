"""Filters for positions reported by sources, shared by the page, the file and the API."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from issues.access.visibility import negotiation_of
from issues.filters.days import AsOfFilter
from issues.filters.fields import CodeFilter, FlagFilter
from issues.filters.names import LineFilter, NamesField, NamesFilter, holder_condition
from issues.filters.places import AnyPlaceFilter, EntryFilter
from issues.models import Issue, ReportedPosition, Section, SmallGroup, SubIssue
from issues.models.choices import ReportedStance
from issues.models.reported_positions import ReportedPositionQuerySet
from members.models import Alias, Grouping, fold, in_force
from members.text_inputs import QueryInput


def _matching(names: Iterable[str], values: Iterable[str]) -> dict[str, str]:
    """Return those of `names` that are one of `values`, or its slug, with the value that each means."""
    by_name = {slugify(value): value for value in values} | {fold(value): value for value in values}
    folded = {name: fold(name) for name in names}
    return {name: by_name[key] for name, key in folded.items() if key in by_name}


def _described_holders() -> list[str]:
    described = ReportedPosition.objects.exclude(described_as="").order_by("described_as")
    return list(described.values_list("described_as", flat=True).distinct())


def reported_holder_condition(names: list[str]) -> Q:
    """Return the condition for positions held by any of `names`.

    Names are codes or aliases of members and groupings, or the words in which a source describes the holders, or these
    words as a slug. Raise ValidationError for an unknown name.
    """
    described = _matching(names, _described_holders())
    named = [name for name in names if name not in described]
    return holder_condition(named) | Q(described_as__in=described.values())


class HoldersField(NamesField):
    """Names of members or groupings, or descriptions of holders that a source does not name."""

    def validate(self, value: Any) -> None:
        """Raise ValidationError for an unknown name."""
        self.run_validators(value)
        reported_holder_condition(value)


class HoldersFilter(NamesFilter):
    """A filter by the holders of reported positions."""

    field_class = HoldersField


class TopicField(QueryInput):
    """A topic, given by its name or its slug."""

    def clean(self, value: Any) -> list[str]:
        """Return all spellings of the topic. Raise ValidationError for an unknown topic."""
        text = super().clean(value)
        if not text:
            return []
        topics = ReportedPosition.objects.order_by("topic").values_list("topic", flat=True).distinct()
        matching = [topic for topic in topics if _matching([text], [topic])]
        if not matching:
            raise ValidationError(_("No reported position has this topic."))
        return matching


class TopicFilter(django_filters.CharFilter):
    """A filter by topic."""

    field_class = TopicField


class ReportedPositionFilter(AsOfFilter):
    """A FilterSet for reported positions, by words, place, holder, topic, stance and date."""

    q = LineFilter(method="with_words", label=_("Words"))
    place = AnyPlaceFilter(method="about", label=_("Section, issue or sub-issue"))
    section = EntryFilter(Section, method="about", label=_("Section"))
    issue = EntryFilter(Issue, method="about", label=_("Issue"), empty_label=_("Any issue"))
    sub_issue = EntryFilter(SubIssue, method="about", label=_("Sub-issue"))
    small_group = EntryFilter(
        SmallGroup, key="slug", method="about", label=_("Small group"), empty_label=_("Any small group")
    )
    member = HoldersFilter(method="held_by", label=_("Holder"))
    grouping = CodeFilter(
        queryset=Grouping.objects.all(),
        to_field_name="slug",
        method="held_in",
        label=_("Held by this grouping or one of its members"),
        error_messages={"invalid_choice": _("Unknown grouping.")},
    )
    topic = TopicFilter(method="on_topic", label=_("Topic"))
    stance = django_filters.ChoiceFilter(choices=ReportedStance.choices, label=_("Stance"), empty_label=_("Any stance"))
    later = FlagFilter(method="later_or_not", label=_("Dated after the facts were collected"))

    class Meta:
        model = ReportedPosition
        fields: list[str] = []

    def with_words(self, queryset: QuerySet[ReportedPosition], name: str, words: str) -> QuerySet[ReportedPosition]:
        """Return the positions that contain each of the words, in any of their parts. Case is ignored."""
        for word in words.split():
            named = Alias.objects.filter(folded__contains=fold(word))
            queryset = queryset.filter(
                Q(statement__icontains=word)
                | Q(topic__icontains=word)
                | Q(described_as__icontains=word)
                | Q(source__icontains=word)
                | Q(issue__title__icontains=word)
                | Q(member__in=named.values("member"))
                | Q(grouping__in=named.values("grouping"))
            )
        return queryset

    def about(self, queryset: QuerySet[ReportedPosition], name: str, entry: Any) -> QuerySet[ReportedPosition]:
        """Return the positions that concern `entry`."""
        assert isinstance(queryset, ReportedPositionQuerySet)
        return queryset.about(entry)

    def held_by(self, queryset: QuerySet[ReportedPosition], name: str, names: list[str]) -> QuerySet[ReportedPosition]:
        """Return the positions held by any of `names`."""
        return queryset.filter(reported_holder_condition(names)) if names else queryset

    def held_in(
        self, queryset: QuerySet[ReportedPosition], name: str, grouping: Grouping
    ) -> QuerySet[ReportedPosition]:
        """Return the positions held by a grouping, or by one of its members on the selected date."""
        members = grouping.memberships.filter(in_force(self.day)).values("member")
        return queryset.filter(Q(grouping=grouping) | Q(member__in=members))

    def on_topic(
        self, queryset: QuerySet[ReportedPosition], name: str, topics: list[str]
    ) -> QuerySet[ReportedPosition]:
        """Return the positions on any of `topics`."""
        return queryset.filter(topic__in=topics) if topics else queryset

    def later_or_not(self, queryset: QuerySet[ReportedPosition], name: str, later: bool) -> QuerySet[ReportedPosition]:
        """Return the positions dated after the facts of the negotiation were collected, or the other positions."""
        assert isinstance(queryset, ReportedPositionQuerySet)
        return queryset.later(negotiation_of(self.request), later=later)

    def filter_queryset(self, queryset: QuerySet[ReportedPosition]) -> QuerySet[ReportedPosition]:
        """Return the matching positions that are known by the end of the selected date.

        If `later` is given without a date, that filter alone decides.
        """
        assert isinstance(queryset, ReportedPositionQuerySet)
        query = self.form.cleaned_data
        by_later = query.get("as_of") is None and query.get("later") is not None
        return super().filter_queryset(queryset if by_later else queryset.known_by(self.day))
