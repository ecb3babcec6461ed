"""Paths of pages, for modules in lower layers, which know only the names of routes and their arguments."""

from django.urls import reverse
from django.utils.http import urlencode

from issues.models.page_links import PageLink


def page_path(link: PageLink) -> str:
    """Return the path to which `link` leads."""
    path = reverse(link.route, args=link.args)
    if link.query:
        path = f"{path}?{urlencode(link.query)}"
    return f"{path}#{link.fragment}" if link.fragment else path
