"""Redis, and what stands in for it while it does not answer: no page fails for a cache."""

import logging
import time
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Seconds for which nobody asks Redis again.
AWAY_FOR = 2.0
_away: dict[str, float] = {}


def _either(name: str) -> Any:
    """Return the method of that name, of Redis or of what stands in."""

    def call(self: "RedisOrElse", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= _away.get(self.place, 0):
            try:
                return getattr(super(RedisOrElse, self), name)(*args, **kwargs)
            except RedisError:
                logger.warning("Redis does not answer: asking the cache %s", self.stand_in, exc_info=True)
                _away[self.place] = time.monotonic() + AWAY_FOR
        return getattr(caches[self.stand_in], name)(*args, **kwargs)

    return call


class RedisOrElse(RedisCache):
    """Redis, or the cache of the alias `ELSE`. What either counted stays there: with the other, limits begin anew."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        self.place = server
        self.stand_in = str(params.pop("ELSE"))
        super().__init__(server, params)

    add, get, set, touch, delete = map(_either, ("add", "get", "set", "touch", "delete"))
    incr, has_key, get_many = map(_either, ("incr", "has_key", "get_many"))
    set_many, delete_many, clear = map(_either, ("set_many", "delete_many", "clear"))
