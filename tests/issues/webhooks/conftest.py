"""Fixtures for tests of webhooks: the small world and a receiver."""

from collections.abc import Iterator
from typing import Any

import pytest

from issues.sync.catch_up import catch_up_everywhere
from tests.confidentiality import world
from tests.issues.receivers import Receiver, receiving


@pytest.fixture(autouse=True)
def _world(settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    world.make()
    world.hide("group")
    catch_up_everywhere()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running
