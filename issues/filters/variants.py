"""Filters of variants: who takes a stance on them, where they are, and how they ended."""

import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from issues.filters.days import AsOfFilter, WholeNumberFilter
from issues.filters.names import NamesField, NamesFilter, holder_condition, holders
from issues.filters.places import NO_SUCH_ENTRY, PlaceFilter, provisions_of, visible_to_request
from issues.models import Lens, Position, Provision, Variant
from issues.models.choices import Outcome, Stance, VariantKind
from issues.models.index import PositionQuerySet, VariantQuerySet
from issues.text.search import SearchTerms, TooManyTerms, best_first, matching, parse_terms
from members.models import GroupingMembership, in_force
from members.text_inputs import AskedInput


class State(models.TextChoices):
    """Whether a variant stands in the text."""

    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    ANY = "any", _("Open or closed")


class HolderFilter(django_filters.Filter):
    """Variants at which one of the named members or groupings takes a stance."""

    parent: django_filters.FilterSet
    field_class = NamesField

    def __init__(self, stance: Stance, *, every: bool = False, **kwargs: Any) -> None:
        """Take `every` to want all of the names at a variant, not one of them."""
        super().__init__(**kwargs)
        self.stance = stance
        self.every = every

    def filter(self, qs: QuerySet[Variant], value: list[str]) -> QuerySet[Variant]:
        """Return `qs` narrowed; sub-queries, so that no variant comes twice."""
        asked = self.parent.form.cleaned_data
        held = positions_counted(asked).filter(stance=self.stance)
        for names in [[name] for name in value] if self.every else [value] if value else []:
            qs = qs.filter(pk__in=held.filter(held_by(names, asked)).values("variant"))
        return qs


def held_by(names: list[str], asked: dict[str, Any]) -> Q:
    """Return the condition that one of `names` holds a position; through a grouping as well, where that is asked."""
    by = holder_condition(names)
    return by | _through_groupings(names, asked.get("as_of")) if asked.get("expand") else by


def positions_counted(asked: dict[str, Any]) -> PositionQuerySet:
    """Return the positions that count for what is asked of variants: of one that is closed, the last before its end."""
    held = Position.objects
    if (asked.get("state") or State.OPEN) == State.OPEN:
        return held.held_on(asked.get("as_of"))
    return held.held_at_the_end(asked.get("as_of"))


def _through_groupings(names: list[str], day: datetime.date | None) -> Q:
    """Return the condition that a grouping holds a position to which one of the members `names` belonged on the day."""
    members, _ = holders(names)
    belonging = GroupingMembership.objects.filter(in_force(day or timezone.localdate()), member__in=members)
    return Q(grouping__in=belonging.values("grouping"))


ORDERS = {
    "place": ("provision__position", "ordinal", "pk"),
    "oldest": ("begun_on", "provision__position", "ordinal", "pk"),
    "newest": ("-begun_on", "provision__position", "ordinal", "pk"),
}


class WordsField(AskedInput):
    """Words to search for."""

    def clean(self, value: Any) -> SearchTerms | None:
        """Return what is searched for; raises ValidationError where there is no word in what was typed."""
        typed = super().clean(value)
        try:
            return parse_terms(typed) if typed else None
        except TooManyTerms:
            raise ValidationError(_("Too many words to search for at once: remove some.")) from None
        except ValueError:
            raise ValidationError(_("Enter at least one word to search for.")) from None


class WordsFilter(django_filters.CharFilter):
    """What stands in the text: words, “phrases”, and behind a minus what must not."""

    field_class = WordsField


