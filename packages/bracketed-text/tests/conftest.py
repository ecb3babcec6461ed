"""Settings of the engine's tests when they run without the site's tests."""

from hypothesis import settings

# Deadlines are disabled, because a busy machine could otherwise make tests fail. In the site's run, tests/conftest.py
# has loaded a profile without deadlines already, and this one is derived from it.
settings.register_profile("engine", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("engine")
