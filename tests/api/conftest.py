"""Fixtures for tests of the API."""

import importlib
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def still(monkeypatch: Any) -> None:
    """Keep the version of the data constant, so that only the queries of the response itself are counted."""
    importlib.import_module("issues.api.urls")  # a later import would retain the patched function
    reached = SimpleNamespace(etag="still", at=None)
    monkeypatch.setattr("issues.sync.versions.version_for", lambda reader, negotiation: reached)
    monkeypatch.setattr("issues.sync.versions.public_version", lambda: reached)
