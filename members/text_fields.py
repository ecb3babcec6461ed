"""Model fields for plain text, whose values are validated by the rules in `plain_text`.

In migrations, each field is represented by the Django field on which it is based, because the rules do not affect the
database schema.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models.expressions import Combinable
from django.utils.deconstruct import deconstructible
from django.utils.functional import cached_property

from members.plain_text import PROSE, InvalidText, TextRules, strings_in, validate


@deconstructible
class PlainTextValidator:
    """A validator that rejects text that violates `rules`.

    With `ignore_length`, values that are too long are accepted, because another validator reports them.
    """

    def __init__(self, rules: TextRules, *, ignore_length: bool = False) -> None:
        self.rules = rules
        self.ignore_length = ignore_length

    def __call__(self, value: Any) -> None:
        """Raise ValidationError if `value`, or any string in a list or dictionary, violates the rules."""
        for text in strings_in(value):
            try:
                validate(text, self.rules)
            except InvalidText as error:
                if not (error.is_too_long and self.ignore_length):
                    raise ValidationError(str(error), code="not_plain") from error

    def __eq__(self, value: object, /) -> bool:
        return isinstance(value, PlainTextValidator) and vars(self) == vars(value)

    def __hash__(self) -> int:
        return hash((self.rules, self.ignore_length))


def without_null_check(validators: Iterable[Any]) -> list[Any]:
    """Return `validators` without Django's check for null characters, which `PlainTextValidator` includes."""
    return [validator for validator in validators if not isinstance(validator, ProhibitNullCharactersValidator)]


if TYPE_CHECKING:
    _CharField = models.CharField[str | Combinable, str]
    _TextField = models.TextField[str | Combinable, str]
    _EmailField = models.EmailField[str | Combinable, str]
    _URLField = models.URLField[str | Combinable, str]
    _SlugField = models.SlugField[str | Combinable, str]
else:
    _CharField, _TextField, _EmailField = models.CharField, models.TextField, models.EmailField
    _URLField, _SlugField = models.URLField, models.SlugField


class _PlainTextMixin:
    """A mixin that adds the validator to a model field and to its form fields."""

    django_name: ClassVar[str]
    multiline: ClassVar[bool] = False
    max_length: Any
    blank: Any

    @cached_property
    def plain_text_validator(self) -> PlainTextValidator:
        """The plain text validator. If the column has a maximum length, Django reports values that exceed it."""
        rules = TextRules(self.max_length or PROSE.max_length, self.multiline, required=not self.blank)
        return PlainTextValidator(rules, ignore_length=self.max_length is not None)

    @cached_property
    def validators(self) -> list[Any]:
        """The validators of the field, beginning with the plain text validator."""
        return [self.plain_text_validator, *super().validators]  # type: ignore[misc]

    def formfield(self, **kwargs: Any) -> Any:
        """Return the form field with the plain text validator."""
        field: Any = super().formfield(**kwargs)  # type: ignore[misc]
        if isinstance(field, forms.CharField):
            field.validators = [self.plain_text_validator, *without_null_check(field.validators)]
        return field

    def deconstruct(self) -> Any:
        """Return the definition of the Django field that replaces this field in migrations."""
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{self.django_name}", args, kwargs


class LineField(_PlainTextMixin, _CharField):
    """A field for one line of text, such as a title, a name or a symbol."""

    django_name = "CharField"


class ProseField(_PlainTextMixin, _TextField):
    """A field for text of any number of lines, such as a note, a source or a reason."""

    django_name = "TextField"
    multiline = True


class EmailField(_PlainTextMixin, _EmailField):
    """A field for an e-mail address."""

    django_name = "EmailField"


class URLField(_PlainTextMixin, _URLField):
    """A field for a URL."""

    django_name = "URLField"


class SlugField(_PlainTextMixin, _SlugField):
    """A field for the identifier of a row in URLs."""

    django_name = "SlugField"
