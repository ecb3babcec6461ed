"""Fields that many things have."""

from typing import Any

from rest_framework import serializers

from issues.api.filtering import refuse_unknown
from members.choices import Precision

# How much of 2021-02-05 is known.
KNOWN = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}


def codes(key: str, *, many: bool = False, **more: Any) -> serializers.SlugRelatedField[Any]:
    """Return a field that names related things by their code or slug."""
    return serializers.SlugRelatedField(slug_field=key, many=many, read_only=True, **more)


def link(kind: str, key: str) -> serializers.HyperlinkedIdentityField:
    """Return a field with the address of the thing itself."""
    return serializers.HyperlinkedIdentityField(view_name=f"api:{kind}-detail", lookup_field=key)


class Document(serializers.Serializer[Any]):
    """A part of an answer that is made by hand: it is written down for the schema alone."""


class Sent(serializers.Serializer[Any]):
    """A part of what a request sends. An unknown field is an error: what is not understood is not passed over."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values; raises Problem for a field that is unknown, ValidationError for one that cannot be."""
        if isinstance(data, dict):
            refuse_unknown("field", map(str, data), self.fields)
        return super().to_internal_value(data)


class PartialDate(serializers.CharField):
    """A date as far as it is known: 2021-02-05, 2021-02 or 2021; empty where it is not."""

    def __init__(self, name: str, **more: Any) -> None:
        """Say the date `name` of a row as precisely as its column `<name>_precision` says."""
        self.name = name
        super().__init__(**{"source": "*", "read_only": True, **more})

    def to_representation(self, value: Any) -> str:
        """Return the date of the row `value`."""
        day, precision = getattr(value, self.name), getattr(value, f"{self.name}_precision")
        return day.isoformat()[: KNOWN[precision]] if day else ""
