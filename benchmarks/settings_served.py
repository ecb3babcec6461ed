"""The settings of the site, with an empty view among its addresses and without limits."""

from jsi_tracker.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.served"
API_RATE_ADDRESS = API_RATE_ACCOUNT = COSTLY_PAGES_RATE = "off"
