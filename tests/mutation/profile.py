"""A plugin of pytest: hypothesis tries the same examples each time, as long as they need, and makes none smaller."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    from hypothesis import Phase, settings  # pytest wants to be the first to import it

    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutation", derandomize=True, database=None, deadline=None, phases=phases)
    settings.load_profile("mutation")
