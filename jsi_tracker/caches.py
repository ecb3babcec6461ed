"""A Redis cache that falls back to another cache while Redis does not respond, so that no request fails."""

import logging
import time
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Seconds after a failure during which Redis is not tried again.
RETRY_DELAY = 2.0
# By URL of a Redis server: when it may be tried again, as a value of `time.monotonic`.
_retry_at: dict[str, float] = {}


def _with_fallback(name: str) -> Any:
    """Return a cache method of this name that calls Redis, or the fallback while Redis is down."""

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
    """A Redis cache with a fallback: the cache whose alias is the parameter FALLBACK.

    Values are not copied between the two, so rate limits start again from zero at each switch.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        self.url = server
        self.fallback = str(params.pop("FALLBACK"))
        super().__init__(server, params)

    add, get, set, touch, delete = map(_with_fallback, ("add", "get", "set", "touch", "delete"))
    incr, has_key, get_many = map(_with_fallback, ("incr", "has_key", "get_many"))
    set_many, delete_many, clear = map(_with_fallback, ("set_many", "delete_many", "clear"))
