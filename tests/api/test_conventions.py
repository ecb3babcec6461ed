"""Tests of conventions of the whole API: codes, booleans, slashes, links, and reading from other sites."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from tests.factories import IssueFactory, MemberFactory, NegotiationFactory

pytestmark = pytest.mark.django_db

SITE = "https://analyst.example"


@pytest.fixture
def canada() -> Any:
    NegotiationFactory()
    return MemberFactory(code="CAN", name="Canada")


def test_a_code_may_be_written_in_any_case(client: Client, canada: Any) -> None:
    for code in ("CAN", "can", "Can"):
        assert client.get(f"/api/v1/members/{code}/").json()["code"] == "CAN"
        assert client.get(f"/members/{code}/").status_code == 200
    assert client.get("/api/v1/members/canx/").status_code == 404


def test_a_code_in_a_filter_may_be_written_in_any_case(client: Client) -> None:
    issue = IssueFactory(code="A.1")
    exact = client.get(f"/api/v1/provisions/?issue={issue.code}").json()
    assert client.get(f"/api/v1/provisions/?issue={issue.code.lower()}").json()["count"] == exact["count"]
    assert client.get("/api/v1/provisions/?issue=z.9").status_code == 400


def test_an_exact_match_wins_if_two_codes_differ_only_in_case(client: Client) -> None:
    for code in ("AB.1", "ab.1"):
        IssueFactory(code=code, title=f"Title of {code}")
    for code in ("AB.1", "ab.1"):
        assert client.get(f"/api/v1/issues/{code}/").json()["title"] == f"Title of {code}"
    assert client.get("/api/v1/issues/Ab.1/").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["members/?participant", "groupings/?speaks", "status-reports/?in_effect", "variants/?expand"],
)
def test_a_boolean_must_be_true_or_false(client: Client, canada: Any, address: str) -> None:
    for value in ("true", "false", "True", "1", "0", ""):
        assert client.get(f"/api/v1/{address}={value}").status_code == 200, value
    for value in ("maybe", "2", "yes", "nul"):
        response = client.get(f"/api/v1/{address}={value}")
        assert response.status_code == 400, value
        assert "true or false" in response.json()["errors"][0]["message"]


def test_a_url_without_its_final_slash_redirects_to_the_url_with_it(client: Client, canada: Any) -> None:
    response = client.get("/api/v1/members?page=1")
    assert (response.status_code, response["Location"]) == (308, "/api/v1/members/?page=1")
    assert client.get("/api/v1/members/CAN").status_code == 308
    assert client.get("/api/v1/nothing").status_code == 404


def test_the_root_of_the_api_redirects_to_its_version(client: Client, canada: Any) -> None:
    assert client.get("/api/")["Location"] == "/api/v1/"


def test_each_response_links_to_the_schema_and_the_reference(client: Client, canada: Any) -> None:
    for address in ("/api/v1/", "/api/v1/members/", "/api/v1/nothing/"):
        link = client.get(address)["Link"]
        assert '</api/v1/schema/>; rel="service-desc"' in link
        assert '</api/v1/reference/>; rel="service-doc"' in link


def test_pages_of_other_sites_can_read_the_api_without_credentials(client: Client, canada: Any) -> None:
    for address in ("/api/v1/members/", "/api/v1/members/?region=nowhere", "/api/v1/members/"):
        response = client.get(address, headers={"Origin": SITE})
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response
    assert "Access-Control-Allow-Origin" not in client.get("/members/", headers={"Origin": SITE})
    assert "Access-Control-Allow-Origin" not in client.get("/accounts/login/", headers={"Origin": SITE})


def test_pages_of_other_sites_can_neither_write_nor_send_a_token(client: Client, canada: Any) -> None:
    response = client.options(
        "/api/v1/members/",
        headers={
            "Origin": SITE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    assert "POST" not in response["Access-Control-Allow-Methods"]
    assert "authorization" not in response["Access-Control-Allow-Headers"]


def test_each_operation_has_a_summary_and_an_identifier_of_words() -> None:
    schema = yaml.safe_load(Path("docs/openapi.yaml").read_text(encoding="utf-8"))
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert all(5 <= len(operation["summary"]) <= 120 for operation in operations)
    identifiers = [operation["operationId"] for operation in operations]
    assert len(set(identifiers)) == len(identifiers)
    assert all(identifier.replace("_", "").isalpha() and identifier.islower() for identifier in identifiers)
    assert json.dumps(schema["servers"])
