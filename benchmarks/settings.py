"""The site's settings with an additional empty view, without rate limits, and with only errors in the log."""

from jsi_tracker.ops import logs
from jsi_tracker.settings import *  # noqa: F403
from jsi_tracker.settings import LOG_FORMAT

ROOT_URLCONF = "benchmarks.urls"
API_RATE_ADDRESS = API_RATE_ACCOUNT = COSTLY_PAGES_RATE = "off"
LOGGING = logs.logging_config(LOG_FORMAT, "ERROR")
