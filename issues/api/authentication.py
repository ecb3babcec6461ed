"""Authentication by access token or session, and the permission to write."""

from typing import Any

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from issues.access.roles import reader_of
from issues.api.errors import Problem
from members.models import AccessToken
from members.tokens import valid_token

CHALLENGE = 'Bearer realm="JSI tracker"'


class TokenAuthentication(BaseAuthentication):
    """Authentication by the header `Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[Any, AccessToken] | None:
        """Return the user and the token, or None without the header. Raise AuthenticationFailed for a bad token."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        token = valid_token(key.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed("The token is invalid, revoked or expired.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class SessionAuthentication(DRFSessionAuthentication):
    """Authentication by the website's session. Requests that write must include a CSRF token."""


class WritePermission(BasePermission):
    """Permission for everyone to read and for signed-in users to write. To write, a token needs the scope `write`.

    If the site requires a second factor, users who may write cannot use a token that was created without one, even to
    read.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True if the request is allowed. Raise NotAuthenticated or Problem otherwise."""
        token: Any = request.auth
        if token is not None:
            _require_second_factor(token)
        if request.method in SAFE_METHODS:
            return True
        if not request.user.is_authenticated:
            raise NotAuthenticated("Writing requires authentication. Send a token.")
        if token is not None and token.scope != AccessToken.Scope.WRITE:
            raise Problem("insufficient_scope", "This token is read-only.")
        return True


def _require_second_factor(token: AccessToken) -> None:
    """Raise Problem if a user who may write uses a token that was created without a second factor."""
    if not settings.SECOND_FACTOR_REQUIRED or token.second_factor:
        return
    user: Any = token.user
    if user.is_staff or user.is_superuser or reader_of(user).may_write:
        raise Problem(
            "second_factor_required",
            "Users who may write need a second factor, but this token was created without one. Create a new token.",
        )
