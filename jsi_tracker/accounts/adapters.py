"""Adapters for allauth: login and sign-up, encryption of second factors, and single sign-on."""

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

# The purpose from which the encryption key of the secrets is derived. Changing it would make stored secrets unreadable.
SEEDS = "jsi_tracker.second_factor"
OTHER_KEY = gettext_lazy(
    "This second factor was set up under a different secret key of the site. The secretariat can reset it."
)


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up, and counts failed logins per account, whether by user name or e-mail address."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
        "username_password_mismatch": MISMATCH,
        "email_password_mismatch": MISMATCH,
        "incorrect_code": gettext_lazy("This code is incorrect or has already been used. Wait for the next code."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: accounts are created by invitation or in the admin."""
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Reject blocked demonstration users, whatever the login method."""
        if is_blocked_demo_user(user):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def render_mail(self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None) -> Any:
        """Return the mail with a sanitized subject and body, because it contains names that users chose."""
        mail = super().render_mail(template_prefix, email, context, headers)
        mail.subject = sanitize(" ".join(mail.subject.split()))
        mail.body = sanitize(mail.body)
        return mail

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the URL of the account page."""
        return str(redirect("account").url)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Return the key under which failed logins are counted: the account, or the entered name if no account matches.

        Allauth counts user names, e-mail addresses and hosts of the site separately, which would multiply the
        attempts allowed for an account.
        """
        login = str(credentials.get("email") or credentials.get("username") or "").lower()
        users = filter_users_by_email(login, prefer_verified=True) or [get_user_by_username(login)]
        return f"user {users[0].pk}" if users[0] else f"typed {login}"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts the secrets of second factors with the secret key, so a copy of the database does not reveal them."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Return the default name of a passkey."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def encrypt(self, text: str) -> str:
        """Return `text` encrypted."""
        return fernet_for(SEEDS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the decrypted text; raise ValidationError if another secret key encrypted it."""
        try:
            return fernet_for(SEEDS).decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ValidationError(OTHER_KEY) from error


class OpenIDConnectAdapter(DefaultSocialAccountAdapter):
    """Single sign-on to an existing account, by an e-mail address verified on both sides. It creates no accounts."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Return False."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Reject requests to connect an identity to the current account: only a verified address connects them."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise ImmediateHttpResponse(render(request, "socialaccount/authentication_error.html", status=403))

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Whether the address is verified on this site too; allauth checks only the provider's claim."""
        verified = EmailAddress.objects.filter(email=email.lower(), verified=True).exists()
        return verified and super().can_authenticate_by_email(login, email)
