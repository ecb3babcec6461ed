"""Preserve the input of a form that could not be processed, and offer it for resubmission on the error page.

Input is preserved if the session has ended, the form is older than the login, a permission has been revoked, or a
server error occurs (`jsi_tracker.error_views`). The following rules apply:

- Nothing is resubmitted automatically, and the page shows all values that would be sent. Forms sent by another site
  are not preserved, because that site could trick a user into submitting its text.
- Passwords, codes and input longer than `MAX_LENGTH` are not preserved.
- The code makes no database queries, because it must work while the database is unavailable.
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

from jsi_tracker.middleware.language import API_PREFIX

# Forms below this path contain passwords and codes and are therefore not preserved.
ACCOUNT_PATH = "/accounts/"
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # the name of a field
# The maximum length in characters, which suffices for the longest text, the text to merge with it, and other fields.
MAX_LENGTH = 3_000_000
MAX_FIELDS = 1000
# Labels of the fields in which users write. Other fields are shown under their names.
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
    "url": _("URL"),
    "whole": _("The whole text"),
    "words": _("Words"),
    "written": _("Your text"),
}
# Longer values and values of several lines are shown in a text area. The limit is the length of a UUID.
MAX_LINE_LENGTH = 36


@dataclass(frozen=True)
class KeptField:
    """A submitted value with its label on the page."""

    name: str
    value: str
    label: str | Promise = field(repr=False)

    @property
    def is_long(self) -> bool:
        """Whether the value is shown in a text area."""
        return len(self.value) > MAX_LINE_LENGTH or "\n" in self.value

    @property
    def is_typed(self) -> bool:
        """Whether the user wrote the value. Choices, dates and hidden values do not count."""
        return bool(self.value.strip()) and (self.name in LABELS or any(map(str.isspace, self.value.strip())))


@dataclass(frozen=True)
class KeptForm:
    """The submitted values of a form, with the URL to which they can be resubmitted.

    `has_file` is set if a file was uploaded with the form. Files are not preserved.
    """

    url: str
    fields: list[KeptField]
    token: str = field(repr=False)
    has_file: bool = False

    @property
    def is_typed(self) -> bool:
        """Whether the user wrote any of the values."""
        return any(value.is_typed for value in self.fields)


def kept_form(request: HttpRequest) -> KeptForm | None:
    """Return the submitted form, or None if no input can be preserved. The function does not raise exceptions."""
    if (
        request.method != "POST"
        or request.path_info.startswith((ACCOUNT_PATH, API_PREFIX))
        or not is_same_origin(request)
    ):
        return None
    try:
        values = [(name, str(value)) for name, items in request.POST.lists() for value in items]
        has_file = bool(request.FILES)
    except Exception:  # the body is incomplete or too large, so no input can be preserved
        return None
    if len(values) > MAX_FIELDS or sum(len(name) + len(value) for name, value in values) > MAX_LENGTH:
        return None
    fields = [
        KeptField(name, value, LABELS.get(name, name))
        for name, value in values
        if name != TOKEN and "password" not in name
    ]
    return KeptForm(request.get_full_path(), fields, request.POST.get(TOKEN, ""), has_file)


def is_same_origin(request: HttpRequest) -> bool:
    """Return whether the headers prove that a page of this site sent the request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin == f"{request.scheme}://{request.get_host()}" or origin in settings.CSRF_TRUSTED_ORIGINS


class KeptFormMiddleware:
    """Middleware that shows the submitted form instead of redirecting to the login page, which would lose the input.

    If the user wrote nothing, the redirect remains, and the user returns to the page with the form after logging in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or request.path_info.startswith((ACCOUNT_PATH, API_PREFIX)):
            return response
        url = _sign_in_url(response)
        return response if url is None else _sign_in_first(request, url)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a failed CSRF check, with the submitted form if a page of this site sent it."""
    if _is_preview_request(request):
        url = f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: _form_page(request)})}"
        return _preview_unavailable(request, is_old=True, sign_in_url=url)
    kept = kept_form(request)
    return render(request, "403_csrf.html", {"kept": kept if kept is not None and kept.is_typed else None}, status=403)


def _sign_in_url(response: HttpResponse) -> str | None:
    """Return the target of the response if it redirects to the login or second-factor page, else None."""
    url = str(response.headers.get("Location", response.headers.get("HX-Redirect", "")))
    path = urlsplit(url).path
    return url if path.startswith(reverse("account")) or path == reverse("admin:login") else None


def _sign_in_first(request: HttpRequest, url: str) -> HttpResponse:
    parts = urlsplit(url)
    login_url = f"{parts.path}?{urlencode({REDIRECT_FIELD_NAME: _form_page(request)})}" if parts.query else url
    if _is_preview_request(request):
        return _preview_unavailable(request, sign_in_url=login_url)
    kept = kept_form(request)
    if kept is not None and kept.is_typed:
        return render(request, "signed_out.html", {"kept": kept, "sign_in_url": login_url}, status=403)
    return HttpResponseClientRedirect(login_url) if "HX-Request" in request.headers else HttpResponseRedirect(login_url)


def _is_preview_request(request: HttpRequest) -> bool:
    """Return whether the editor requested a preview while the user was typing."""
    return request.headers.get("HX-Target") == "check"


def _preview_unavailable(request: HttpRequest, **context: Any) -> HttpResponse:
    """Return the message that the editor shows in place of the preview."""
    return render(request, "_no_check.html", context, status=403)


def _form_page(request: HttpRequest) -> str:
    """Return the path of the page with the form, which, unlike the form's target, can be requested with GET."""
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc == request.get_host() and referer.scheme in ("http", "https"):
        return referer.path + (f"?{referer.query}" if referer.query else "")
    return request.get_full_path()
