"""Template tags for the label of a bracket, as a link to its permanent address."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from issues.models import Variant
from issues.text.bracket_labels import BracketLabel

register = template.Library()


@register.simple_tag
def bracket_name(variant: Variant, labels: dict[int, BracketLabel]) -> SafeString:
    """Return the label of a bracket in its revision, as a link to the bracket."""
    label = labels.get(variant.pk)
    if label is None:
        return SafeString("")
    return format_html('<a class="bracket-name" href="{}">{}</a>', variant.path, label)
