"""Second factors, which users who may write must have if SECOND_FACTOR_REQUIRED is on.

A session records the user whose second factor was verified during the session. If a required second factor has not been
verified, the middleware redirects the user to the page for entering or setting up a factor. For API requests, it
returns an error instead.
"""

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

# The session key for the user whose second factor was verified. Allauth's list of authentication methods cannot be used
# instead, because it omits a factor that has just been set up and retains a factor that has been removed.
SESSION_KEY = "second_factor_of"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

ALWAYS_ALLOWED = {"account_logout", "account_inactive"}
# Views available before a user enters an existing second factor. With the password alone, users cannot change a factor.
CHALLENGE_VIEWS = ALWAYS_ALLOWED | {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
# Views available to users without a second factor until they set up a factor.
SETUP_VIEWS = ALWAYS_ALLOWED | {
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
    """Connect the functions that update the session after a second factor has been added, used or removed."""
    authenticator_added.connect(_verified, dispatch_uid="jsi_tracker.accounts.second_factor.added")
    authenticator_used.connect(_verified, dispatch_uid="jsi_tracker.accounts.second_factor.used")
    authenticator_removed.connect(_removed, dispatch_uid="jsi_tracker.accounts.second_factor.removed")


def has_second_factor(user: Any) -> bool:
    """Return whether `user` has set up an authenticator app or a passkey. Recovery codes alone do not count."""
    return bool(Authenticator.objects.filter(user=user.pk, type__in=FACTORS).exists())


def requires_second_factor(user: Any) -> bool:
    """Return whether `user` may write on the site or in the admin and therefore needs a second factor."""
    return bool(user.is_authenticated and (user.is_staff or user.is_superuser or reader_of(user).may_write))


def session_has_second_factor(request: HttpRequest) -> bool:
    """Return whether the user's second factor has been verified in the session of `request`."""
    return bool(request.session.get(SESSION_KEY) == str(request.user.pk))


def _verified(request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    """Mark the session after a factor has been set up or used, or a recovery code has been used instead of a factor.

    Recovery codes count only if the user has a factor, because a user without a factor can generate them with the
    password alone.
    """
    used = kwargs["signal"] is authenticator_used
    if authenticator.type in FACTORS or (used and has_second_factor(user)):
        request.session[SESSION_KEY] = str(user.pk)


def _removed(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Unmark this session and end all other sessions of the user if no factor remains."""
    if not has_second_factor(user):
        request.session.pop(SESSION_KEY, None)
        end_other_sessions(request, user)


class SecondFactorMiddleware:
    """Middleware that requires users with write access to use a second factor if SECOND_FACTOR_REQUIRED is on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Return a redirect or an API error if the user must first enter or set up a second factor, else None."""
        user = request.user
        if not settings.SECOND_FACTOR_REQUIRED or not user.is_authenticated:
            return None
        if session_has_second_factor(request) or not requires_second_factor(user):
            return None
        has_factor = has_second_factor(user)
        assert request.resolver_match is not None  # set before `process_view`
        if request.resolver_match.view_name in (CHALLENGE_VIEWS if has_factor else SETUP_VIEWS):
            return None
        return _require_factor(request, has_factor)


def _require_factor(request: HttpRequest, has_factor: bool) -> HttpResponse:
    url = _challenge_url(request) if has_factor else reverse("mfa_index")
    if request.path.startswith(reverse("api:api-root")):
        step = "Use your second factor" if has_factor else "Set up a second factor"
        detail = f"Users who may write must log in with a second factor. {step} at {request.build_absolute_uri(url)}"
        return problem_response(Problem("second_factor_required", detail), request)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def _challenge_url(request: HttpRequest) -> str:
    """Return the URL of the page that verifies the factor.

    After verification, that page redirects to the current page if it was requested by GET, and otherwise to `/`.
    """
    codes = Authenticator.objects.filter(user=request.user.pk, type=Authenticator.Type.TOTP).exists()
    page = reverse("mfa_reauthenticate" if codes else "mfa_reauthenticate_webauthn")
    return f"{page}?{urlencode({'next': request.get_full_path() if request.method == 'GET' else '/'})}"
