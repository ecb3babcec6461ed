"""Tests that unusual requests in every role cause no errors and that all responses comply with the schema.

The requests are limited in number and the same in each run. `make schemathesis` runs longer with different requests.
"""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from issues.models import SmallGroup
from members.tokens import create_token
from tests.factories import FacilitatorFactory, UserFactory
from tests.people import delegate, secretariat

WRITTEN = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 2
ROLES = ("anonymous", "delegate", "facilitator", "secretariat")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("facts"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning"),
]


@pytest.fixture(autouse=True)
def _in_one_transaction(settings: Any) -> Iterator[None]:
    """Handle requests in the transaction of the test, as Django's own client does, and without rate limits."""
    if connection.vendor != "sqlite":
        pytest.skip("the schema is the same on both databases; once is enough")
    settings.API_RATE_ACCOUNT = settings.API_RATE_ADDRESS = "off"
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def headers_of(role: str) -> dict[str, str]:
    if role == "anonymous":
        return {}
    if role == "delegate":
        user = delegate("CAN")
    elif role == "facilitator":
        user = FacilitatorFactory(small_group=SmallGroup.objects.get(slug="spam"), user=UserFactory()).user
    else:
        user = secretariat()
    _, key = create_token(user, "Test", "write", datetime.timedelta(days=1), second_factor=True)
    return {"Authorization": f"Bearer {key}"}


def test_every_operation_answers_unusual_requests_according_to_the_schema_in_every_role() -> None:
    schema = schemathesis.openapi.from_dict(yaml.safe_load(WRITTEN.read_text(encoding="utf-8")))
    schema.app = WSGIHandler()
    headers = {role: {**headers_of(role), "Accept-Encoding": "identity"} for role in ROLES}
    tried, wrong = 0, []
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            for role in ROLES:  # generating a request takes longer than handling it
                try:
                    with transaction.atomic():
                        case.call_and_validate(headers=headers[role], checks=CHECKS)
                        transaction.set_rollback(True)
                except FailureGroup as found:
                    wrong.append(f"{case.operation.label}, {role}: {found}")

        ask()
        tried += 1
    assert wrong == [], "\n\n".join(wrong)
    assert tried == sum(len(methods) for methods in schema.raw_schema["paths"].values())
