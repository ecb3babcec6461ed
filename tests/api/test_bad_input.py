"""Tests that invalid input is not ignored and results in a problem document with a code."""

import json
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from issues.api.views.status import StatusView
from tests.factories import MemberFactory, ParticipationFactory, provision_with
from tests.people import api_client_of, delegate

pytestmark = pytest.mark.django_db

API = "/api/v1"
TEXTS = f"{API}/provisions/open/revisions/"


@pytest.fixture(autouse=True)
def _text() -> None:
    ParticipationFactory(member=MemberFactory(code="CAN", name="Canada"))
    provision_with("Each Member shall act.", slug="open")


def canada() -> APIClient:
    return api_client_of(delegate("CAN"))


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    said: dict[str, Any] = json.loads(answer.content)
    assert (said["code"], said["type"]) == (code, f"http://testserver{API}/problems/{code}/")
    return said


@pytest.mark.parametrize(
    ("address", "status", "code", "field"),
    [
        ("/negotiations/none/api/v1/status/", 404, "not_found", ""),
        (f"{API}/none/", 404, "not_found", ""),
        (f"{API}/sections/?page=abc", 400, "invalid", "page"),
        (f"{API}/sections/?page=0", 400, "invalid", "page"),
        (f"{API}/sections/?page=99", 404, "not_found", "page"),
        (f"{API}/sections/?page_size=-1", 400, "invalid", "page_size"),
        (f"{API}/status/?format=xml", 400, "invalid", "format"),
        (f"{API}/status/?colour=red", 400, "unknown_parameter", "colour"),
        (f"{API}/status/?as_of=2021-01-01&as_of=2021-02-01", 400, "invalid", "as_of"),
        (f"{API}/variants/?state=open&state=closed", 400, "invalid", "state"),
        (f"{API}/activity/?member=CAN&member=CAN", 400, "invalid", "member"),
        (f"{API}/variants/?cursor=abc", 400, "invalid", "cursor"),
        (f"{API}/variants/99999999999999999999/", 404, "not_found", ""),
    ],
)
def test_an_invalid_query_returns_a_problem_that_names_the_parameter(
    address: str, status: int, code: str, field: str
) -> None:
    said = problem(Client().get(address), status, code)
    assert [one["field"] for one in said["errors"]] == ([field] if field else [])


def test_filters_with_several_values_can_be_repeated() -> None:
    assert Client().get(f"{API}/variants/?proponent=CAN&proponent=CAN&fields=id&fields=kind").status_code == 200


@pytest.mark.parametrize(
    ("body", "more", "status", "code"),
    [
        ('{"a"', {}, 400, "malformed"),
        (b'{"text": "\xff"}', {}, 400, "malformed"),
        ('{"text": NaN}', {}, 400, "malformed"),
        ("[" * 100_000, {}, 400, "malformed"),
        ("[1]", {}, 400, "invalid"),
        ('{"base_revision": 1e400, "text": "x"}', {}, 400, "invalid"),
        ('{"base_revision": 1, "txt": "x"}', {}, 400, "unknown_parameter"),
        ('{"base_revision": 1, "operation": {"act": "lift", "at": 0, "att": 1}}', {}, 400, "unknown_parameter"),
        ("a=b", {"content_type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        ("{}", {"headers": {"transfer-encoding": "chunked"}, "CONTENT_LENGTH": ""}, 411, "length_required"),
    ],
)
def test_an_unreadable_body_returns_a_problem(body: str | bytes, more: dict[str, Any], status: int, code: str) -> None:
    problem(canada().generic("POST", TEXTS, body, **{"content_type": "application/json", **more}), status, code)


def test_an_oversized_body_returns_a_problem_that_states_the_limit(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    sent = {"base_revision": 1, "text": "x" * 2000}
    assert "1,000 bytes" in problem(canada().post(TEXTS, sent), 413, "too_large")["detail"]


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "TRACE", "FOO"])
def test_an_unsupported_method_is_refused_before_authentication(method: str) -> None:
    answer = Client().generic(method, f"{API}/status/")
    problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_a_defect_returns_a_problem_and_is_logged(monkeypatch: Any, caplog: Any) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(StatusView, "get", broken)
    problem(Client(raise_request_exception=False).get(f"{API}/status/"), 500, "error")
    assert [bool(one.exc_info) for one in caplog.records if one.levelname == "ERROR"] == [True]
    with pytest.raises(ZeroDivisionError):
        Client().get(f"{API}/status/")


@pytest.mark.parametrize(
    "address", [f"{API}/status/", f"{API}/none/", f"{API}/bulk/everything.jsonl", f"{API}/schema/", "/", "/texts/"]
)
def test_a_response_to_head_has_no_body(address: str) -> None:
    # Django's test client would itself remove the body.
    said: dict[str, str] = {}
    environ = RequestFactory().head(address).environ
    answer = WSGIHandler()(environ, lambda status, headers: said.update(headers, status=status))
    assert b"".join(answer) == b""
    answer.close()
    if said["status"].startswith("200") and "bulk" not in address:
        assert int(said["Content-Length"]) > 0
