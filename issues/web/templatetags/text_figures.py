"""Template tags for shares, trends and problems in texts."""

from django import template
from django.utils.safestring import SafeString

from bracketed_text import Diagnostic
from issues.reports.convergence import Standing
from issues.web.small_charts import percent, share_bar, sparkline
from issues.wording import diagnostic_hint, diagnostic_message

register = template.Library()


@register.filter
def as_percent(share: float | None) -> str:
    """Return a share as "87 %"."""
    return percent(share)


@register.filter
def message(diagnostic: Diagnostic) -> str:
    """Return the description of a problem in a text, in the reader's language."""
    return diagnostic_message(diagnostic)


@register.filter
def hint(diagnostic: Diagnostic) -> str:
    """Return advice on how to correct the text, in the reader's language."""
    return diagnostic_hint(diagnostic)


@register.simple_tag
def clean_bar(share: float | None) -> SafeString:
    """Return a bar filled in proportion to the clean share."""
    return share_bar(share)


@register.simple_tag
def trend(standing: Standing) -> SafeString:
    """Return the clean share over time as a small chart."""
    return sparkline(standing.trend, demonstration=standing.demonstration)
