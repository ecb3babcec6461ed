"""The page on which users create and revoke their access tokens."""

import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from issues.access.roles import reader_of
from jsi_tracker.accounts.forms import TokenForm
from jsi_tracker.accounts.second_factor import session_has_second_factor
from members.tokens import TooManyTokens, create_token, revoke_token


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List the user's tokens, revoke a token, or create a token and show its key once."""
    if request.method != "POST":
        return _page(request, _form(request))
    if "revoke" in request.POST:
        return _revoke(request)
    form = _form(request)
    if not form.is_valid():
        return _page(request, form, status=422)
    data = form.cleaned_data
    validity = datetime.timedelta(days=int(data["days"]))
    try:
        second_factor = session_has_second_factor(request)
        token, key = create_token(request.user, data["name"], data["scope"], validity, second_factor=second_factor)
    except TooManyTokens:
        form.add_error(None, _("You have reached the maximum number of tokens. Revoke a token first."))
        return _page(request, form, status=422)
    return _page(request, _form(request, fresh=True), key=key, made=token.name)


def _form(request: HttpRequest, *, fresh: bool = False) -> TokenForm:
    data = request.POST if request.method == "POST" and not fresh else None
    return TokenForm(data, can_write=reader_of(request.user).may_write)


def _revoke(request: HttpRequest) -> HttpResponse:
    key = request.POST["revoke"]
    pk = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0
    if revoke_token(request.user, pk):
        messages.success(request, _("Token revoked: programs that used it no longer have access."))
    else:
        messages.warning(request, _("This token no longer exists."))
    return redirect("tokens")


def _page(request: HttpRequest, form: TokenForm, status: int = 200, **made: str) -> HttpResponse:
    assert request.user.is_authenticated  # ensured by login_required
    context = {"form": form, "tokens": request.user.access_tokens.all(), "now": timezone.now(), **made}
    return render(request, "account/tokens.html", context, status=status)
