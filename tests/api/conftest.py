"""What tests of the API share."""

from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def still(monkeypatch: Any) -> None:
    """Nothing changes, and nobody has to look: what is counted then are the queries of the answer itself."""
    reached = SimpleNamespace(mark="still", at=None)
    monkeypatch.setattr("issues.tides.reached", lambda reader, negotiation: reached)
    monkeypatch.setattr("issues.tides.reached_by_anybody", lambda: reached)
