"""Who may sign in."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, User

# The mail addresses of demonstration users end like this; no real address can (RFC 2606).
DEMONSTRATION_DOMAIN = "@demonstration.invalid"


class SiteBackend(ModelBackend):
    """Django's own rules; besides, a demonstration user that was left in a database never signs in in production."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        demonstration = str(getattr(user, "email", "")).endswith(DEMONSTRATION_DOMAIN)
        if settings.PRODUCTION and demonstration:
            return False
        return super().user_can_authenticate(user)
