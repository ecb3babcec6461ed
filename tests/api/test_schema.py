"""The schema: written down, true, with an example of every operation that works on the facts."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.core.management import call_command
from django.db import connection
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from issues.api.examples import EXAMPLES, MADE, Example
from issues.api.views import meta
from issues.models import Document, Meeting, Position, Proposal, StatusReport, Variant
from members.models import Member
from tests.factories import DelegationFactory

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ROOT / "docs" / "openapi.yaml"


@cache
def schema() -> Any:
    return yaml.safe_load(WRITTEN.read_text(encoding="utf-8"))


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
    ]


LIMITS = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the limits of integers are the database's; what is written down is SQLite's"
)


@LIMITS
def test_the_schema_in_docs_is_the_one_that_is_served(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(made))
    if os.environ.get("WRITE_SCHEMA"):
        WRITTEN.write_text(made.read_text(encoding="utf-8"), encoding="utf-8")
    assert made.read_text(encoding="utf-8") == WRITTEN.read_text(encoding="utf-8"), (
        "make schema writes what is true now; say in CHANGELOG.md what changed for clients"
    )
    validate_schema(schema())
    assert schema()["openapi"].startswith("3.1")


def test_a_change_of_the_schema_comes_with_a_line_in_the_changelog() -> None:
    def git(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=False)

    base = git("merge-base", "HEAD", "main")
    if base.returncode or not base.stdout.strip():
        base = git("merge-base", "HEAD", "origin/main")
    if base.returncode or not base.stdout.strip():
        pytest.skip("no main to compare with: a shallow clone, or none of git")
    changed = set(git("diff", "--name-only", base.stdout.strip()).stdout.split())
    if "docs/openapi.yaml" in changed:
        assert "CHANGELOG.md" in changed


@LIMITS
@pytest.mark.django_db
def test_the_schema_is_served_as_yaml_and_as_json() -> None:
    meta.schema.cache_clear()
    answer = APIClient().get("/api/v1/schema/")
    assert yaml.safe_load(answer.content) == schema()
    answer = APIClient().get("/api/v1/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    assert json.loads(answer.content) == schema()


def test_every_operation_has_an_example() -> None:
    assert {one["operationId"] for _, _, one in operations()} == EXAMPLES.keys()


@pytest.fixture(scope="module")
def known(facts: None) -> dict[str, dict[str, Any]]:
    """The keys of rows that have no name of their own."""
    rows = {
        "variants_retrieve": {"id": Variant.objects.filter(closed_in=None).first().pk},  # type: ignore[union-attr]
        "take_position": {"id": Variant.objects.filter(closed_in=None).first().pk},  # type: ignore[union-attr]
        "withdraw_position": {"id": Position.objects.filter(member__code="CAN", until=None).first().variant_id},  # type: ignore[union-attr]
        "positions_retrieve": {"id": Position.objects.first().pk},  # type: ignore[union-attr]
        "status_reports_retrieve": {"id": StatusReport.objects.first().pk},  # type: ignore[union-attr]
    }
    for name, model in (("documents", Document), ("meetings", Meeting), ("proposals", Proposal)):
        row: Any = model.objects.filter(slug=EXAMPLES[f"{name}_retrieve"].parameters["slug"]).first()
        assert row is not None, f"{model.objects.first().slug} is one"  # type: ignore[union-attr]
    return rows


def client(role: str) -> APIClient:
    found = APIClient()
    if role:
        member = Member.objects.get(code="CAN") if role == "delegate" else None
        found.force_login(DelegationFactory(role=role, member=member).user)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "method", "operation"), [pytest.param(*one, id=one[2]["operationId"]) for one in operations()]
)
def test_the_example_of_every_operation_works_and_is_answered_as_the_schema_says(
    known: Any, path: str, method: str, operation: dict[str, Any]
) -> None:
    written = EXAMPLES[operation["operationId"]]
    example = Example(written.parameters | known.get(operation["operationId"], {}), written.body, written.role)
    browser = client(example.role)
    for step in written.before:
        sent = browser.post(f"/api/v1{step.path}", step.body, format="json")
        assert sent.status_code < 300, sent.content
        made = sent.json().get("id")
    values = {name: made if value == MADE else value for name, value in example.parameters.items()}
    example = Example(values, written.body, written.role)
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in example.headers().items()}
    sent = {"data": json.dumps(example.body), "content_type": "application/json"} if example.body is not None else {}
    answer = browser.generic(method.upper(), example.address(path), **sent, **headers)
    assert answer.status_code in (200, 201), answer.content
    kinds = operation["responses"][str(answer.status_code)]["content"]
    if "application/json" not in kinds:
        assert answer["content-type"].partition(";")[0] in kinds
        return
    said = kinds["application/json"]["schema"]
    jsonschema.validate(answer.json(), {**said, "components": schema()["components"]})
    rows = answer.json().get("results") if isinstance(answer.json(), dict) else None
    assert rows != [], "an example that shows nothing"
