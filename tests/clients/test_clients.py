"""Tests that typed clients, generated from the committed schema, read the API of a running site.

The program in Python is checked by mypy, and the program in TypeScript by its compiler, before they run. Both read the
status, a page of variants and a refusal. `make clients` installs the packages for TypeScript.
"""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from members.models import Member
from members.tokens import create_token
from tests.api.test_schema import WRITTEN
from tests.api.test_tokens import WEEK
from tests.clients.node import node
from tests.factories import (
    GroupingFactory,
    MemberFactory,
    SmallGroupFactory,
    StatusReportFactory,
    UserFactory,
    provision_with,
)

HERE = Path(__file__).parent
PYTHON, TYPESCRIPT = HERE / "python" / "read.py", HERE / "typescript"
BIN = sysconfig.get_path("scripts")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
with_packages = pytest.mark.skipif(
    not (TYPESCRIPT / "node_modules").is_dir() and "CI" not in os.environ,
    reason="run `make clients` to install the packages for TypeScript",
)


def run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def expected(live_server: Any) -> dict[str, Any]:
    """Return what a client reads from a site with two variants and a stated status."""
    MemberFactory(code="CAN", name="Canada")
    GroupingFactory(code="AFRICAN GROUP", slug="african-group", speaks=True)
    StatusReportFactory(small_group=SmallGroupFactory(slug="circle"), status="clean text")
    provision_with("It [CAN: shall] [AFRICAN GROUP: may] act.", slug="acts")
    assert Member.objects.count() == 1
    page = f"{live_server.url}/provisions/acts/brackets/1-3/"
    return {"groups": [["circle", "clean-text"]], "positions": "CAN propose", "page": page, "url": live_server.url}


def require_expected(printed: str, expected: dict[str, Any]) -> None:
    answer = json.loads(printed)
    assert answer["groups"] == expected["groups"]
    [variant] = answer["variants"]
    assert f": {expected['positions']} ({expected['page']})" in variant
    assert answer["next"].startswith(f"{expected['url']}/api/v1/variants/?cursor=")
    assert answer["refusal"] == ["invalid", "member"]


def test_a_client_in_python_is_generated_checked_and_used(expected: dict[str, Any], tmp_path: Path) -> None:
    client = tmp_path / "tracker_client"
    generate = ("generate", "--path", WRITTEN, "--output-path", client, "--meta", "none", "--fail-on-warning")
    run(f"{BIN}/openapi-python-client", *generate)
    # The generated package is not strictly typed itself, so only the errors in the program count.
    checks = ("--strict", "--follow-imports=silent", "--config-file=", f"--cache-dir={tmp_path}/mypy")
    run(sys.executable, "-m", "mypy", *checks, PYTHON, MYPYPATH=str(tmp_path))
    broken = tmp_path / "broken.py"
    broken.write_text(PYTHON.read_text(encoding="utf-8").replace("variant.label", "variant.lable"), encoding="utf-8")
    with pytest.raises(AssertionError, match='has no attribute "lable"'):
        run(sys.executable, "-m", "mypy", *checks, broken, MYPYPATH=str(tmp_path))
    _, token = create_token(UserFactory(), "Client", "read", WEEK, second_factor=False)
    require_expected(run(sys.executable, PYTHON, expected["url"], token, PYTHONPATH=str(tmp_path)), expected)


@with_packages
def test_a_client_in_typescript_is_generated_checked_and_used(expected: dict[str, Any]) -> None:
    build = TYPESCRIPT / "build"
    build.mkdir(exist_ok=True)
    modules = TYPESCRIPT / "node_modules"
    run(node(), modules / "openapi-typescript" / "bin" / "cli.js", WRITTEN, "-o", build / "schema.d.ts")
    compiler = modules / "typescript" / "bin" / "tsc"
    run(node(), compiler, "--project", TYPESCRIPT)
    broken = TYPESCRIPT / "broken.ts"
    try:
        source = (TYPESCRIPT / "read.ts").read_text(encoding="utf-8")
        broken.write_text(source.replace("{ label, ", "{ lable, "), encoding="utf-8")
        options = ("--strict", "--noEmit", "--module", "nodenext", "--target", "es2022")
        with pytest.raises(AssertionError, match="Property 'lable' does not exist"):
            run(node(), compiler, *options, broken)
    finally:
        broken.unlink()
    require_expected(run(node(), build / "read.js", expected["url"]), expected)


@with_packages
def test_the_schema_has_no_fault_that_redocly_knows() -> None:
    command = TYPESCRIPT / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
    config = WRITTEN.parents[1] / "redocly.yaml"
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    report = json.loads(run(node(), command, "lint", "--format=json", "--config", config, WRITTEN, **quiet))
    assert report["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}, report["problems"]
