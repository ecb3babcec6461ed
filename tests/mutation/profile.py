"""A pytest plugin that makes hypothesis try the same examples in each run, without a deadline and without shrinking."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    from hypothesis import Phase, settings  # a plugin must not import hypothesis before pytest rewrites it

    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutation", derandomize=True, database=None, deadline=None, phases=phases)
    settings.load_profile("mutation")
