"""What tests of the API share."""

import importlib
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def still(monkeypatch: Any) -> None:
    """Nothing changes, and nobody has to look: what is counted then are the queries of the answer itself."""
    importlib.import_module("issues.api.urls")  # or what is first imported now keeps what is put in its place
    reached = SimpleNamespace(etag="still", at=None)
    monkeypatch.setattr("issues.sync.versions.version_for", lambda reader, negotiation: reached)
    monkeypatch.setattr("issues.sync.versions.public_version", lambda: reached)
