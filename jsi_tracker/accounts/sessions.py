"""Record the last activity of sessions, limit their age, and describe their browsers."""

import logging
import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

logger = logging.getLogger(__name__)

LAST_SEEN_KEY = "last_seen"
# Seconds between updates of the last activity. Allauth's own middleware would write to the database on every request.
UPDATE_INTERVAL = 300
STARTED_KEY = "began"
# Seconds after which even an active session ends, which limits the use of a stolen cookie. An inactive session ends
# after SESSION_COOKIE_AGE, which is two weeks.
MAX_AGE = 30 * 24 * 3600

# Markers in user agents, in order of precedence, because Edge also identifies itself as Chrome, and Chrome as Safari.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
]


class SessionActivityMiddleware:
    """Middleware that ends sessions older than MAX_AGE and records the activity of other sessions.

    At most every UPDATE_INTERVAL seconds, a session's IP address, browser and last activity are recorded.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._update(request)
        return self.get_response(request)

    def _update(self, request: HttpRequest) -> None:
        now = time.time()
        if now - request.session.get(STARTED_KEY, now) > MAX_AGE:
            logout(request)
        elif now - request.session.get(LAST_SEEN_KEY, 0) > UPDATE_INTERVAL:
            try:
                UserSession.objects.create_from_request(request)
                request.session[LAST_SEEN_KEY] = now
                request.session.setdefault(STARTED_KEY, now)
            except OperationalError:  # requests must succeed even while the database is read-only
                logger.warning("The activity of a session could not be recorded", exc_info=True)


def delete_ended(user: Any) -> None:
    """Delete expired and ended sessions from the list of sessions of `user`."""
    active = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    UserSession.objects.filter(user=user).exclude(session_key__in=active).delete()


def browser_name(user_agent: str) -> str:
    """Return the browser and operating system that a user agent denotes, such as “Firefox on Windows”."""
    browser = next((name for marker, name in BROWSERS if marker in user_agent), gettext("Unknown browser"))
    system = next((name for marker, name in SYSTEMS if marker in user_agent), "")
    if not system:
        return browser
    return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
