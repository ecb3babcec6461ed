"""Where somebody is signed in: kept up to date, and said in words."""

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

SEEN = "last_seen"
# Allauth's own middleware writes at every request; nobody needs to know it to the second.
EVERY = 300
BEGAN = "began"
# Seconds until somebody has to sign in again, however busy: a copy of a cookie is of no use for longer. A session that
# is not used ends after SESSION_COOKIE_AGE, a fortnight.
LONGEST = 30 * 24 * 3600

# What a browser says of itself, the more special first: Edge also calls itself Chrome, and Chrome Safari.
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


class LastSeen:
    """Notes address, browser and time of a signed-in session, every five minutes at most; ends one that is too old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._note(request)
        return self.get_response(request)

    def _note(self, request: HttpRequest) -> None:
        now = time.time()
        if now - request.session.get(BEGAN, now) > LONGEST:
            logout(request)
        elif now - request.session.get(SEEN, 0) > EVERY:
            try:
                UserSession.objects.create_from_request(request)
                request.session[SEEN] = now
                request.session.setdefault(BEGAN, now)
            except OperationalError:  # nothing can be written at the moment; reading goes on
                logger.warning("Where somebody is signed in was not noted", exc_info=True)


def forget_ended(user: Any) -> None:
    """Take from the list of `user` what has expired or was ended by logging out."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    UserSession.objects.filter(user=user).exclude(session_key__in=alive).delete()


def browser_of(user_agent: str) -> str:
    """Return what a person calls the browser, such as “Firefox on Windows”."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), gettext("Unknown browser"))
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if not system:
        return browser
    return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
