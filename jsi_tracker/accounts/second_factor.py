"""Second factors: required of those who may write, where SECOND_FACTOR_REQUIRED is on."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_used
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from issues.access.roles import reader_of
from issues.api.errors import Problem, problem_response

# In a session: the user whose second factor it has seen. Allauth's own list of methods does not know that somebody
# who has just set one up has used it, too, and keeps what was used after it was taken away.
MARK = "second_factor_of"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

LEAVE = {"account_logout", "account_inactive"}
# With a second factor, the only way on is to use it: by the password alone nobody may change it.
CHALLENGE = LEAVE | {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
# Without one, it has to be set up first.
SET_UP = LEAVE | {
    "account",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "accept_invitation",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
    "sessions",
}


def connect() -> None:
    """Keep the mark in the session in step with what allauth reports."""
    authenticator_added.connect(_seen, dispatch_uid="jsi_tracker.accounts.second_factor.added")
    authenticator_used.connect(_seen, dispatch_uid="jsi_tracker.accounts.second_factor.used")
    authenticator_removed.connect(_gone, dispatch_uid="jsi_tracker.accounts.second_factor.removed")


def has_second_factor(user: Any) -> bool:
    """Whether `user` has set up an app or a passkey; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=user.pk, type__in=FACTORS).exists())


def must_have_second_factor(user: Any) -> bool:
    """Whether `user` may write anything, here or in the admin, so that a password alone is not enough."""
    return bool(user.is_authenticated and (user.is_staff or user.is_superuser or reader_of(user).may_write))


def has_been_seen(request: HttpRequest) -> bool:
    """Whether the session of `request` has seen a second factor of its user."""
    return bool(request.session.get(MARK) == str(request.user.pk))


def _seen(request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    """Mark the session: a factor was set up or used, or a recovery code was used by somebody who has a factor.

    Recovery codes stand in for a factor that is not at hand. Where there is none, they are a list on paper, which
    whoever knows the password may have made.
    """
    used = kwargs["signal"] is authenticator_used
    if authenticator.type in FACTORS or (used and has_second_factor(user)):
        request.session[MARK] = str(user.pk)


def _gone(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Once the last factor is taken away, no session has seen one: this one sets up another, the others end."""
    if not has_second_factor(user):
        request.session.pop(MARK, None)
        end_other_sessions(request, user)


class SecondFactor:
    """Keeps those who may write, and whose session has seen no second factor, to setting one up or using it.

    Somebody who reads only is not concerned, nor is anybody where SECOND_FACTOR_REQUIRED is off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Answer instead of the page: to pages with the way to the second factor, to the API in words."""
        user = request.user
        if not settings.SECOND_FACTOR_REQUIRED or not user.is_authenticated:
            return None
        if has_been_seen(request) or not must_have_second_factor(user):
            return None
        has_one = has_second_factor(user)
        assert request.resolver_match is not None  # set before any view
        if request.resolver_match.view_name in (CHALLENGE if has_one else SET_UP):
            return None
        return _stop(request, has_one)


def _stop(request: HttpRequest, has_one: bool) -> HttpResponse:
    way = _challenge(request) if has_one else reverse("mfa_index")
    if request.path.startswith(reverse("api:api-root")):
        what = "Use your second factor" if has_one else "Set up a second factor"
        said = f"Who may write here signs in with a second factor. {what} at {request.build_absolute_uri(way)}"
        return problem_response(Problem("second_factor_required", said), request)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(way)
    return HttpResponseRedirect(way)


def _challenge(request: HttpRequest) -> str:
    """Return the page that asks for the factor that the user has, and leads back to a page that was read."""
    codes = Authenticator.objects.filter(user=request.user.pk, type=Authenticator.Type.TOTP).exists()
    page = reverse("mfa_reauthenticate" if codes else "mfa_reauthenticate_webauthn")
    return f"{page}?{urlencode({'next': request.get_full_path() if request.method == 'GET' else '/'})}"
