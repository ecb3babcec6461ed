"""Tests that deprecations are announced in headers and in the schema a year in advance."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import path
from drf_spectacular.generators import SchemaGenerator

from issues.api import responses
from issues.api.deprecation import Deprecated
from issues.api.views.status import StatusView
from tests.factories import provision_with

STATUS = "/api/v1/status/"
SINCE, UNTIL = datetime.date(2027, 1, 1), datetime.date(2028, 2, 1)
TOLD = {
    "Deprecation": "@1798761600",
    "Sunset": "Tue, 01 Feb 2028 00:00:00 GMT",
    "Link": '<http://testserver/api/v1/reference/>; rel="deprecation"; type="text/html"',
}


def told(answer: Any) -> dict[str, str]:
    headers = {name: answer[name].partition(", </api/v1/schema/>")[0] for name in TOLD if name in answer}
    return {name: value for name, value in headers.items() if "service-desc" not in value}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("deprecated", "with_it", "without"),
    [
        ({}, "", None),
        ({"parameter": "as_of"}, "?as_of=2021-03-02", ""),
        ({"field": "measured"}, "", "?fields=name"),
    ],
)
def test_only_users_of_a_deprecated_feature_are_told_its_dates(
    deprecated: dict[str, str], with_it: str, without: str | None, monkeypatch: Any
) -> None:
    provision_with("Each Member shall act.")
    monkeypatch.setattr(StatusView, "deprecated", (Deprecated(since=SINCE, until=UNTIL, **deprecated),))
    assert told(Client().get(STATUS + with_it)) == TOLD
    if without is not None:
        assert told(Client().get(STATUS + without)) == {}


@pytest.mark.django_db
def test_a_cached_response_announces_the_deprecation_too(monkeypatch: Any, settings: Any) -> None:
    settings.API_MEMORY_BYTES = 1_000_000
    monkeypatch.setattr(responses, "PUBLIC_RESPONSES", responses._ResponseCache())
    provision_with("Each Member shall act.")
    monkeypatch.setattr(StatusView, "deprecated", (Deprecated(since=SINCE, until=UNTIL),))
    assert [told(Client().get(STATUS)) for _ in range(2)] == [TOLD, TOLD]
    assert len(responses.PUBLIC_RESPONSES.rows) == 1


def test_the_schema_marks_the_deprecated_operation_parameter_or_field(monkeypatch: Any) -> None:
    def made(**deprecated: str) -> Any:
        monkeypatch.setattr(StatusView, "deprecated", (Deprecated(since=SINCE, until=UNTIL, **deprecated),))
        patterns = [path("api/v1/status/", StatusView.as_view())]
        return SchemaGenerator(patterns=patterns).get_schema(public=True)

    whole, parameter, field = made(), made(parameter="as_of"), made(field="measured")
    operation = whole["paths"][STATUS]["get"]
    assert operation["deprecated"]
    marked = {one["name"]: one.get("deprecated", False) for one in parameter["paths"][STATUS]["get"]["parameters"]}
    assert marked == {"as_of": True, "fields": False, "known_at": False}
    assert "deprecated" not in parameter["paths"][STATUS]["get"]
    answered = field["paths"][STATUS]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    schema = field["components"]["schemas"][answered.rpartition("/")[2]]
    assert [name for name, one in schema["properties"].items() if one.get("deprecated")] == ["measured"]
    assert "x-deprecated" not in operation


def test_nothing_is_removed_within_a_year_of_its_deprecation() -> None:
    with pytest.raises(ValueError, match="a year"):
        Deprecated(since=SINCE, until=datetime.date(2027, 12, 31))
