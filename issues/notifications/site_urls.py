"""Compose URLs of the site for e-mails and webhooks, for which there is no request."""

from django.conf import settings

from issues.models import Negotiation


def site_url(negotiation: Negotiation) -> str:
    """Return the URL under which the pages of `negotiation` are served, without a trailing slash."""
    return settings.SITE_URL.rstrip("/") + negotiation.path
