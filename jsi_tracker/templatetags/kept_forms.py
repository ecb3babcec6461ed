"""A template tag that shows the input of a form that could not be processed."""

from typing import Any

from django import template

from jsi_tracker.middleware.kept_forms import kept_form

register = template.Library()


@register.inclusion_tag("_kept.html", takes_context=True)
def kept_words(context: dict[str, Any]) -> dict[str, Any]:
    """Show the input for copying, without a button to resubmit it."""
    request = context.get("request")
    kept = kept_form(request) if request is not None else None
    return {"kept": kept if kept is not None and kept.is_typed else None, "only_words": True}
