"""Columns that hold what people write: each says what `plain_text` asks of it, wherever a row is validated.

To a migration they are the fields of Django that they look like: what may be written changes no table.
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

from members.plain_text import PROSE, Kind, NotPlain, require, strings_in


@deconstructible
class PlainText:
    """Refuses what `kind` is not. Where another validator speaks of the length, this one `leaves_length` to it."""

    def __init__(self, kind: Kind, *, leaves_length: bool = False) -> None:
        self.kind = kind
        self.leaves_length = leaves_length

    def __call__(self, value: Any) -> None:
        """Raise ValidationError for a string, or a string anywhere in a list or dictionary, that is not plain."""
        for text in strings_in(value):
            try:
                require(text, self.kind)
            except NotPlain as refused:
                if not (refused.is_too_long and self.leaves_length):
                    raise ValidationError(str(refused), code="not_plain") from refused

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainText) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.kind, self.leaves_length))


def without_null_check(validators: Iterable[Any]) -> list[Any]:
    """Return validators without Django's for null characters, of which `PlainText` says more."""
    return [one for one in validators if not isinstance(one, ProhibitNullCharactersValidator)]


if TYPE_CHECKING:
    _Char = models.CharField[str | Combinable, str]
    _Text = models.TextField[str | Combinable, str]
    _Mail = models.EmailField[str | Combinable, str]
    _Web = models.URLField[str | Combinable, str]
    _Slug = models.SlugField[str | Combinable, str]
else:
    _Char, _Text, _Mail = models.CharField, models.TextField, models.EmailField
    _Web, _Slug = models.URLField, models.SlugField


class _Written:
    """What the columns have in common: a validator, also on the fields of forms that are made of them."""

    looks_like: ClassVar[str]
    lines: ClassVar[bool] = False
    max_length: Any
    blank: Any

    @cached_property
    def plain(self) -> PlainText:
        """What is asked of a value. Longer than the column is not asked: Django says that."""
        kind = Kind(self.max_length or PROSE.longest, self.lines, required=not self.blank)
        return PlainText(kind, leaves_length=self.max_length is not None)

    @cached_property
    def validators(self) -> list[Any]:
        """The validators of the column, this one first."""
        return [self.plain, *super().validators]  # type: ignore[misc]

    def formfield(self, **kwargs: Any) -> Any:
        """Return the field of a form, with the same validator."""
        field: Any = super().formfield(**kwargs)  # type: ignore[misc]
        if isinstance(field, forms.CharField):
            field.validators = [self.plain, *without_null_check(field.validators)]
        return field

    def deconstruct(self) -> Any:
        """Return the field of Django that this one is to a migration."""
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{self.looks_like}", args, kwargs


class LineField(_Written, _Char):
    """One line of words: a title, a name, a symbol."""

    looks_like = "CharField"


class ProseField(_Written, _Text):
    """Words on as many lines as they need: a note, a source, a reason."""

    looks_like = "TextField"
    lines = True


class MailField(_Written, _Mail):
    """An address of mail."""

    looks_like = "EmailField"


class WebField(_Written, _Web):
    """An address of the web."""

    looks_like = "URLField"


class SlugField(_Written, _Slug):
    """The name of a row in addresses."""

    looks_like = "SlugField"
