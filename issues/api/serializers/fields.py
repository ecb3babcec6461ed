"""Fields that many things have."""

from typing import Any

from django.core.validators import MaxLengthValidator
from rest_framework import serializers

from issues.api.filtering import require_known
from members.choices import Precision
from members.plain_text import ASKED, LINE, Kind
from members.text_fields import PlainText

# How much of 2021-02-05 is known.
DATE_LENGTHS = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}


def key_field(key: str, *, many: bool = False, **more: Any) -> serializers.SlugRelatedField[Any]:
    """Return a field that names related things by their code or slug."""
    return serializers.SlugRelatedField(slug_field=key, many=many, read_only=True, **more)


def url_field(kind: str, key: str) -> serializers.HyperlinkedIdentityField:
    """Return a field with the address of the thing itself."""
    return serializers.HyperlinkedIdentityField(view_name=f"api:{kind}-detail", lookup_field=key)


class ResponsePart(serializers.Serializer[Any]):
    """A part of an answer that is made by hand: it is written down for the schema alone."""


class RequestPart(serializers.Serializer[Any]):
    """A part of what a request sends. An unknown field is an error: what is not understood is not passed over."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values; raises Problem for a field that is unknown, ValidationError for one that cannot be."""
        if isinstance(data, dict):
            require_known("field", map(str, data), self.fields)
        return super().to_internal_value(data)


class LineField(serializers.CharField):
    """One line of words, empty unless it is sent."""

    lines = False
    longest = LINE.longest

    def __init__(self, **more: Any) -> None:
        """Take `max_length`, where it is not that of a line."""
        asked = {"required": False, "allow_blank": True, "default": "", "max_length": self.longest, **more}
        if asked["required"]:
            asked.pop("default")
        super().__init__(**asked)
        kind = Kind(asked["max_length"], self.lines, required=not asked["allow_blank"])
        # Instead of the checks of REST framework, which know null characters and halves of characters alone.
        longest = [check for check in self.validators if isinstance(check, MaxLengthValidator)]
        self.validators = [PlainText(kind, leaves_length=True), *longest]


class ProseField(LineField):
    """Words on as many lines as they need, empty unless they are sent."""

    lines = True


class ExactTextField(serializers.CharField):
    """A negotiated text, or words that go into one, to the letter.

    `issues.actions.text_checks` judges it beside the text that stands, as for every other caller.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, **more)
        self.validators = []


class NamedField(serializers.SlugRelatedField[Any]):
    """Something that is named by its code or slug."""

    def to_internal_value(self, data: Any) -> Any:
        """Return what is named; raises ValidationError, without asking the database for what can be no name."""
        if isinstance(data, str):
            PlainText(ASKED)(data)
        return super().to_internal_value(data)


class LimitedListField(serializers.ListField):
    """A list of at most `max_length` entries; a longer one is refused before any of them is looked at."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the entries; raises ValidationError."""
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class PartialDateField(serializers.CharField):
    """A date as far as it is known: 2021-02-05, 2021-02 or 2021; empty where it is not."""

    def __init__(self, name: str, **more: Any) -> None:
        """Say the date `name` of a row as precisely as its column `<name>_precision` says."""
        self.name = name
        super().__init__(**{"source": "*", "read_only": True, **more})

    def to_representation(self, value: Any) -> str:
        """Return the date of the row `value`."""
        day, precision = getattr(value, self.name), getattr(value, f"{self.name}_precision")
        return day.isoformat()[: DATE_LENGTHS[precision]] if day else ""
