"""Demonstration users, whose password is public: they cannot log in to a production site."""

from typing import Any

from django.conf import settings

# The e-mail domain of demonstration users. It is reserved, so no real address can use it (RFC 2606).
DOMAIN = "@demonstration.invalid"


def is_blocked_demo_user(user: Any) -> bool:
    """Whether `user` is a demonstration user and this is a production site."""
    return bool(settings.PRODUCTION) and str(getattr(user, "email", "")).endswith(DOMAIN)
