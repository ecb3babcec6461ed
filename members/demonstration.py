"""Demonstration users.

Their entries are invented, and they cannot log in to a production site because their password is public.
"""

from typing import Any

from django.conf import settings

# The e-mail domain of demonstration users. It is reserved by RFC 2606, so no real address can use it.
DOMAIN = "@demonstration.invalid"


def is_demo_user(user: Any) -> bool:
    """Return whether `user` is a demonstration user. What such a user records is invented."""
    return str(getattr(user, "email", "")).endswith(DOMAIN)


def is_blocked_demo_user(user: Any) -> bool:
    """Return whether `user` is a demonstration user and this is a production site."""
    return bool(settings.PRODUCTION) and is_demo_user(user)
