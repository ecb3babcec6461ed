"""Demonstration users, whose password was printed: nobody in production, wherever they were left."""

from typing import Any

from django.conf import settings

# The mail addresses of demonstration users end like this; no real address can (RFC 2606).
DOMAIN = "@demonstration.invalid"


def is_refused(user: Any) -> bool:
    """Whether `user` is a demonstration user that was left in the database of a production site."""
    return bool(settings.PRODUCTION) and str(getattr(user, "email", "")).endswith(DOMAIN)
