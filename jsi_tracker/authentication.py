"""Who may sign in."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from members.demonstration import is_refused


class SiteBackend(AuthenticationBackend):
    """Allauth's rules, by user name or e-mail; besides, a demonstration user never signs in in production.

    The adapter asks the same, because a passkey or single sign-on passes no backend.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        return not is_refused(user) and bool(super().user_can_authenticate(user))
