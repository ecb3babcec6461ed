"""Tests of the choice of a database for reading, without servers. For servers, see tests/running/test_replicas.py."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.cache import cache
from django.test import RequestFactory

from issues.models import Provision
from jsi_tracker import replicas
from members.models import AccessToken, Member

TOKEN = {"HTTP_AUTHORIZATION": "Bearer jsi_token"}


@pytest.fixture(autouse=True)
def _two_that_answer(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate a primary that responds and two replicas that have replayed the log up to 0/500."""
    settings.REPLICAS, settings.REPLICA_LAG = ["replica1", "replica2"], 30
    monkeypatch.setattr(replicas, "_state", lambda alias, wanted: (True, wanted <= "0/500", True, 0))
    monkeypatch.setattr(replicas, "_primary_responds", lambda: True)


def reading(method: str = "GET", path: str = "/", written: str = "", **headers: str) -> replicas.RequestReads:
    request = RequestFactory().generic(method, path, **headers)
    if written:
        request.COOKIES[replicas.COOKIE] = signing.dumps(written, salt=replicas.SALT)
    return replicas.RequestReads(request)


def test_successive_requests_read_from_different_replicas() -> None:
    found = [(one.server_for(Provision), one.server_for(Member)) for one in (reading(), reading())]
    assert sorted(found) == [("replica1", "replica1"), ("replica2", "replica2")]


def test_accounts_and_tokens_are_read_from_the_primary() -> None:
    assert {reading().server_for(one) for one in (get_user_model(), AccessToken)} == {"default"}


@pytest.mark.parametrize(("method", "path"), [("POST", "/"), ("DELETE", "/"), ("GET", "/admin/issues/provision/")])
def test_writes_and_the_admin_read_from_the_primary(method: str, path: str) -> None:
    assert reading(method, path).server_for(Provision) == "default"


def test_after_a_write_a_request_reads_from_the_primary() -> None:
    one = reading()
    assert one.server_for(Provision) != "default"
    one.wrote = True
    assert one.server_for(Provision) == "default"


def test_a_user_who_has_written_does_not_read_from_an_outdated_replica() -> None:
    assert reading(written="0/500").server_for(Provision) != "default"
    assert reading(written="0/501").server_for(Provision) == "default"
    cache.set(replicas._token_key(RequestFactory().get("/", **TOKEN)), "0/501")
    assert reading(**TOKEN).server_for(Provision) == "default"


def test_an_unsigned_cookie_is_ignored() -> None:
    one = reading()
    one._request.COOKIES[replicas.COOKIE] = replicas.UNREACHABLE_LSN
    assert one.server_for(Provision) != "default"


def test_if_the_cache_does_not_know_what_a_token_wrote_the_primary_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any) -> None:
        raise OSError

    monkeypatch.setattr("django.core.cache.backends.locmem.LocMemCache.get", fails)
    assert reading(**TOKEN).server_for(Provision) == "default"


def test_while_the_primary_is_unavailable_tokens_are_read_from_a_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicas, "_primary_responds", lambda: False)
    assert reading().server_for(AccessToken) != "default"
    assert reading(written="0/501").server_for(Provision) != "default"


def test_an_unavailable_server_is_retried_by_a_single_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicas, "_retry_at", {})
    assert replicas._should_try("replica1")
    replicas._mark_down("replica1")
    assert not replicas._should_try("replica1")
    monkeypatch.setitem(replicas._retry_at, "replica1", 0.0)
    assert [replicas._should_try("replica1") for _ in range(3)] == [True, False, False]
