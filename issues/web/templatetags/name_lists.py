"""A template filter for lists of names."""

from collections.abc import Iterable

from django import template

from issues import wording

register = template.Library()


@register.filter
def joined(names: Iterable[str]) -> str:
    """Return the names joined by semicolons."""
    return wording.joined(names)
