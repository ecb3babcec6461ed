"""Tests that a known vulnerability fails the build and that an unavailable advisory service is reported."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADVISORY = {
    "id": "GHSA-0000-0000-0000",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "Made for a test",
    "affected": [{"package": {"ecosystem": "PyPI", "name": "idna"}, "ranges": []}],
}


class Advisories(BaseHTTPRequestHandler):
    """An advisory service that reports only a vulnerability in idna."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        known = {"vulns": [{key: ADVISORY[key] for key in ("id", "modified")}]}
        self.say({"results": [known if one["package"]["name"] == "idna" else {} for one in asked]})

    def do_GET(self) -> None:
        self.say(ADVISORY)

    def say(self, what: Any) -> None:
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Suppress the message."""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """Yield the URL of the service."""
    server = HTTPServer(("127.0.0.1", 0), Advisories)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def audit(tmp_path: Path, pins: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the CI audit on a file with these pins."""
    pinned = tmp_path / "requirements.txt"
    pinned.write_text(pins)
    command = [sys.executable, str(ROOT / ".ci" / "audit.py"), str(pinned)]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


def test_a_pinned_package_with_a_known_vulnerability_fails_the_build(service: str, tmp_path: Path) -> None:
    answer = audit(tmp_path, "idna==3.20 \\\n    --hash=sha256:0\n", AUDIT_URL=service)
    if "NOT AUDITED" in answer.stdout:
        pytest.skip(f"the package registry is not reached: {answer.stdout}")
    assert answer.returncode == 1
    assert "GHSA-0000-0000-0000" in answer.stdout
    assert "VULNERABLE" in answer.stdout
    sound = audit(tmp_path, "uritemplate==4.2.0\n", AUDIT_URL=service)
    assert (sound.returncode, "without known vulnerabilities" in sound.stdout) == (0, True)


def test_unreachable_advisories_are_reported_and_fail_a_release(tmp_path: Path) -> None:
    nobody = {"AUDIT_URL": "http://127.0.0.1:9/", "UV_HTTP_RETRIES": "0"}
    answer = audit(tmp_path, "uritemplate==4.2.0\n", **nobody)
    assert (answer.returncode, "NOT AUDITED" in answer.stdout) == (0, True)
    assert audit(tmp_path, "uritemplate==4.2.0\n", AUDIT_REQUIRED="1", **nobody).returncode == 2


def test_a_file_without_pinned_packages_fails(tmp_path: Path) -> None:
    assert audit(tmp_path, "# nothing\n").returncode == 2


def test_ci_audits_the_packages() -> None:
    assert re.search(r"^timed make .*\baudit\b", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
