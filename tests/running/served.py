"""Serve the site for tests with an adjustable clock, fast password hashing and short retry delays.

The file named by `CLOCK` contains the number of seconds by which the clock is wrong.
"""

import datetime
import os
import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from jsi_tracker.wsgi import application  # noqa: F401  what gunicorn serves

# isort: split
from jsi_tracker import caches, replicas

SET_BY = Path(os.environ.get("CLOCK", os.devnull))
_time, _now = time.time, timezone.now


def _wrong_by() -> float:
    return float(SET_BY.read_text() or 0)


settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
caches.RETRY_DELAY = replicas.RETRY_DELAY = 0.5
time.time = lambda: _time() + _wrong_by()
timezone.now = lambda: _now() + datetime.timedelta(seconds=_wrong_by())
