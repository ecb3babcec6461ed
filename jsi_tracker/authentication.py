"""Who may sign in."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings

# The mail addresses of demonstration users end like this; no real address can (RFC 2606).
DEMONSTRATION_DOMAIN = "@demonstration.invalid"


def is_refused(user: Any) -> bool:
    """Whether `user` is a demonstration user that was left in the database of a production site."""
    return bool(settings.PRODUCTION) and str(getattr(user, "email", "")).endswith(DEMONSTRATION_DOMAIN)


class SiteBackend(AuthenticationBackend):
    """Allauth's rules, by user name or e-mail; besides, a demonstration user never signs in in production.

    The adapter asks the same, because a passkey or single sign-on passes no backend.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        return not is_refused(user) and bool(super().user_can_authenticate(user))
