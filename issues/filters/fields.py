"""Filters whose values are checked strictly: codes in any case, and booleans."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ChoiceField, ModelChoiceField, ModelMultipleChoiceField

from issues.models.choices import slug_of
from members.codes import get_by_code

# “on” is the value that a browser sends for a checkbox.
TRUE, FALSE = ("true", "1", "on"), ("false", "0")
INVALID_BOOLEAN = _("Enter true or false.")


class SlugChoiceField(ChoiceField):
    """A choice of a stored value by its slug. Stored values that contain blanks are accepted as well."""

    def __init__(self, *, stored: Mapping[str, str], **kwargs: Any) -> None:
        """Set up the field. `stored` maps slugs to stored values."""
        super().__init__(**kwargs)
        self.stored = stored

    def clean(self, value: Any) -> Any:
        """Return the stored value. Raise ValidationError unless `value` is a slug or a stored value."""
        slug = super().clean(slug_of(value) if value in self.stored.values() else value)
        return self.stored.get(slug, slug)


class SlugChoiceFilter(django_filters.ChoiceFilter):
    """A filter by one of `choices`, given by its slug."""

    field_class = SlugChoiceField

    def __init__(self, *, choices: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        """Set up the filter with stored values and their labels."""
        pairs = list(choices)
        stored = {slug_of(value): value for value, _label in pairs}
        super().__init__(choices=[(slug_of(value), label) for value, label in pairs], stored=stored, **kwargs)


class CodeField(ModelChoiceField):
    """A field that selects a row by its code, in any case."""

    def to_python(self, value: Any) -> Any:
        """Return the row. Raise ValidationError for an unknown code."""
        if not isinstance(value, str) or value in self.empty_values or self.queryset is None:
            return super().to_python(value)
        try:
            return get_by_code(self.queryset, value, self.to_field_name or "code")
        except self.queryset.model.DoesNotExist:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            ) from None


class CodesField(ModelMultipleChoiceField):
    """A choice of several rows by their codes, in any case."""

    def clean(self, value: Any) -> Any:
        """Return the rows. Raise ValidationError for an unknown code."""
        codes: Iterable[Any] = value or []
        field = self.to_field_name or "code"
        stored = [] if not codes or self.queryset is None else self.queryset.values_list(field, flat=True)
        exact = {code.lower(): code for code in stored}
        return super().clean([code if code in stored else exact.get(str(code).lower(), code) for code in codes])


class CodeFilter(django_filters.ModelChoiceFilter):
    """A filter by a row that is given by its code, in any case."""

    field_class = CodeField


class CodesFilter(django_filters.ModelMultipleChoiceFilter):
    """A filter by several rows that are given by their codes, in any case. The parameter may be repeated."""

    field_class = CodesField


class FlagInput(forms.CheckboxInput):
    """A checkbox that passes on the submitted value, so that the field can refuse it."""

    def __init__(self) -> None:
        super().__init__(check_test=lambda value: str(value).lower() in TRUE)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the submitted value unchanged."""
        return data.get(name)


class StrictBooleanField(forms.Field):
    """True, false or nothing. Other values are refused, because a filter that ignores them would be misleading."""

    widget = forms.Select(choices=[("", _("Either")), ("true", _("Yes")), ("false", _("No"))])

    def clean(self, value: Any) -> bool | None:
        """Return the value. Raise ValidationError unless it is empty or one of `TRUE` and `FALSE`."""
        if isinstance(value, bool) or value in self.empty_values:
            return value if isinstance(value, bool) else None
        text = str(value).lower()
        if text not in TRUE + FALSE:
            raise ValidationError(INVALID_BOOLEAN, code="invalid")
        return text in TRUE


class FlagFilter(django_filters.BooleanFilter):
    """A filter by a boolean. Values other than true and false are refused."""

    field_class = StrictBooleanField  # type: ignore[assignment]  # stricter than the default
