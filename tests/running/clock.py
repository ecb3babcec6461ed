"""The site on a machine whose clock can be set: the file that `CLOCK` names holds by how many seconds it is wrong."""

import datetime
import os
import time
from pathlib import Path

from django.utils import timezone

from jsi_tracker.wsgi import application  # noqa: F401  what gunicorn serves

SET_BY = Path(os.environ.get("CLOCK", os.devnull))
_time, _now = time.time, timezone.now


def _wrong_by() -> float:
    return float(SET_BY.read_text() or 0)


time.time = lambda: _time() + _wrong_by()
timezone.now = lambda: _now() + datetime.timedelta(seconds=_wrong_by())
