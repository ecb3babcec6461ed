"""Whom to tell of a hole: `/.well-known/security.txt` (RFC 9116)."""

import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

# It says until when it holds; by then it has been asked for again.
HOLDS_FOR = datetime.timedelta(days=30)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say what SECURITY_CONTACT says; 404 where nobody is named."""
    contact = settings.SECURITY_CONTACT
    if not contact:
        raise Http404("Nobody is named.")
    if "@" in contact and ":" not in contact:
        contact = f"mailto:{contact}"
    until = (timezone.now() + HOLDS_FOR).astimezone(datetime.UTC)
    lines = [
        f"Contact: {contact}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _ in settings.LANGUAGES)}",
        f"Canonical: {request.build_absolute_uri(reverse('security-txt'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
