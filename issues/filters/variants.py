"""Filters for variants: by words, holder and stance, place, and outcome."""

import datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from issues.filters.days import AsOfFilter, WholeNumberFilter
from issues.filters.fields import FlagFilter, FlagInput
from issues.filters.names import NamesField, NamesFilter, holder_condition, holder_keys
from issues.filters.places import UNKNOWN_ENTRY, PlaceFilter, provisions_of, visible_to_request
from issues.models import Lens, Position, Variant
from issues.models.choices import Outcome, Stance, VariantKind
from issues.models.index import PositionQuerySet, VariantQuerySet
from issues.text.label_search import labelled_variants
from issues.text.search import SearchTerms, TooManyTerms, best_first, matching, parse_terms
from members.models import GroupingMembership, in_force
from members.text_inputs import QueryInput


class State(models.TextChoices):
    """The state of a variant. An open variant is part of the current text."""

    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    ANY = "any", _("Open or closed")


class HolderFilter(django_filters.Filter):
    """A filter of variants by the members or groupings that take a given stance on them."""

    parent: django_filters.FilterSet
    field_class = NamesField

    def __init__(self, stance: Stance, *, every: bool = False, **kwargs: Any) -> None:
        """Set up the filter. If `every` is true, a variant must have all of the names rather than any of them."""
        super().__init__(**kwargs)
        self.stance = stance
        self.every = every

    def filter(self, qs: QuerySet[Variant], value: list[str]) -> QuerySet[Variant]:
        """Return the matching variants. Subqueries prevent duplicates."""
        query = self.parent.form.cleaned_data
        held = counted_positions(query).filter(stance=self.stance)
        for names in [[name] for name in value] if self.every else [value] if value else []:
            qs = qs.filter(pk__in=held.filter(held_by_condition(names, query)).values("variant"))
        return qs


def held_by_condition(names: list[str], query: dict[str, Any]) -> Q:
    """Return the condition for positions held by any of `names`.

    If `expand` is set in `query`, positions that are held through groupings also count.
    """
    by = holder_condition(names)
    return by | _through_groupings_condition(names, query.get("as_of")) if query.get("expand") else by


def counted_positions(query: dict[str, Any]) -> PositionQuerySet:
    """Return the positions that count for a query.

    For open variants, these are the positions held on the selected date. For closed variants, they are the positions
    held at closure.
    """
    held = Position.objects
    if (query.get("state") or State.OPEN) == State.OPEN:
        return held.held_on(query.get("as_of"))
    return held.held_at_the_end(query.get("as_of"))


def _through_groupings_condition(names: list[str], day: datetime.date | None) -> Q:
    """Return the condition for positions of groupings to which any of the members `names` belonged on `day`."""
    members, _ = holder_keys(names)
    belonging = GroupingMembership.objects.filter(in_force(day or timezone.localdate()), member__in=members)
    return Q(grouping__in=belonging.values("grouping"))


ORDERS = {
    "place": ("provision__position", "ordinal", "pk"),
    "oldest": ("begun_on", "provision__position", "ordinal", "pk"),
    "newest": ("-begun_on", "provision__position", "ordinal", "pk"),
}


class WordsField(QueryInput):
    """A field for a search query."""

    def clean(self, value: Any) -> SearchTerms | None:
        """Return the parsed search query. Raise ValidationError if it contains no words or too many words."""
        text = super().clean(value)
        try:
            return parse_terms(text) if text else None
        except TooManyTerms:
            raise ValidationError(_("Too many words to search for at once. Remove some.")) from None
        except ValueError:
            raise ValidationError(_("Enter at least one word to search for.")) from None


class WordsFilter(django_filters.CharFilter):
    """A filter that searches the text of variants for words and “phrases”. A minus sign excludes a word."""

    field_class = WordsField


