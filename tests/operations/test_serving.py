"""Tests of starting the site with the gunicorn configuration, secrets in files, and one worker for periodic tasks."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from jsi_tracker.environment import Environment
from jsi_tracker.ops.worker import Task, run_tasks
from tests.serving import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Serve a production site with two workers on a database without tables, and yield its URL."""
    if connection.vendor != "sqlite":
        pytest.skip("tried on SQLite: the server is the same")
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        "METRICS_TOKEN": "t",
        "LOG_FORMAT": "json",
        "WEB_CONCURRENCY": "2",
        "TMPDIR": str(tmp_path),
    }
    log = (tmp_path / "log").open("w")
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    with log, subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log) as server:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)
    assert not list(tmp_path.glob("tracker-metrics-*")), "the counts were left behind"
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert {"gunicorn.error", "jsi_tracker.ops.request_log"} <= {line["logger"] for line in lines}


def get(address: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_workers_share_their_counters_and_an_unmigrated_site_is_not_ready(served: str) -> None:
    for _ in range(100):
        try:
            if get(f"{served}/health/live")[0] == 200:
                break
        except OSError:
            time.sleep(0.1)
    for _ in range(12):
        assert get(f"{served}/static/css/site.css")[0] == 200
    assert get(f"{served}/metrics")[0] in (404, 503)
    status, said = get(f"{served}/metrics", Authorization="Bearer t")
    assert status == 200
    assert 'tracker_requests_total{method="GET",route="-",status="200"} 12.0' in said
    status, said = get(f"{served}/health/ready")
    assert (status, json.loads(said)["parts"]["migrations"]) == (503, "behind")
    # The database cannot be read, so the response is an error page without a traceback.
    status, said = get(f"{served}/")
    assert status == 503
    assert "database is not responding" in said


def environment(monkeypatch: pytest.MonkeyPatch, **given: str) -> Environment:
    monkeypatch.setattr(Environment.ENVIRON, "env", given)
    monkeypatch.setattr(Environment.ENVIRON, "files_cache", {})
    return Environment()


def test_a_secret_file_is_read_without_its_final_newline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("xyzzy\n")
    env = environment(monkeypatch, SECRET_KEY_FILE=str(tmp_path / "secret"), PLAIN="as it is ")
    assert env.str("SECRET_KEY", default="") == "xyzzy"
    assert env.str("PLAIN") == "as it is "
    assert env.str("NEITHER", default="default") == "default"


def test_the_site_does_not_start_with_a_duplicate_or_unreadable_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env = environment(monkeypatch, SECRET_KEY_FILE=str(tmp_path / "nothing"), A="1", A_FILE="2")
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY_FILE cannot be read: .*No such file"):
        env.str("SECRET_KEY", default="")
    with pytest.raises(ImproperlyConfigured, match="A and A_FILE are both set"):
        env.str("A")


def test_a_failed_job_is_retried_without_delaying_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("jsi_tracker.ops.worker.PAUSE", 0.001)
    monkeypatch.setattr("jsi_tracker.ops.worker.close_old_connections", lambda: None)
    stop, done = threading.Event(), []

    def fail() -> None:
        done.append("failed")
        raise OSError("no network")

    def succeed() -> None:
        done.append("done")
        if len(done) > 5:
            stop.set()

    run_tasks(
        [Task("fail", 0, fail), Task("do", 0, succeed), Task("rest", 3600, lambda: done.append("rested"))],
        stop,
        tmp_path / "b",
    )
    assert done[:3] == ["failed", "done", "rested"]
    assert done.count("rested") == 1
    assert done.count("failed") == done.count("done") == 3
    assert "Could not fail; next attempt in 0 seconds" in caplog.text
    assert (tmp_path / "b").exists()


def test_the_container_sets_only_existing_settings_and_all_required_ones() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    documented = set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE))
    compose = (ROOT / "compose.yaml").read_text()
    block = compose.partition("environment: &environment\n")[2].partition("  secrets:")[0]
    given = {name.removesuffix("_FILE") for name in re.findall(r"^    ([A-Z_]+):", block, re.MULTILINE)}
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"} <= given <= documented
    ignored = (ROOT / ".dockerignore").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for name in " ".join(copied).split():
        assert (ROOT / name).exists(), name
        assert f"!{name}\n" in ignored
    packages = [
        path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in ("tests", "benchmarks")
    ]
    assert set(packages) <= set(" ".join(copied).split())
