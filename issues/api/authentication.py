"""Who a program is: its person by a token, with no more than the token's scope; and who may write at all."""

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
from members.tokens import holder_of

CHALLENGE = 'Bearer realm="JSI tracker"'


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[Any, AccessToken] | None:
        """Return person and token, None without one; raises AuthenticationFailed for one that opens nothing."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        token = holder_of(key.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed("This token opens nothing: mistyped, revoked or expired.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class SessionAuthentication(DRFSessionAuthentication):
    """The session of the pages; what it writes brings the CSRF token of the site."""


class WritePermission(BasePermission):
    """Everybody reads; who writes is signed in, and a token has to allow it."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the request may go on; raises NotAuthenticated, or Problem that says why not."""
        token: Any = request.auth
        if token is not None:
            _require_second_factor(token)
        if request.method in SAFE_METHODS:
            return True
        if not request.user.is_authenticated:
            raise NotAuthenticated("Writing wants somebody: send a token.")
        if token is not None and token.scope != AccessToken.Scope.WRITE:
            raise Problem("insufficient_scope", "This token may only read.")
        return True


def _require_second_factor(token: AccessToken) -> None:
    """Raise Problem for somebody who may write now by a token that no second factor stands behind."""
    if not settings.SECOND_FACTOR_REQUIRED or token.second_factor:
        return
    user: Any = token.user
    if user.is_staff or user.is_superuser or reader_of(user).may_write:
        raise Problem(
            "second_factor_required",
            "Who may write here has a second factor, and this token was made without one: make another.",
        )
