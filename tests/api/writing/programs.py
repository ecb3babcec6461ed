"""API clients of the people who write, and the data that they send."""

from typing import Any

from rest_framework.test import APIClient

from issues.models import (
    SubIssue,
)
from tests.people import api_client_of, delegate, facilitator_at

TEXT = "Each Member shall [CAN: promptly] act [JPN: by post]."
TEXTS = "/api/v1/provisions/open/revisions/"
BY = {"on_behalf_of": "CAN"}


def of(code: str) -> APIClient:
    """Return an API client of a delegate of the member."""
    return api_client_of(delegate(code))


def facilitator() -> APIClient:
    """Return an API client of the facilitator of the provision."""
    return api_client_of(facilitator_at(SubIssue.objects.get(code="B.1.a")))


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return a problem document after checking its form."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    said: dict[str, Any] = answer.json()
    assert (said["status"], said["code"]) == (status, code)
    assert {"type", "title", "detail", "instance", "way_out", "errors"} <= said.keys()
    assert said["type"].endswith(f"/api/v1/problems/{code}/")
    return said
