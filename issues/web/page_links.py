"""Paths of pages, for modules below the pages, which know only routes and arguments."""

from django.urls import reverse

from issues.models.page_links import PageLink


def page_path(link: PageLink) -> str:
    """Return the path of `link`."""
    path = reverse(link.route, args=link.args)
    return f"{path}#{link.fragment}" if link.fragment else path
