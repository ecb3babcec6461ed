"""Rate limits, counted per token or session, and per IP address for anonymous clients.

The windows are fixed, and the counts are in a separate cache. With Redis, all workers share the counts. Without Redis,
each worker counts in its own memory, so a site with two workers allows up to twice as many requests. The limits protect
the service and do not provide exact accounting.
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
    """The state of a rate limit: requests allowed in the window, requests left, and seconds to the next window.

    `wait` is the number of seconds to wait before the next request, or 0 if a request is allowed now.
    """

    limit: int
    left: int
    reset: int
    wait: int


UNLIMITED = Allowance(0, 0, 0, 0)


def count_api_request(request: Any, account: str) -> Allowance:
    """Count a request to the API and return the allowance.

    Requests are counted for `account`, or for the IP address of `request` if `account` is empty.
    """
    return count_request(
        "api-rate", request, account, settings.API_RATE_ACCOUNT if account else settings.API_RATE_ADDRESS
    )


def count_request(name: str, request: Any, account: str, rate: str) -> Allowance:
    """Count a request against `rate`, separately for each `name`, and return the allowance.

    Requests are counted for `account`, or for the IP address of `request` if `account` is empty.
    """
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
    except ValueError:  # the key expired after `add`
        used = 1
    return Allowance(limit, max(0, limit - used), reset, reset if used > limit else 0)


def parse_rate(rate: str) -> tuple[int, int]:
    """Return the number of requests and of seconds in a rate such as "600/minute", or (0, 0) for "off"."""
    if rate == "off":
        return 0, 0
    number, _, unit = rate.partition("/")
    return int(number), UNITS[unit]


def client_ip_address(request: Any) -> str:
    """Return the client's IP address, taking into account as many proxies as the site trusts.

    For IPv6, return the /64 network, because a client usually controls all of its 2**64 addresses.
    """
    text = str(_ForwardedAddress().get_ident(request))
    try:
        ip_address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:  # a Unix socket, or an invalid header of a proxy
        return text
    if isinstance(ip_address, ipaddress.IPv4Address):
        return text
    if ip_address.ipv4_mapped is not None:
        return str(ip_address.ipv4_mapped)
    return str(ipaddress.ip_network(f"{ip_address}/64", strict=False))


class _ForwardedAddress(BaseThrottle):
    """A reader of X-Forwarded-For that follows REST framework's setting NUM_PROXIES."""


def set_headers(response: Any, allowance: Allowance) -> None:
    """Set the rate limit headers of a response."""
    if allowance.limit:
        response["RateLimit-Limit"] = str(allowance.limit)
        response["RateLimit-Remaining"] = str(allowance.left)
        response["RateLimit-Reset"] = str(allowance.reset)


def require_allowance(allowance: Allowance) -> None:
    """Raise Throttled if no requests are left."""
    if allowance.wait:
        raise Throttled(
            wait=allowance.wait, detail=f"The limit of {allowance.limit} requests in this window is reached."
        )
