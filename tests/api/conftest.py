"""What tests of the API share."""

from typing import Any

import pytest


@pytest.fixture
def still(monkeypatch: Any) -> None:
    """Nothing changes, and nobody has to look: what is counted then are the queries of the answer itself."""
    monkeypatch.setattr("issues.tides.mark", lambda reader, negotiation: "still")
    monkeypatch.setattr("issues.tides.changed_at", lambda reader, negotiation: None)
