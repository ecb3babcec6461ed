"""Configure the engine's tests when they run without the site's tests."""

from hypothesis import settings

# Deadlines are disabled, because tests could otherwise fail on a busy machine. If the tests run together with those of
# the site, tests/conftest.py has already loaded a profile without deadlines, and this profile is derived from it.
settings.register_profile("engine", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("engine")
