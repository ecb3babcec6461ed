"""Tests of responses to unexpected errors. For unavailable servers, see tests/running."""

from typing import Any

import pytest
from django.core.cache import caches
from django.db import OperationalError
from django.test import RequestFactory

from jsi_tracker.error_views import server_error
from tests.serving import free_port

HOSTILE = '"><script>'


def answered(error: Exception, path: str, sent: dict[str, str] | None = None) -> Any:
    """Return the response to a request that raised `error`."""
    here = {"sec-fetch-site": "same-origin"}
    request = RequestFactory(headers=here).post(path, sent) if sent else RequestFactory().get(path)
    try:
        raise error
    except type(error):
        return server_error(request)


def test_an_unavailable_database_returns_the_typed_text_but_no_password() -> None:
    sent = {"text": HOSTILE + "x" * 80, "reason": HOSTILE, "new_password": "secret"}
    answer = answered(OperationalError(), "/provisions/open/log/", sent)
    said = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert 'name="text"' in said
    assert 'name="reason"' in said
    assert "x" * 80 in said
    assert HOSTILE not in said
    assert "secret" not in said
    assert "<form" not in answered(OperationalError(), "/accounts/login/", {"login": "alice"}).content.decode()
    assert "<form" not in answered(OperationalError(), "/provisions/open/").content.decode()


def test_a_defect_is_reported_on_a_page_and_in_a_problem_document() -> None:
    assert "Something went wrong on our side" in answered(ValueError(), "/text/").content.decode()
    answer = answered(ValueError(), "/api/v1/status/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")


def test_another_cache_replaces_redis_while_it_is_unavailable(settings: Any) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}"
    away = {"BACKEND": "jsi_tracker.caches.RedisWithFallback", "LOCATION": nobody, "FALLBACK": "memory"}
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "stand-in"}
    settings.CACHES = {"default": away, "memory": memory}
    cache = caches["default"]
    assert cache.add("count", 1)
    assert not cache.add("count", 1)
    assert cache.incr("count") == 2
    assert cache.get_many(["count"]) == {"count": 2}
    cache.clear()
    with pytest.raises(ValueError, match="count"):
        cache.incr("count")
