"""Tests that health checks and metrics are served before everything else and reveal nothing unnecessary."""

import json
import logging
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from jsi_tracker.ops import health
from tests.serving import free_port

TOKEN = "a-token-for-prometheus"


@pytest.fixture
def probe(settings: Any) -> Client:
    """Return a client that, like a load balancer, addresses a production site by IP address and without TLS."""
    settings.PRODUCTION = settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["tracker.example"]
    return Client(headers={"host": "10.1.2.3:8000"})


def refused(*_: Any, **__: Any) -> Any:
    raise OperationalError("could not connect to db.internal as jsi, password xyzzy")


def test_the_liveness_check_does_not_use_the_database(probe: Client) -> None:
    answer = probe.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.django_db
def test_a_ready_site_reports_so_with_one_query_after_the_first_check(
    probe: Client, django_assert_num_queries: Any
) -> None:
    assert probe.get("/health/ready").status_code == 200
    with django_assert_num_queries(1):
        answer = probe.get("/health/ready/")
    parts = {"database": "ok", "migrations": "ok", "cache": "ok"}
    assert answer.json() == {"status": "ok", "parts": parts}


def test_a_site_without_its_database_is_not_ready_and_reveals_no_secrets(
    probe: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "cursor", refused)
    answer = probe.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "away", "parts": {"database": "away", "migrations": "unknown", "cache": "ok"}}
    assert b"xyzzy" not in answer.content


@pytest.mark.django_db
def test_a_site_with_unapplied_migrations_is_not_ready(probe: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", set())
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["0099_to_come"])
    answer = probe.get("/health/ready")
    assert (answer.status_code, answer.json()["parts"]["migrations"]) == (503, "behind")


@pytest.mark.django_db
def test_a_site_without_its_cache_remains_ready(probe: Client, settings: Any) -> None:
    settings.REDIS_URL = f"redis://:xyzzy@127.0.0.1:{free_port()}/0"
    answer = probe.get("/health/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["parts"]["cache"]) == (200, "degraded", "away")
    assert b"xyzzy" not in answer.content


def test_a_site_with_only_a_replica_remains_readable(
    probe: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REPLICAS = ["replica1", "replica2"]
    monkeypatch.setattr(health, "_responds", lambda alias: alias == "replica2")
    answer = probe.get("/health/ready")
    parts = {"database": "read only", "migrations": "unknown", "cache": "ok"}
    assert (answer.status_code, answer.json()) == (200, {"status": "degraded", "parts": parts})


def test_health_checks_are_not_logged(probe: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        probe.get("/health/live")
    assert not caplog.records


@pytest.mark.django_db
def test_metrics_count_requests_by_route_and_never_by_url(client: Client) -> None:
    client.get("/members/QXX/")
    client.get("/made-up-by-a-stranger/")
    said = client.get("/metrics").content.decode()
    assert 'tracker_requests_total{method="GET",route="/members/<str:code>/",status="404"}' in said
    assert 'tracker_requests_total{method="GET",route="-",status="404"}' in said
    assert "tracker_database_up 1.0" in said
    assert "tracker_deliveries_waiting 0.0" in said
    assert "QXX" not in said
    assert "stranger" not in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "brought", "status"),
    [(TOKEN, f"Bearer {TOKEN}", 200), (TOKEN, f"Bearer {TOKEN}x", 404), (TOKEN, "", 404), ("", "Bearer ", 404)],
)
def test_in_production_metrics_require_the_token(
    settings: Any, client: Client, token: str, brought: str, status: int
) -> None:
    settings.PRODUCTION, settings.METRICS_TOKEN = True, token
    answer = client.get("/metrics", headers={"authorization": brought} if brought else {})
    assert answer.status_code == status
    assert (b"tracker_requests" in answer.content) == (status == 200)


@pytest.mark.django_db
def test_metrics_are_not_available_to_other_machines(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200


@pytest.mark.django_db
def test_metrics_report_that_the_database_is_unavailable(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "cursor", refused)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert b"tracker_database_up 0.0" in answer.content
    assert json.dumps("xyzzy").encode() not in answer.content
