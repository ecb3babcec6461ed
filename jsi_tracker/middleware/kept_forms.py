"""What was typed into a form that could not be taken is given back with the reason, to be sent again at a press.

That is so when the session has ended, when the form is older than the sign-in, when a right was lost meanwhile, and
when something fails on our side (`failures`). Rules:

- Nothing is sent again by itself, and all that would be sent is shown. A form that another site sent is not given back:
  that site could have somebody put its words on record.
- Passwords and codes are not given back, nor is more than `LONGEST`.
- No query: it has to work without a database.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect

from jsi_tracker.middleware.language import PROGRAMS

# Passwords and codes are not given back.
SECRETS = "/accounts/"
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # the name of a field
# A page gives back up to so many characters: a text of the greatest length, and the one that it is merged with.
LONGEST = 3_000_000
MOST_FIELDS = 1000
# What is written as prose, in whatever form; all else is shown under its own name.
LABELS: dict[str, str | Promise] = {
    "answer": _("Response"),
    "name": _("Name"),
    "note": _("Note"),
    "reason": _("Reason"),
    "source": _("Source"),
    "stated_by": _("Stated by"),
    "summary": _("Summary in one sentence"),
    "symbol": _("Document symbol"),
    "text": _("Text"),
    "title": _("Title"),
    "until": _("Parked until"),
    "url": _("Address"),
    "whole": _("The whole text"),
    "words": _("Words"),
    "written": _("Your text"),
}
# Longer values, and those of several lines, are shown in a box; the mark of an entry (a UUID) is not.
ONE_LINE = 36


@dataclass(frozen=True)
class KeptField:
    """One value that was sent, and what it is called on the page."""

    name: str
    value: str
    label: str | Promise = field(repr=False)

    @property
    def is_long(self) -> bool:
        """Whether a box shows it, not a line."""
        return len(self.value) > ONE_LINE or "\n" in self.value

    @property
    def is_typed(self) -> bool:
        """Whether somebody wrote it: as opposed to a choice, a day, or a number that the page has put there."""
        return bool(self.value.strip()) and (self.name in LABELS or any(map(str.isspace, self.value.strip())))


@dataclass(frozen=True)
class KeptForm:
    """What a form sent, and where it is sent again. `has_file`: a file was with it, which is not kept."""

    url: str
    fields: list[KeptField]
    token: str = field(repr=False)
    has_file: bool = False

    @property
    def is_typed(self) -> bool:
        """Whether anything in it was written by somebody."""
        return any(kept.is_typed for kept in self.fields)


def kept_form(request: HttpRequest) -> KeptForm | None:
    """Return what a form of this site sent, None where nothing is to be given back. Never raises."""
    if request.method != "POST" or request.path_info.startswith((SECRETS, PROGRAMS)) or not came_from_here(request):
        return None
    try:
        sent = [(name, str(value)) for name, values in request.POST.lists() for value in values]
        has_file = bool(request.FILES)
    except Exception:  # it broke off, or is too large: there is nothing to give back
        return None
    if len(sent) > MOST_FIELDS or sum(len(name) + len(value) for name, value in sent) > LONGEST:
        return None
    fields = [
        KeptField(name, value, LABELS.get(name, name))
        for name, value in sent
        if name != TOKEN and "password" not in name
    ]
    return KeptForm(request.get_full_path(), fields, request.POST.get(TOKEN, ""), has_file)


def came_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the request; what says nothing is not taken for it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin == f"{request.scheme}://{request.get_host()}" or origin in settings.CSRF_TRUSTED_ORIGINS


class KeptForms:
    """Answers with what was typed where somebody who has to sign in first would be sent away from it.

    A press with nothing typed leads to signing in, and back to the page on which it stood.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or request.path_info.startswith((SECRETS, PROGRAMS)):
            return response
        url = _sign_in_url(response)
        return response if url is None else _sign_in_first(request, url)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form is older than the sign-in, or came from elsewhere; give back what was typed here."""
    if _is_live_check(request):
        url = f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: _page_of(request)})}"
        return _no_check(request, is_old=True, sign_in_url=url)
    kept = kept_form(request)
    return render(request, "403_csrf.html", {"kept": kept if kept is not None and kept.is_typed else None}, status=403)


def _sign_in_url(response: HttpResponse) -> str | None:
    """Return the page on which one signs in, or shows a second factor, if the response leads there."""
    url = str(response.headers.get("Location", response.headers.get("HX-Redirect", "")))
    path = urlsplit(url).path
    return url if path.startswith(reverse("account")) or path == reverse("admin:login") else None


def _sign_in_first(request: HttpRequest, url: str) -> HttpResponse:
    parts = urlsplit(url)
    again = f"{parts.path}?{urlencode({REDIRECT_FIELD_NAME: _page_of(request)})}" if parts.query else url
    if _is_live_check(request):
        return _no_check(request, sign_in_url=again)
    kept = kept_form(request)
    if kept is not None and kept.is_typed:
        return render(request, "signed_out.html", {"kept": kept, "sign_in_url": again}, status=403)
    return HttpResponseClientRedirect(again) if "HX-Request" in request.headers else HttpResponseRedirect(again)


def _is_live_check(request: HttpRequest) -> bool:
    """Whether the editor asks while somebody types."""
    return request.headers.get("HX-Target") == "check"


def _no_check(request: HttpRequest, **context: Any) -> HttpResponse:
    """Say in the place of the check why there is none."""
    return render(request, "_no_check.html", context, status=403)


def _page_of(request: HttpRequest) -> str:
    """Return the page from which a form was sent: not every URL that takes one can be read."""
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc == request.get_host() and referer.scheme in ("http", "https"):
        return referer.path + (f"?{referer.query}" if referer.query else "")
    return request.get_full_path()
