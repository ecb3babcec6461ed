"""A Redis cache that falls back to another cache while Redis is unavailable, so that requests do not fail."""

import logging
import time
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Seconds after a failure during which Redis is not tried again.
RETRY_DELAY = 2.0
# The time, as a value of `time.monotonic`, at which each failed server may be tried again, by the server's URL.
_retry_at: dict[str, float] = {}


def _with_fallback(name: str) -> Any:
    """Return the cache method `name`, which calls Redis or, while Redis is unavailable, the fallback."""

    def call(self: "RedisWithFallback", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= _retry_at.get(self.url, 0):
            try:
                return getattr(super(RedisWithFallback, self), name)(*args, **kwargs)
            except RedisError:
                logger.warning("Redis does not respond: using the cache %s", self.fallback, exc_info=True)
                _retry_at[self.url] = time.monotonic() + RETRY_DELAY
        return getattr(caches[self.fallback], name)(*args, **kwargs)

    return call


class RedisWithFallback(RedisCache):
    """A Redis cache whose fallback is the cache with the alias in the parameter FALLBACK.

    Values are not copied between the two caches, so counts for rate limits restart at zero after each switch.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        self.url = server
        self.fallback = str(params.pop("FALLBACK"))
        super().__init__(server, params)

    add, get, set, touch, delete = map(_with_fallback, ("add", "get", "set", "touch", "delete"))
    incr, has_key, get_many = map(_with_fallback, ("incr", "has_key", "get_many"))
    set_many, delete_many, clear = map(_with_fallback, ("set_many", "delete_many", "clear"))
