"""Middleware that keeps the date selected by the reader in all links and forms of a page.

A page as of a past date contains about a hundred links, in the menu as well as in the text. If one of them dropped the
date, the reader would continue on a page of another day without noticing.
"""

import datetime
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape

from issues.filters.days import parse_day, parse_moment

PARAMETERS = ("as_of", "known_at")
# Paths that show no dated record: accounts, the admin, feeds, files, and the API, whose clients state the date.
WITHOUT_DATE = re.compile(r"/(?:negotiations/[^/]+/)?(?:accounts|admin|api|static|feeds|language|calendar\.ics)\b")
# A link to a path of this site. Links that begin with “?” were made from the query of the page.
LINK = re.compile(r'(<a\b[^>]*?\bhref=")(/(?!/)[^"]*)(")')
FORM = re.compile(r'<form\b[^>]*\bmethod="get"[^>]*>(?:(?!</form>).)*', re.DOTALL)
ACTION = re.compile(r'^<form\b[^>]*\baction="(/[^"]*)"')


class DayLinksMiddleware:
    """Middleware that adds the selected date to the links, forms and redirects of pages for which it was selected."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        selected = selected_query(request)
        if not selected or WITHOUT_DATE.match(request.path_info):
            return response
        if response.has_header("Location"):
            response["Location"] = with_date(response["Location"], selected)
        elif not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            response.content = keep_date(response.content.decode(), selected)
        return response


def selected_query(request: HttpRequest) -> dict[str, str]:
    """Return the parameters with which the reader selected a date, without invalid values."""
    selected = {name: request.GET.get(name, "").strip() for name in PARAMETERS}
    try:
        parse_day(selected["as_of"])
        parse_moment(selected["known_at"])
    except ValidationError:
        return {}
    return {name: value for name, value in selected.items() if value}


def selected_day(request: HttpRequest) -> datetime.date | None:
    """Return the date that the reader selected, or None."""
    return parse_day(selected_query(request).get("as_of"))


def keep_date(page: str, selected: dict[str, str]) -> str:
    """Return a page whose links and forms contain the selected date."""

    def link(match: re.Match[str]) -> str:
        address = with_date(match[2].replace("&amp;", "&"), selected)
        return match[1] + address.replace("&", "&amp;") + match[3]

    def form(match: re.Match[str]) -> str:
        action = ACTION.match(match[0])
        if action and WITHOUT_DATE.match(action[1]):
            return match[0]
        missing = [name for name in selected if f'name="{name}"' not in match[0]]
        return match[0] + "".join(
            f'<input type="hidden" name="{name}" value="{escape(selected[name])}">' for name in missing
        )

    return FORM.sub(form, LINK.sub(link, page))


def with_date(address: str, selected: dict[str, str]) -> str:
    """Return the address of a page of this site with the selected date, unless it has a date of its own."""
    path, mark, fragment = address.partition("#")
    path, _, query = path.partition("?")
    if not path.startswith("/") or path.startswith("//") or WITHOUT_DATE.match(path):
        return address
    named = {name for name, _value in parse_qsl(query, keep_blank_values=True)}
    if "as_of" in named:
        return address
    added = urlencode({name: value for name, value in selected.items() if name not in named})
    return f"{path}?{'&'.join(part for part in (query, added) if part)}{mark}{fragment}"
