"""Tests that requests, but not people, can be traced through the log by id."""

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from jsi_tracker.ops import logs, slow_queries
from tests.factories import UserFactory

ERRORS = {"raise_request_exception": False}


def broken(request: HttpRequest, name: str) -> HttpResponse:
    try:
        get_user_model().objects.create(username=name)
        get_user_model().objects.create(username=name)
    except Exception as error:
        raise RuntimeError(f"could not make {name}") from error
    raise AssertionError


def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("server closed the connection")


handler500 = "jsi_tracker.error_views.server_error"
urlpatterns = [
    path("broken/<str:name>/", broken),
    path("away/", away),
    path("api/v1/away/", away),
    path("api/v1/broken/<str:name>/", broken),
]


@pytest.fixture
def errors(settings: Any) -> Iterator[Client]:
    """Yield a client of a site with additional URLs that fail."""
    from jsi_tracker.urls import urlpatterns as usual

    urlpatterns.extend(usual)
    settings.ROOT_URLCONF = __name__
    yield Client(**ERRORS)
    del urlpatterns[-len(usual) :]


@pytest.fixture
def lines() -> Iterator[Any]:
    """Yield a function that returns the lines of a production log as dictionaries."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.JSONLineFormatter())
    handler.addFilter(logs.RequestIdFilter())
    handler.addFilter(logs.PrivateUrlFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(handler)


@pytest.mark.django_db
def test_a_request_is_logged_on_one_line_with_its_route_and_id(client: Client, lines: Any) -> None:
    client.get("/members/QXX/?q=what+somebody+looks+for", headers={"x-request-id": "from-the-proxy-1"})
    line = lines()[-1] if lines()[-1]["logger"].endswith("observing") else lines()[-2]
    assert line["message"] == "GET /members/<str:code>/ 404"
    assert (line["request_id"], line["status"], line["level"]) == ("from-the-proxy-1", 404, "INFO")
    assert line["ms"] > 0
    assert "QXX" not in json.dumps(lines())
    assert "somebody" not in json.dumps(lines())


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["short", "x" * 65, "two words here", 'quote"quote', "line\nbreak-forged"])
def test_a_request_id_that_could_forge_a_log_line_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/health/live", headers={"x-request-id": given})
    assert len(answer["X-Request-ID"]) == 32
    assert answer["X-Request-ID"] != given


@pytest.mark.django_db
def test_an_exception_is_logged_with_its_location_and_without_names(errors: Client, lines: Any) -> None:
    answer = errors.get("/broken/ambassador/")
    said = json.dumps(lines())
    assert answer.status_code == 500
    failed = next(line for line in lines() if line["logger"] == "django.request")
    assert failed["request_id"] == answer["X-Request-ID"]
    assert "IntegrityError" in failed["exc_info"]
    assert "RuntimeError" in failed["exc_info"]
    assert "test_logs.py" in failed["exc_info"]
    assert "ambassador" not in said


def test_a_request_that_gunicorn_cannot_parse_is_logged_without_its_sender(lines: Any) -> None:
    logging.getLogger("gunicorn.error.test").warning("Invalid request from ip=192.0.2.7: 'GET /?q=secret'")
    logging.getLogger("gunicorn.error.test").error("Error handling request %s %s", "GET", "/?q=secret")
    assert [line["message"] for line in lines()] == ["A request cannot be read", "A request could not be answered"]


@pytest.mark.django_db
def test_a_form_from_another_site_is_logged_with_its_host_only(lines: Any) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"referer": "https://evil.example/u/alice?q=1"})
    assert browser.post("/accounts/login/", {"login": "alice"}, secure=True).status_code == 403
    said = json.dumps(lines())
    assert "https://evil.example" in said
    assert "alice" not in said


@pytest.mark.django_db
def test_an_error_page_shows_the_request_id(errors: Client) -> None:
    answer = errors.get("/broken/x/", headers={"x-request-id": "quote-me-12345"})
    assert answer.status_code == 500
    assert b"quote quote-me-12345." in answer.content
    assert b"quote quote-me-12345." in errors.get("/nowhere/", headers={"x-request-id": "quote-me-12345"}).content


@pytest.mark.django_db
def test_an_unavailable_database_returns_503_with_a_retry_time(errors: Client) -> None:
    answer = errors.get("/away/", headers={"x-request-id": "quote-me-12345"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"database is not responding" in answer.content
    assert b"quote-me-12345" in answer.content


@pytest.mark.django_db
def test_api_clients_receive_problem_documents_when_the_site_fails(errors: Client) -> None:
    answer = errors.get("/api/v1/away/")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "unavailable"
    answer = errors.get("/api/v1/broken/x/", headers={"x-request-id": "quote-me-12345"})
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "quote-me-12345" in answer.json()["detail"]


@pytest.mark.django_db
def test_an_expired_form_is_explained(settings: Any) -> None:
    UserFactory(username="alice")
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "alice"})
    assert answer.status_code == 403
    assert b"copy what you typed" in answer.content
    assert b"quote " in answer.content


@pytest.mark.django_db
def test_a_slow_query_is_logged_without_its_values(settings: Any, lines: Any) -> None:
    settings.SLOW_QUERY_MS = 1

    def slow(execute: Any, *statement: Any) -> Any:
        time.sleep(0.005)
        return execute(*statement)

    connection.ensure_connection()
    with connection.execute_wrapper(slow_queries.timed), connection.execute_wrapper(slow):
        list(get_user_model().objects.filter(username__in=["ambassador", "minister", "clerk"]).only("pk"))
    line = lines()[-1]
    assert line["message"].endswith('"username" IN (…)')
    assert line["ms"] >= 5
    assert "ambassador" not in json.dumps(lines())


def test_the_logged_form_of_a_query_contains_no_strings() -> None:
    assert (
        slow_queries.shape("SELECT  'it''s me',\n %s FROM a WHERE b IN (%s, %s, %s)")
        == "SELECT '…', %s FROM a WHERE b IN (…)"
    )


@pytest.mark.django_db
def test_every_connection_is_monitored_once(settings: Any) -> None:
    connection.ensure_connection()
    before = list(connection.execute_wrappers)
    slow_queries._watch(connection)
    slow_queries._watch(connection)
    assert connection.execute_wrappers.count(slow_queries.timed) == 1
    connection.execute_wrappers[:] = before
