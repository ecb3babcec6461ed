"""Base classes and fields shared by the serializers."""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.core.validators import MaxLengthValidator
from rest_framework import serializers

from issues.api.filtering import require_known
from issues.models.choices import RequestState, Status, slug_of
from members.dates import partial_iso_date
from members.plain_text import LINE, QUERY, TextRules
from members.text_fields import PlainTextValidator

DEMONSTRATION = (
    "Whether any of these values comes from demonstration text, whose wording, positions and dates are invented."
)
ENTRY_DEMONSTRATION = "Whether a demonstration user recorded the entry, so that its content is invented."


def key_field(key: str, *, many: bool = False, **more: Any) -> serializers.SlugRelatedField[Any]:
    """Return a field that identifies related objects by their code or slug."""
    return serializers.SlugRelatedField(slug_field=key, many=many, read_only=True, **more)


def url_field(kind: str, key: str) -> serializers.HyperlinkedIdentityField:
    """Return a field with the URL of the object itself."""
    return serializers.HyperlinkedIdentityField(view_name=f"api:{kind}-detail", lookup_field=key)


# The schema names these closed lists.
STATUS_SLUGS = [(slug_of(value), label) for value, label in Status.choices]
REQUEST_STATE_SLUGS = [(slug_of(value), label) for value, label in RequestState.choices]


class SlugOfField(serializers.ChoiceField):
    """A read-only field that shows a stored value as a slug."""

    def __init__(self, source: str, *, choices: Iterable[tuple[str, Any]], **more: Any) -> None:
        super().__init__(
            choices=[(slug_of(value), label) for value, label in choices], source=source, read_only=True, **more
        )

    def to_representation(self, value: Any) -> Any:
        """Return the slug of the value."""
        return value and slug_of(value)


class ListedChoiceField(serializers.ChoiceField):
    """A value from a closed list. An error lists the accepted values."""

    def fail(self, key: str, **values: Any) -> NoReturn:
        """Raise ValidationError."""
        if key == "invalid_choice":
            accepted = ", ".join(str(value) for value in self.choices if value)
            raise serializers.ValidationError(
                f"“{values['input']}” is not an accepted value. Accepted values: {accepted}.", code=key
            )
        super().fail(key, **values)


class SlugChoiceField(ListedChoiceField):
    """A stored value, sent as its slug. Stored values that contain blanks are accepted as well."""

    def __init__(self, choices: Iterable[tuple[str, Any]], **more: Any) -> None:
        pairs = list(choices)
        super().__init__(choices=[(slug_of(value), label) for value, label in pairs], **more)
        self.stored = {slug_of(value): value for value, _label in pairs}

    def to_internal_value(self, data: Any) -> Any:
        """Return the stored value. Raise ValidationError unless `data` is a slug or a stored value."""
        slug = slug_of(data) if data in self.stored.values() else data
        return self.stored[super().to_internal_value(slug)]


def demonstration_field(**more: Any) -> serializers.BooleanField:
    """Return a field that states whether the values in the same object were computed from demonstration text."""
    return serializers.BooleanField(read_only=True, help_text=DEMONSTRATION, **more)


class ResponsePart(serializers.Serializer[Any]):
    """A part of a response that the view builds itself. The serializer only describes the part in the schema."""


class RequestPart(serializers.Serializer[Any]):
    """A part of a request body. Unknown fields are refused."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values.

        Raise Problem for an unknown field, and ValidationError for an invalid value.
        """
        if isinstance(data, dict):
            require_known("field", map(str, data), self.fields)
        return super().to_internal_value(data)


class LineField(serializers.CharField):
    """A single line of text, empty by default."""

    lines = False
    longest = LINE.max_length

    def __init__(self, **more: Any) -> None:
        """Set up the field. By default, `max_length` is the maximum length of a line."""
        asked = {"required": False, "allow_blank": True, "default": "", "max_length": self.longest, **more}
        if asked["required"]:
            asked.pop("default")
        super().__init__(**asked)
        kind = TextRules(asked["max_length"], self.lines, required=not asked["allow_blank"])
        # These validators replace those of REST framework, which cover only null characters and unpaired surrogates.
        longest = [check for check in self.validators if isinstance(check, MaxLengthValidator)]
        self.validators = [PlainTextValidator(kind, ignore_length=True), *longest]


class ProseField(LineField):
    """Text of one or more lines, empty by default."""

    lines = True


class ExactTextField(serializers.CharField):
    """A negotiated text, or words for such a text, stored exactly as sent.

    `issues.actions.text_checks` validates the value together with the current text, as it does for every other caller.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, **more)
        self.validators = []


class NamedField(serializers.SlugRelatedField[Any]):
    """A reference to an object by its code or slug."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the object. Raise ValidationError for an unknown name.

        A value that cannot be a name is refused without a query.
        """
        if isinstance(data, str):
            PlainTextValidator(QUERY)(data)
        return super().to_internal_value(data)


class LimitedListField(serializers.ListField):
    """A list of at most `max_length` entries. A longer list is refused before its entries are validated."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the entries. Raise ValidationError for a list that is too long or contains an invalid entry."""
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class PartialDateField(serializers.CharField):
    """A date with the precision of a day, month or year: 2021-02-05, 2021-02 or 2021. It is empty if unknown."""

    def __init__(self, name: str, **more: Any) -> None:
        """Set up the field for the date in column `name`, whose precision is in column `<name>_precision`."""
        self.name = name
        super().__init__(**{"source": "*", "read_only": True, **more})

    def to_representation(self, value: Any) -> str:
        """Return the date in the row `value`, shortened to its precision."""
        return partial_iso_date(getattr(value, self.name), getattr(value, f"{self.name}_precision"))
