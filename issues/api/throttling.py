"""How often one may ask: counted for each token or session, and for each address of those who bring neither.

Fixed windows, in a cache of its own: Redis where the site has one, which all workers share; else the memory of each
worker, so that a site of two workers lets through up to twice as much. It guards the service; it is no account.
"""

import ipaddress
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


def count_api_request(request: Any, account: str) -> Allowance:
    """Count one request of `account` to the API, or of the address of `request` where that is ""."""
    return count_request(
        "api-rate", request, account, settings.API_RATE_ACCOUNT if account else settings.API_RATE_ADDRESS
    )


def count_request(name: str, request: Any, account: str, rate: str) -> Allowance:
    """Count one `what` of `account`, or of the address of `request` where that is "", of as many as `rate` allows."""
    limit, seconds = parse_rate(rate)
    if not limit:
        return UNLIMITED
    now = int(time.time())
    reset = seconds - now % seconds
    key = f"{name}:{account or client_ip_address(request)}:{now // seconds}"
    counts = caches["limits"]
    counts.add(key, 0, timeout=seconds)
    try:
        used = counts.incr(key)
    except ValueError:  # it was culled between the two
        used = 1
    return Allowance(limit, max(0, limit - used), reset, reset if used > limit else 0)


def parse_rate(rate: str) -> tuple[int, int]:
    """Return requests and seconds of a rate such as "600/minute"; (0, 0) for "off"."""
    if rate == "off":
        return 0, 0
    number, _, unit = rate.partition("/")
    return int(number), UNITS[unit]


def client_ip_address(request: Any) -> str:
    """Return the address that a request came from, behind as many proxies as the site trusts.

    Of IPv6 the network: whoever has one address has all 2**64 of it.
    """
    text = str(_ForwardedAddress().get_ident(request))
    try:
        ip_address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:  # a socket, or what a proxy made up
        return text
    if isinstance(ip_address, ipaddress.IPv4Address):
        return text
    if ip_address.ipv4_mapped is not None:
        return str(ip_address.ipv4_mapped)
    return str(ipaddress.ip_network(f"{ip_address}/64", strict=False))


class _ForwardedAddress(BaseThrottle):
    """REST framework's way to read X-Forwarded-For, with its setting NUM_PROXIES."""


def set_headers(response: Any, allowance: Allowance) -> None:
    """Put on an answer how many requests are left."""
    if allowance.limit:
        response["RateLimit-Limit"] = str(allowance.limit)
        response["RateLimit-Remaining"] = str(allowance.left)
        response["RateLimit-Reset"] = str(allowance.reset)


def require_allowance(allowance: Allowance) -> None:
    """Raise Throttled where nothing is left."""
    if allowance.wait:
        raise Throttled(wait=allowance.wait, detail=f"{allowance.limit} requests were made in this window.")
