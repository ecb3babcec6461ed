"""Demonstration users, whose password is public: they cannot log in to a production site."""

from typing import Any

from django.conf import settings

# The domain of their e-mail addresses, which no real address can have (RFC 2606).
DOMAIN = "@demonstration.invalid"


def is_blocked_demo_user(user: Any) -> bool:
    """Whether `user` is a demonstration user and this is a production site."""
    return bool(settings.PRODUCTION) and str(getattr(user, "email", "")).endswith(DOMAIN)
