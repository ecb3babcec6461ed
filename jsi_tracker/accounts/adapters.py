"""Adapters for allauth that customize login and sign-up, the encryption of second factors, and single sign-on."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy

from issues.sync.encryption import fernet_for
from members.demonstration import is_blocked_demo_user
from members.plain_text import sanitize

TOO_MANY = gettext_lazy(
    "Too many failed attempts. Wait 15 minutes, or reset your password by e-mail. If neither "
    "works, contact the secretariat."
)
MISMATCH = gettext_lazy(
    "Incorrect user name or password. After five failed attempts the account is locked for 15 minutes."
)

# The purpose for which the encryption key is derived. Changing this string would make stored secrets unreadable.
SEEDS = "jsi_tracker.second_factor"
OTHER_KEY = gettext_lazy(
    "This second factor was set up when the site used a different secret key. The secretariat can reset it."
)


class AccountAdapter(DefaultAccountAdapter):
    """An adapter that disables sign-up and counts failed logins by user name and by e-mail address together."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
        "username_password_mismatch": MISMATCH,
        "email_password_mismatch": MISMATCH,
        "incorrect_code": gettext_lazy("This code is incorrect or has already been used. Wait for the next code."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False, because accounts are created only by invitation or in the admin."""
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Return an error response for a blocked demonstration user, regardless of the login method."""
        if is_blocked_demo_user(user):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def render_mail(self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None) -> Any:
        """Return the mail with its subject and body sanitized, because they contain names chosen by users."""
        mail = super().render_mail(template_prefix, email, context, headers)
        mail.subject = sanitize(" ".join(mail.subject.split()))
        mail.body = sanitize(mail.body)
        return mail

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the URL of the account page."""
        return str(redirect("account").url)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Return the key under which failed logins are counted.

        The key identifies the account or, if no account matches, contains the name that was entered. Allauth would
        count user names, e-mail addresses and hosts of the site separately, which would multiply the attempts allowed
        for an account.
        """
        login = str(credentials.get("email") or credentials.get("username") or "").lower()
        users = filter_users_by_email(login, prefer_verified=True) or [get_user_by_username(login)]
        return f"user {users[0].pk}" if users[0] else f"typed {login}"


class SecondFactorAdapter(DefaultMFAAdapter):
    """An adapter that encrypts the secrets of second factors, so that a copy of the database does not reveal them."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Return the default name of a new passkey."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def encrypt(self, text: str) -> str:
        """Return `text` encrypted."""
        return fernet_for(SEEDS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the decrypted text. Raises ValidationError if the text was encrypted with another secret key."""
        try:
            return fernet_for(SEEDS).decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ValidationError(OTHER_KEY) from error


class OpenIDConnectAdapter(DefaultSocialAccountAdapter):
    """An adapter for single sign-on to existing accounts.

    The e-mail address must be verified both by the provider and on this site. No accounts are created.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Return False."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Reject requests to connect an identity to the current account.

        Identities are connected to accounts only through a verified e-mail address.
        """
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise ImmediateHttpResponse(render(request, "socialaccount/authentication_error.html", status=403))

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Return whether the address is also verified on this site, since allauth checks only the provider's claim."""
        verified = EmailAddress.objects.filter(email=email.lower(), verified=True).exists()
        return verified and super().can_authenticate_by_email(login, email)
