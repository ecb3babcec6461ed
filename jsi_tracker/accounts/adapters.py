"""What allauth asks this site: who may sign in and register, how secrets are kept, whom single sign-on lets in."""

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
from members.demonstration import is_refused
from members.plain_text import written_out

TOO_MANY = gettext_lazy(
    "Too many failed attempts. Wait 15 minutes, or reset your password by e-mail. If neither "
    "works, contact the secretariat."
)
MISMATCH = gettext_lazy(
    "Incorrect user name or password. After five failed attempts the account is locked for 15 minutes."
)

# What seeds of second factors are encrypted for.
# Part of the key: stored seeds could not be decrypted under another name.
SEEDS = "jsi_tracker.second_factor"
OTHER_KEY = gettext_lazy(
    "This second factor was set up under a different secret key of the site. The secretariat can reset it."
)


class AccountAdapter(DefaultAccountAdapter):
    """Nobody registers without an invitation; failures count per account, however it is written."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
        "username_password_mismatch": MISMATCH,
        "email_password_mismatch": MISMATCH,
        "incorrect_code": gettext_lazy("This code is incorrect or has already been used. Wait for the next code."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts come from invitations, and from the admin."""
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Turn away who may not sign in, whatever they signed in with."""
        if is_refused(user):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def render_mail(self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None) -> Any:
        """Return a mail, its subject on one line, with nothing in it that misleads: names in it are people's own."""
        mail = super().render_mail(template_prefix, email, context, headers)
        mail.subject = written_out(" ".join(mail.subject.split()))
        mail.body = written_out(mail.body)
        return mail

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the page of the account."""
        return str(redirect("account").url)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Return what failures are counted under: the account, else what was typed.

        Allauth counts user name and e-mail apart, and every host of the site, so that one account would have several
        times the attempts.
        """
        typed = str(credentials.get("email") or credentials.get("username") or "").lower()
        users = filter_users_by_email(typed, prefer_verified=True) or [get_user_by_username(typed)]
        return f"user {users[0].pk}" if users[0] else f"typed {typed}"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seeds of second factors are encrypted with the secret key: a copy of the database gives none of them away."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Return what a passkey is called until somebody names it."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def encrypt(self, text: str) -> str:
        return fernet_for(SEEDS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return fernet_for(SEEDS).decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ValidationError(OTHER_KEY) from error


class OpenIDConnectAdapter(DefaultSocialAccountAdapter):
    """Single sign-on opens an account that is there, by an address that both sides have verified; it makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse to tie an identity to whoever is signed in: the address decides, nothing else."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise ImmediateHttpResponse(render(request, "socialaccount/authentication_error.html", status=403))

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Whether the address is one that the secretariat vouches for: allauth asks the provider alone."""
        verified = EmailAddress.objects.filter(email=email.lower(), verified=True).exists()
        return verified and super().can_authenticate_by_email(login, email)
