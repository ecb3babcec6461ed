"""Fields that many things have."""

from typing import Any

from rest_framework import serializers


def codes(key: str, *, many: bool = False, **more: Any) -> serializers.SlugRelatedField[Any]:
    """Return a field that names related things by their code or slug."""
    return serializers.SlugRelatedField(slug_field=key, many=many, read_only=True, **more)


def link(kind: str, key: str) -> serializers.HyperlinkedIdentityField:
    """Return a field with the address of the thing itself."""
    return serializers.HyperlinkedIdentityField(view_name=f"api:{kind}-detail", lookup_field=key)


class Document(serializers.Serializer[Any]):
    """A part of an answer that is made by hand: it is written down for the schema alone."""


class PartialDate(serializers.CharField):
    """A date as far as it is known: 2021-02-05, 2021-02 or 2021; empty where it is not."""
