"""Filters by day: as of the end of a day, and as it was on record at a moment."""

import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from issues.models.known import DayAsKnown

NO_DAY = _("Write the day as YYYY-MM-DD, for example 2020-12-07.")


def not_yet(day: datetime.date) -> None:
    """Raise ValidationError for a day that has not come yet."""
    if day > timezone.localdate():
        raise ValidationError(_("%(day)s is in the future.") % {"day": date_format(day)})


def as_of(asked: str | None) -> datetime.date | None:
    """Return the day that `?as_of=` asks for, None for now; raises ValidationError for what is no day, or not yet."""
    if not asked:
        return None
    try:
        day = parse_date(asked)
    except ValueError:
        day = None
    if day is None:
        raise ValidationError(NO_DAY)
    not_yet(day)
    return day


KNOWN_AT = _("As recorded at this time (later entries are ignored)")


NO_MOMENT = _("Write a date and a time, for example 2020-12-07T18:00 or 2020-12-07T18:00:00+01:00.")


def moment(asked: str | None) -> datetime.datetime | None:
    """Return the moment that `?known_at=` asks for, None for none; without an offset, in the time of the site.

    Raises ValidationError for what is no date with a time, or has not come yet.
    """
    text = (asked or "").strip()
    if not text:
        return None
    if "T" in text:  # an offset of +01:00 that nobody has encoded comes as a blank
        text = text.replace(" ", "+")
    try:
        result = parse_datetime(text) if len(text) > len("2020-12-07") else None
        result = timezone.make_aware(result) if result is not None and timezone.is_naive(result) else result
        day = timezone.localtime(result).date() if result is not None else None
    except (ValueError, OverflowError):
        result = day = None
    if result is None or day is None:
        raise ValidationError(NO_MOMENT)
    if result > timezone.now():
        raise ValidationError(_("%(moment)s is in the future.") % {"moment": date_format(day)})
    return result


def as_known(day: datetime.date | None, known_at: datetime.datetime | None) -> datetime.date | None:
    """Return the day as of which one reads what was on record at a moment: by default the day of that moment."""
    if known_at is None:
        return day
    return DayAsKnown.at(day or timezone.localtime(known_at).date(), known_at)


class MomentField(forms.Field):
    """A date with a time."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Any:
        """Return the moment; raises ValidationError for what is none."""
        return moment(value)


class MomentFilter(django_filters.IsoDateTimeFilter):
    """As it was on record at a moment. Narrows nothing by itself: `as_of` carries it."""

    field_class = MomentField  # type: ignore[assignment]  # it reads more forms, and says what is wrong with others

    def filter(self, qs: QuerySet[Any], value: datetime.datetime | None) -> QuerySet[Any]:
        """Return `qs` as it is."""
        return qs


class WholeNumberFilter(django_filters.NumberFilter):
    """A number without decimals: “1.5” is refused, not rounded."""

    field_class = forms.IntegerField  # type: ignore[assignment]  # narrower on purpose

    def get_max_validator(self) -> None:
        """None: the largest number is the filter's own `max_value`, if it has one."""
        return


class DayFilter(django_filters.DateFilter):
    """As of the end of a day. Narrows nothing by itself: the set that holds it reads it."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {"invalid": NO_DAY}
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(
            input_formats=["%Y-%m-%d"], validators=[not_yet], error_messages=messages, widget=widget, **kwargs
        )

    def filter(self, qs: QuerySet[Any], value: datetime.date | None) -> QuerySet[Any]:
        """Return `qs` as it is."""
        return qs


class AsOfFilter(django_filters.FilterSet):
    """Anything as of a day, and as it was on record at a moment: the form gives both in one, as `as_of`."""

    as_of = DayFilter(label=_("As of the end of this day"))
    known_at = MomentFilter(label=KNOWN_AT)

    def get_form_class(self) -> type[forms.Form]:
        """Return the form of the set; its `as_of` carries the moment."""
        plain: type[forms.Form] = super().get_form_class()

        def clean(form: forms.Form) -> dict[str, Any]:
            typed = super(known, form).clean() or form.cleaned_data
            typed["as_of"] = as_known(typed.get("as_of"), typed.get("known_at"))
            return typed

        known: type[forms.Form] = type(plain.__name__, (plain,), {"clean": clean})
        return known
