"""Filters by date: the state at the end of a day, and the state as it was recorded at a given moment.

The two parameters are independent. `as_of` selects by the date of an event, and `known_at` leaves out everything that
was recorded after a given moment. For example, suppose that a revision dated 1 March is recorded on 5 March. If
`as_of=2021-03-02` is given, the revision is part of the text. If `known_at=2021-03-03T12:00` is also given, the
revision is not part of the text.
"""

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

from issues.access.visibility import negotiation_of
from issues.models.known import DayAsKnown

INVALID_DAY = _("Enter the date as YYYY-MM-DD, for example 2020-12-07.")


def require_not_future(day: datetime.date) -> None:
    """Raise ValidationError for a future date."""
    if day > timezone.localdate():
        raise ValidationError(_("%(day)s is in the future.") % {"day": date_format(day)})


def parse_day(value: str | None) -> datetime.date | None:
    """Return the date in `?as_of=`, or None if it is empty. Raise ValidationError for an invalid or future date."""
    if not value:
        return None
    try:
        day = parse_date(value)
    except ValueError:
        day = None
    if day is None:
        raise ValidationError(INVALID_DAY)
    require_not_future(day)
    return day


KNOWN_AT_LABEL = _("As recorded at this time (later entries are ignored)")


INVALID_MOMENT = _("Enter a date and a time, for example 2020-12-07T18:00 or 2020-12-07T18:00:00+01:00.")


# No record is older. Dates near the first year of the calendar cannot be converted between time zones.
FIRST_YEAR = 1000


def parse_moment(value: str | None) -> datetime.datetime | None:
    """Return the moment in `?known_at=`, or None if the parameter is empty.

    A moment without a UTC offset is in the site's time zone. Raise ValidationError if the moment is invalid or in the
    future.
    """
    text = (value or "").strip()
    if not text:
        return None
    if "T" in text:  # a plus sign that was not percent-encoded arrives as a space
        text = text.replace(" ", "+")
    try:
        moment = parse_datetime(text) if len(text) > len("2020-12-07") else None
        moment = timezone.make_aware(moment) if moment is not None and timezone.is_naive(moment) else moment
        day = timezone.localtime(moment).date() if moment is not None else None
        if day is not None and day.year < FIRST_YEAR:  # its moment in UTC may lie before the first year of the calendar
            day = None
    except (ValueError, OverflowError):
        moment = day = None
    if moment is None or day is None:
        raise ValidationError(INVALID_MOMENT)
    if moment > timezone.now():
        raise ValidationError(_("%(moment)s is in the future.") % {"moment": date_format(day)})
    return moment


def day_as_known(day: datetime.date | None, known_at: datetime.datetime | None) -> datetime.date | None:
    """Return `day` combined with the moment of recording, `known_at`.

    If `day` is None, the date of that moment is used.
    """
    if known_at is None:
        return day
    return DayAsKnown.at(day or timezone.localtime(known_at).date(), known_at)


class MomentField(forms.Field):
    """A field for a date with a time."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Any:
        """Return the moment. Raise ValidationError if it is invalid."""
        return parse_moment(value)


class MomentFilter(django_filters.IsoDateTimeFilter):
    """A filter that selects a moment of recording, which `AsOfFilter` combines with `as_of`.

    The filter itself leaves the queryset unchanged.
    """

    field_class = MomentField  # type: ignore[assignment]  # accepts more formats, with better error messages

    def filter(self, qs: QuerySet[Any], value: datetime.datetime | None) -> QuerySet[Any]:
        """Return `qs` unchanged."""
        return qs


class WholeNumberFilter(django_filters.NumberFilter):
    """A filter by a whole number. A value such as “1.5” is refused rather than rounded."""

    field_class = forms.IntegerField  # type: ignore[assignment]  # intentionally narrower

    def get_max_validator(self) -> None:
        """Return None, because the filter's own `max_value` is the only limit."""
        return


class DayFilter(django_filters.DateFilter):
    """A filter that selects a date, which the filterset reads. The filter itself leaves the queryset unchanged."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {"invalid": INVALID_DAY}
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(
            input_formats=["%Y-%m-%d"],
            validators=[require_not_future],
            error_messages=messages,
            widget=widget,
            **kwargs,
        )

    def filter(self, qs: QuerySet[Any], value: datetime.date | None) -> QuerySet[Any]:
        """Return `qs` unchanged."""
        return qs


def shown_as_of(request: Any, day: datetime.date | None) -> datetime.date | None:
    """Return `day`, and record on the request that the response shows the state at the end of that day."""
    http = getattr(request, "_request", request)  # Django REST framework wraps the request
    if http is not None:
        http.selects_day = True
        if day is not None:
            http.shown_as_of = day
    return day


class AsOfFilter(django_filters.FilterSet):
    """A FilterSet that selects a date and a moment of recording. Its form combines both in the value of `as_of`."""

    as_of = DayFilter(label=_("As of (end of day)"))
    known_at = MomentFilter(label=KNOWN_AT_LABEL)

    @property
    def day(self) -> datetime.date:
        """The selected date or, by default, the day that the negotiation shows."""
        return negotiation_of(self.request).day(self.form.cleaned_data.get("as_of"))

    def get_form_class(self) -> type[forms.Form]:
        """Return the form class of the filterset.

        In the form, the value of `as_of` includes the moment of recording.
        """
        form_class: type[forms.Form] = super().get_form_class()
        request = self.request

        def clean(form: forms.Form) -> dict[str, Any]:
            cleaned = super(extended, form).clean() or form.cleaned_data
            cleaned["as_of"] = shown_as_of(request, day_as_known(cleaned.get("as_of"), cleaned.get("known_at")))
            return cleaned

        extended: type[forms.Form] = type(form_class.__name__, (form_class,), {"clean": clean})
        return extended
