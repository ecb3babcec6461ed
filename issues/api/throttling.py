"""How often one may ask: counted for each token or session, and for each address of those who bring neither.

Fixed windows, in a cache of its own: Redis where the site has one, which all workers share; else the memory of each
worker, so that a site of two workers lets through up to twice as much. It guards the service; it is no account.
"""

import time
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import caches
from rest_framework.exceptions import Throttled
from rest_framework.throttling import BaseThrottle

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Allowance(NamedTuple):
    """How many requests there are in a window, how many are left, and seconds until the next; `wait` where none is."""

    limit: int
    left: int
    reset: int
    wait: int


UNLIMITED = Allowance(0, 0, 0, 0)


def take(request: Any, account: str) -> Allowance:
    """Count one request of `account`, or of the address of `request` where that is ""."""
    limit, seconds = rate_of(settings.API_RATE_ACCOUNT if account else settings.API_RATE_ADDRESS)
    if not limit:
        return UNLIMITED
    now = int(time.time())
    reset = seconds - now % seconds
    key = f"api-rate:{account or address_of(request)}:{now // seconds}"
    counts = caches["limits"]
    counts.add(key, 0, timeout=seconds)
    try:
        used = counts.incr(key)
    except ValueError:  # it was culled between the two
        used = 1
    return Allowance(limit, max(0, limit - used), reset, reset if used > limit else 0)


def rate_of(rate: str) -> tuple[int, int]:
    """Return requests and seconds of a rate such as "600/minute"; (0, 0) for "off"."""
    if rate == "off":
        return 0, 0
    number, _, unit = rate.partition("/")
    return int(number), UNITS[unit]


def address_of(request: Any) -> str:
    """Return the address that a request came from, behind as many proxies as the site trusts."""
    return str(_Identity().get_ident(request))


class _Identity(BaseThrottle):
    """REST framework's way to read X-Forwarded-For, with its setting NUM_PROXIES."""


def say(answer: Any, allowance: Allowance) -> None:
    """Put on an answer how many requests are left."""
    if allowance.limit:
        answer["RateLimit-Limit"] = str(allowance.limit)
        answer["RateLimit-Remaining"] = str(allowance.left)
        answer["RateLimit-Reset"] = str(allowance.reset)


def require(allowance: Allowance) -> None:
    """Raise Throttled where nothing is left."""
    if allowance.wait:
        raise Throttled(wait=allowance.wait, detail=f"{allowance.limit} requests were made in this window.")
