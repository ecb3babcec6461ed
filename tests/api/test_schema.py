"""Tests that the committed schema is up to date and correct, and that each operation has an example that works."""

import json
import os
import re
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

from issues.api.examples import CREATED_KEY, EXAMPLES, RESPONSES, Example
from issues.api.examples import RESPONSES_FILE as WRITTEN_ANSWERS
from issues.api.views import meta
from issues.models import Document, Meeting, Position, Proposal, StatusReport, Variant
from members.models import Member
from tests.factories import DelegationFactory

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ROOT / "docs" / "openapi.yaml"
LONGEST = 300
# Primary keys, encrypted or signed values, and values that depend on the time of the request.
UNSTEADY = frozenset({"id", "cursor", "next", "state", "sha256", "bytes", "digest"})
NUMBERED = re.compile(r"/[0-9]+/")
OF_A_STATE = re.compile(r"state=[0-9a-f]+")
THIS_YEARS = re.compile(r"20(2[4-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}(T[0-9:.+Z]+)?")


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


def test_a_change_to_the_schema_requires_a_line_in_the_changelog() -> None:
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


def test_every_operation_has_an_example_with_its_response() -> None:
    named = {one["operationId"] for _, _, one in operations()}
    assert named == EXAMPLES.keys()
    assert named == RESPONSES.keys()


@pytest.fixture(scope="module")
def known(facts: None) -> dict[str, dict[str, Any]]:
    """Return the primary keys of the rows that have no other identifier."""
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
def test_the_example_of_every_operation_works_and_matches_the_schema(
    known: Any, path: str, method: str, operation: dict[str, Any]
) -> None:
    written = EXAMPLES[operation["operationId"]]
    example = Example(written.parameters | known.get(operation["operationId"], {}), written.body, written.role)
    browser = client(example.role)
    for step in written.before:
        sent = browser.post(f"/api/v1{step.path}", step.body, format="json")
        assert sent.status_code < 300, sent.content
        made = sent.json().get("id")
    values = {name: made if value == CREATED_KEY else value for name, value in example.parameters.items()}
    example = Example(values, written.body, written.role)
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in example.headers().items()}
    sent = {"data": json.dumps(example.body), "content_type": "application/json"} if example.body is not None else {}
    answer = browser.generic(method.upper(), example.url(path), **sent, **headers)
    assert answer.status_code in (200, 201), answer.content
    kinds = operation["responses"][str(answer.status_code)]["content"]
    kind = answer["content-type"].partition(";")[0]
    if kind == "application/json":
        said = {**kinds[kind]["schema"], "components": schema()["components"]}
        jsonschema.validate(answer.json(), said)
        rows = answer.json().get("results") if isinstance(answer.json(), dict) else None
        assert rows != [], "an example that shows nothing"
        body = in_short(answer.json())
        jsonschema.validate(body, said)
    else:
        assert kind in kinds
        body = answer.getvalue().decode().splitlines()[0]
    shown = {"status": answer.status_code, "type": kind, "body": body}
    if os.environ.get("WRITE_SCHEMA"):
        write_down(operation["operationId"], shown)
    assert steady(RESPONSES[operation["operationId"]]) == steady(shown), "make schema writes what is answered now"


def in_short(said: Any) -> Any:
    """Return a response in the form shown in the schema, with two rows of each list and shortened texts."""
    if isinstance(said, dict):
        return {name: in_short(one) for name, one in said.items()}
    if isinstance(said, list):
        return [in_short(one) for one in said[:2]]
    if isinstance(said, str):
        said = said.replace("http://testserver", "https://tracker.example")
        return said if len(said) <= LONGEST else said[:LONGEST] + "…"
    return said


def steady(said: Any, name: str = "") -> Any:
    """Return a response without values that vary between runs, such as primary keys and times."""
    if isinstance(said, dict):
        return {key: steady(one, key) for key, one in said.items()}
    if isinstance(said, list):
        return [steady(one, name) for one in said]
    if name in UNSTEADY and said is not None:
        return type(said).__name__
    if not isinstance(said, str):
        return said
    return THIS_YEARS.sub("today", NUMBERED.sub("/1/", OF_A_STATE.sub("state=1", said)))


def write_down(operation: str, shown: dict[str, Any]) -> None:
    """Store a response as an example if it differs from the stored one in more than values that vary between runs."""
    if operation not in RESPONSES or steady(RESPONSES[operation]) != steady(shown):
        RESPONSES[operation] = shown
        text = json.dumps(dict(sorted(RESPONSES.items())), ensure_ascii=False, indent=1)
        WRITTEN_ANSWERS.write_text(text + "\n", encoding="utf-8")


@LIMITS
def test_the_committed_schema_is_the_one_that_is_served(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(made))
    if os.environ.get("WRITE_SCHEMA"):
        WRITTEN.write_text(made.read_text(encoding="utf-8"), encoding="utf-8")
    assert made.read_text(encoding="utf-8") == WRITTEN.read_text(encoding="utf-8"), (
        "make schema writes what is true now; say in CHANGELOG.md what changed for clients"
    )
    validate_schema(schema())
    assert schema()["openapi"].startswith("3.1")