class VariantFilter(PlaceFilter, AsOfFilter):
    """Variants by who stands at them, where they stand, and what became of them; open ones unless asked."""

    state = django_filters.ChoiceFilter(choices=State.choices, method="as_they_are", label=_("State"), empty_label=None)

    q = WordsFilter(method="with_words", label=_("Words in the text"))
    proponent = HolderFilter(Stance.PROPOSE, label=_("Proposed by any of these members or groupings"))
    opponent = HolderFilter(Stance.OPPOSE, label=_("Opposed by any of these members or groupings"))
    every_proponent = HolderFilter(Stance.PROPOSE, every=True, label=_("Proposed by all of these"))
    every_opponent = HolderFilter(Stance.OPPOSE, every=True, label=_("Opposed by all of these"))
    holder = NamesFilter(method="as_they_are", label=_("Stance taken by any of these"))
    stance = django_filters.ChoiceFilter(choices=Stance.choices, method="as_they_are", label=_("Stance"))
    expand = django_filters.BooleanFilter(
        method="as_they_are",
        label=_("Count a grouping's stances for its members"),
        widget=forms.CheckboxInput,
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
    # Of the provisions that the reader may see: an error for any other would tell that it exists.
    provision = django_filters.ModelChoiceFilter(
        queryset=visible_to_request,  # type: ignore[arg-type]  # django-filter calls it with the request
        to_field_name="slug",
        error_messages={"invalid_choice": NO_SUCH_ENTRY},
    )
    kind = django_filters.ChoiceFilter(choices=VariantKind.choices, label=_("Kind"))
    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, method="closed_so", label=_("How it was closed"))
    order = django_filters.ChoiceFilter(
        choices=[
            ("place", _("In text order")),
            ("oldest", _("Longest open first")),
            ("newest", _("Newest first")),
        ],
        empty_label=_("Best match when searching, otherwise in text order"),
        method="as_they_are",
        label=_("Order"),
    )

    class Meta:
        model = Variant
        fields: list[str] = []

    def under(self, queryset: QuerySet[Any], name: str, entry: Any) -> QuerySet[Any]:
        """Return the variants of the provisions that hang under `entry`."""
        return queryset.filter(provision__in=provisions_of(entry))

    def as_they_are(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset` as it is: the value is read elsewhere, asked for or not."""
        return queryset

    def with_words(self, queryset: QuerySet[Any], name: str, words: SearchTerms) -> QuerySet[Any]:
        """Return the variants in which each of the words stands, by their stem."""
        return matching(queryset, words)

    def under_lens(self, queryset: QuerySet[Any], name: str, lens: Lens) -> QuerySet[Any]:
        """Return the variants of the provisions that a lens runs through, by themselves or by their sub-issue."""
        provisions = Provision.objects.filter(Q(lenses=lens) | Q(sub_issue__lenses=lens))
        return queryset.filter(provision__in=provisions.values("pk"))

    def open_for(self, queryset: QuerySet[Any], name: str, days: Any) -> QuerySet[Any]:
        """Return the variants that had been open for more than so many days by the day, by now, or when they closed."""
        day = self.form.cleaned_data.get("as_of") or timezone.localdate()
        if int(days) >= day.toordinal():
            return queryset.none()
        least = datetime.timedelta(days=int(days))
        lasted = ExpressionWrapper(F("closed_on") - F("begun_on"), output_field=DurationField())
        standing = Q(closed_on=None) | Q(closed_on__gt=day)
        long_enough = (standing & Q(begun_on__lt=day - least)) | (~standing & Q(lasted__gt=least))
        filtered: QuerySet[Any] = queryset.alias(lasted=lasted).filter(long_enough)
        return filtered

    def closed_so(self, queryset: QuerySet[Any], name: str, outcome: str) -> QuerySet[Any]:
        """Return the variants that had been closed in this way by the day; what came later is not known yet."""
        assert isinstance(queryset, VariantQuerySet)
        return queryset.closed_by(self.form.cleaned_data.get("as_of")).filter(outcome=outcome)

    def with_stance(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the variants at which one of the holders, or anybody, takes the stance, or any."""
        asked = self.form.cleaned_data
        names, stance = asked.get("holder"), asked.get("stance")
        if not names and not stance:
            return queryset
        held = positions_counted(asked)
        if names:
            held = held.filter(held_by(names, asked))
        if stance:
            held = held.filter(stance=stance)
        return queryset.filter(pk__in=held.values("variant"))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the variants that stand, stood or fell on the day, narrowed by the other filters."""
        day, state = self.form.cleaned_data.get("as_of"), self.form.cleaned_data.get("state") or State.OPEN
        assert isinstance(queryset, VariantQuerySet)
        variants = {State.OPEN: queryset.open_on, State.CLOSED: queryset.closed_by, State.ANY: queryset.begun_by}
        narrowed = self.with_stance(super().filter_queryset(variants[State(state)](day)))
        order, words = self.form.cleaned_data.get("order"), self.form.cleaned_data.get("q")
        if words and not order:
            return best_first(narrowed, words)
        return narrowed.order_by(*ORDERS[order]) if order else narrowed
