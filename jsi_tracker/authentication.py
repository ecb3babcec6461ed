"""The authentication backend."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from members.demonstration import is_blocked_demo_user


class SiteBackend(AuthenticationBackend):
    """Allauth's backend with an additional check that rejects demonstration users in production.

    The adapter repeats the check, because passkeys and single sign-on bypass the backend.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        """Return whether `user` is active and is not a blocked demonstration user."""
        return not is_blocked_demo_user(user) and bool(super().user_can_authenticate(user))
