"""Template filters for names and titles in the reader's language.

A name without a translation is shown in English and marked as English for screen readers and browsers.
"""

from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bracketed_text import parse
from issues.web.rendering import render
from members.models import local_language

register = template.Library()


@register.filter
def local_name(row: Any) -> SafeString:
    """Return the name of a negotiation, small group or lens as HTML."""
    return _marked(row, "name", escape(row.local_name)) if row else SafeString("")


@register.filter
def local_title(entry: Any) -> SafeString:
    """Return the title of a section, issue or sub-issue as HTML, with its brackets marked."""
    return _marked(entry, "title", render(parse(entry.local_title))) if entry else SafeString("")


def _marked(row: Any, field: str, html: SafeString) -> SafeString:
    """Return `html` with its language, if this is not the language of the page."""
    language = local_language(row, field)
    return html if language == (get_language() or "en") else format_html('<span lang="{}">{}</span>', language, html)
