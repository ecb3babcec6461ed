"""A template tag for the input of a form that could not be processed."""

from typing import Any

from django import template

from jsi_tracker.middleware.kept_forms import kept_form

register = template.Library()


@register.inclusion_tag("_kept.html", takes_context=True)
def kept_words(context: dict[str, Any]) -> dict[str, Any]:
    """Return the context for showing the input so that it can be copied, without a button for resubmission."""
    request = context.get("request")
    kept = kept_form(request) if request is not None else None
    return {"kept": kept if kept is not None and kept.is_typed else None, "only_words": True}
