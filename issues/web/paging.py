"""Lists in numbered pages."""

from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _


def page_of(request: HttpRequest, rows: Any, size: int) -> "Page[Any]":
    """Return the page of `rows` selected by `?page=`, by default the first. Raise Http404 for an invalid page."""
    value = request.GET.get("page") or 1
    try:
        return Paginator(rows, size).page(value)
    except InvalidPage:
        raise Http404(_("Invalid page “%(asked)s”.") % {"asked": value}) from None
