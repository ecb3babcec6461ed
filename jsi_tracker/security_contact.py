"""Publish the contact for vulnerability reports in `/.well-known/security.txt` (RFC 9116)."""

import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

# The period for which a copy of the file is valid. Clients fetch a new copy before the old one expires.
VALIDITY = datetime.timedelta(days=30)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return security.txt with the contact in SECURITY_CONTACT. Raises Http404 if no contact is configured."""
    contact = settings.SECURITY_CONTACT
    if not contact:
        raise Http404("No contact is configured.")
    if "@" in contact and ":" not in contact:
        contact = f"mailto:{contact}"
    expires = (timezone.now() + VALIDITY).astimezone(datetime.UTC)
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _ in settings.LANGUAGES)}",
        f"Canonical: {request.build_absolute_uri(reverse('security-txt'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