class VariantFilter(PlaceFilter, AsOfFilter):
    """A FilterSet for variants, by position, place and outcome. By default, it returns only open variants."""

    state = django_filters.ChoiceFilter(choices=State.choices, method="unchanged", label=_("State"), empty_label=None)

    q = WordsFilter(method="with_words", label=_("Words in the text"))
    proponent = HolderFilter(Stance.PROPOSE, label=_("Proposed by any of these members or groupings"))
    opponent = HolderFilter(Stance.OPPOSE, label=_("Opposed by any of these members or groupings"))
    every_proponent = HolderFilter(Stance.PROPOSE, every=True, label=_("Proposed by all of these members or groupings"))
    every_opponent = HolderFilter(Stance.OPPOSE, every=True, label=_("Opposed by all of these members or groupings"))
    member = NamesFilter(method="unchanged", label=_("Stance taken by any of these members or groupings"))
    # The former name of `member`.
    holder = NamesFilter(method="unchanged", label="Deprecated: use `member`")
    stance = django_filters.ChoiceFilter(choices=Stance.choices, method="unchanged", label=_("Stance"))
    expand = FlagFilter(
        method="unchanged",
        label=_("Attribute a grouping's stances to its members"),
        widget=FlagInput,
    )
    lens = django_filters.ModelChoiceFilter(
        queryset=Lens.objects.all(),
        to_field_name="slug",
        method="under_lens",
        label=_("Lens"),
        error_messages={"invalid_choice": _("Unknown lens.")},
    )
    open_longer_than = WholeNumberFilter(
        method="open_for", min_value=0, max_value=99_999, label=_("Open for more than this many days")
    )
    # Only provisions visible to the reader are valid, because a different error for other provisions would reveal
    # that they exist.
    provision = django_filters.ModelChoiceFilter(
        queryset=visible_to_request,  # type: ignore[arg-type]  # django-filter calls it with the request
        to_field_name="slug",
        error_messages={"invalid_choice": UNKNOWN_ENTRY},
    )
    kind = django_filters.ChoiceFilter(choices=VariantKind.choices, label=_("Kind"))
    outcome = django_filters.ChoiceFilter(
        choices=Outcome.choices, method="with_outcome", label=_("How the variant was closed")
    )
    order = django_filters.ChoiceFilter(
        choices=[
            ("place", _("In text order")),
            ("oldest", _("Longest open first")),
            ("newest", _("Newest first")),
        ],
        empty_label=_("Best match when searching, otherwise in text order"),
        method="unchanged",
        label=_("Order"),
    )

    class Meta:
        model = Variant
        fields: list[str] = []

    def under(self, queryset: QuerySet[Any], name: str, entry: Any) -> QuerySet[Any]:
        """Return the variants of the provisions under `entry`."""
        return queryset.filter(provision__in=provisions_of(entry))

    def unchanged(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset` unchanged, because `filter_queryset` and `with_stance` read the value."""
        return queryset

    def with_words(self, queryset: QuerySet[Any], name: str, words: SearchTerms) -> QuerySet[Any]:
        """Return the variants that contain each of the words, compared by their stems, or those with this label."""
        day = self.form.cleaned_data.get("as_of")
        labelled = labelled_variants((self.data or {}).get("q", ""), visible_to_request(self.request), day)
        return queryset.filter(pk__in=labelled) if labelled else matching(queryset, words)

    def under_lens(self, queryset: QuerySet[Any], name: str, lens: Lens) -> QuerySet[Any]:
        """Return the variants that a lens marks, and those of provisions that it marks as a whole."""
        assert isinstance(queryset, VariantQuerySet)
        return queryset.under_lens(lens)

    def open_for(self, queryset: QuerySet[Any], name: str, days: Any) -> QuerySet[Any]:
        """Return the variants that were open for more than `days` days.

        Days are counted up to the selected date, or to the closure of the variant if that is earlier.
        """
        day = self.day
        if int(days) >= day.toordinal():
            return queryset.none()
        least = datetime.timedelta(days=int(days))
        lasted = ExpressionWrapper(F("closed_on") - F("begun_on"), output_field=DurationField())
        standing = Q(closed_on=None) | Q(closed_on__gt=day)
        long_enough = (standing & Q(begun_on__lt=day - least)) | (~standing & Q(lasted__gt=least))
        filtered: QuerySet[Any] = queryset.alias(lasted=lasted).filter(long_enough)
        return filtered

    def with_outcome(self, queryset: QuerySet[Any], name: str, outcome: str) -> QuerySet[Any]:
        """Return the variants closed with this outcome by the selected date. Later closures do not count."""
        assert isinstance(queryset, VariantQuerySet)
        return queryset.closed_by(self.form.cleaned_data.get("as_of")).filter(outcome=outcome)

    def with_stance(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the variants on which the selected members take the selected stance. Either value may be absent."""
        query = self.form.cleaned_data
        names, stance = [*(query.get("member") or []), *(query.get("holder") or [])], query.get("stance")
        if not names and not stance:
            return queryset
        held = counted_positions(query)
        if names:
            held = held.filter(held_by_condition(names, query))
        if stance:
            held = held.filter(stance=stance)
        return queryset.filter(pk__in=held.values("variant"))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the filtered and sorted variants.

        Depending on the selected state, the result contains variants that were open on the selected date, variants that
        were closed by then, or both.
        """
        day, state = self.form.cleaned_data.get("as_of"), self.form.cleaned_data.get("state") or State.OPEN
        assert isinstance(queryset, VariantQuerySet)
        variants = {State.OPEN: queryset.open_on, State.CLOSED: queryset.closed_by, State.ANY: queryset.begun_by}
        narrowed = self.with_stance(super().filter_queryset(variants[State(state)](day)))
        order, words = self.form.cleaned_data.get("order"), self.form.cleaned_data.get("q")
        if words and not order:
            return best_first(narrowed, words)
        return narrowed.order_by(*ORDERS[order]) if order else narrowed
