"""Tests that one thing has one name in the API, that values are slugs, and that former names still answer."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from issues.api.serializers.writing import StateSerializer
from issues.models import StatusReport
from issues.models.choices import RequestState, Status, slug_of
from issues.sync.catch_up import catch_up_everywhere
from members.models import Grouping
from tests.api.test_schema import operations, schema
from tests.factories import (
    GroupingFactory,
    MemberFactory,
    NegotiationFactory,
    SmallGroupFactory,
    StatusReportFactory,
    provision_with,
)

SLUG, PROBLEM_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"), re.compile(r"[a-z]+(_[a-z]+)*")
# The codes of problems are identifiers that programs compare, and part of URLs.
IDENTIFIERS = "/components/schemas/Problem/properties/code"
# Names of parameters with the same meaning. Only the first may be used without being marked as deprecated.
SYNONYMS = [
    ("kind", "genre", "type"),
    ("q", "search", "query", "words"),
    ("member", "holder", "code_of_member"),
    ("sub_issue", "place", "subissue"),
    ("issue", "topic_code"),
    ("small_group", "group"),
    ("page_size", "limit", "per_page", "count"),
    ("cursor", "after", "offset"),
    ("order", "sort", "ordering", "order_by"),
    ("since", "from", "date_from"),
    ("until", "to", "date_to"),
    ("joined_since", "joined_from"),
    ("joined_until", "joined_to"),
    ("as_of", "day", "date", "on"),
    ("fields", "only", "select"),
    ("include", "expand_related", "embed"),
]


def nodes(node: Any, path: str = "", *, deprecated: bool = False) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield every object in the schema with its path, and whether it belongs to something deprecated."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from nodes(child, f"{path}/{index}", deprecated=deprecated)
    elif isinstance(node, dict):
        deprecated = deprecated or node.get("deprecated") is True
        yield path, node, deprecated
        for name, child in node.items():
            if name not in ("example", "examples"):
                yield from nodes(child, f"{path}/{name}", deprecated=deprecated)


def used_components() -> set[str]:
    """Return the paths of the components to which a part of the schema that is not deprecated refers."""
    return {
        node["$ref"].removeprefix("#") for _, node, deprecated in nodes(schema()) if "$ref" in node and not deprecated
    }


def test_every_closed_list_of_values_consists_of_slugs() -> None:
    used = used_components()
    lists = {
        path: node["enum"]
        for path, node, deprecated in nodes(schema())
        if isinstance(node.get("enum"), list)
        and not deprecated
        and (path in used or not path.startswith("/components/schemas/") or path.count("/") > 3)
    }
    assert len(lists) > 40
    wrong = {
        (path, value)
        for path, values in lists.items()
        for value in values
        if value and not (PROBLEM_CODE if path == IDENTIFIERS else SLUG).fullmatch(value)
    }
    assert not wrong


def test_values_with_blanks_are_found_where_nothing_is_deprecated() -> None:
    with_blanks = {
        path for path, node, _ in nodes(schema()) if any(" " in str(value) for value in node.get("enum") or [])
    }
    assert with_blanks == {"/components/schemas/StatusEnum", "/components/schemas/RequestStateEnum"}
    assert with_blanks.isdisjoint(used_components())


def parameters() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, method, operation in operations():
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                yield f"{method} {path}", parameter


def test_every_parameter_is_described() -> None:
    named = [(path, parameter) for path, _, operation in operations() for parameter in operation.get("parameters", [])]
    assert len(named) > 200
    assert [(path, one["name"]) for path, one in named if not one.get("description")] == []


def test_no_two_parameters_mean_the_same() -> None:
    used = {parameter["name"] for _, parameter in parameters() if not parameter.get("deprecated")}
    assert not used & {name for _kept, *others in SYNONYMS for name in others}
    former = {parameter["name"] for _, parameter in parameters() if parameter.get("deprecated")}
    assert former <= {name for _kept, *others in SYNONYMS for name in others}


def test_no_description_belongs_to_two_names() -> None:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for _, parameter in parameters():
        if not parameter.get("deprecated") and parameter.get("description"):
            names[parameter["description"].casefold().rstrip(".")].add(parameter["name"])
    assert {text: found for text, found in names.items() if len(found) > 1} == {}


def test_a_deprecated_parameter_stands_beside_the_one_that_replaces_it() -> None:
    replaced = {other: kept for kept, *others in SYNONYMS for other in others}
    named = defaultdict(set)
    for operation, parameter in parameters():
        named[operation].add(parameter["name"])
    for operation, parameter in parameters():
        if parameter.get("deprecated"):
            assert replaced[parameter["name"]] in named[operation], operation


def rows(address: str) -> tuple[list[dict[str, Any]], bool]:
    """Return the rows of a list, and whether the response announces a deprecation."""
    response = Client().get(f"/api/v1/{address}")
    assert response.status_code == 200, response.content
    return response.json()["results"], "Deprecation" in response


@pytest.fixture
def record() -> None:
    MemberFactory(code="CAN", name="Canada")
    GroupingFactory(code="AFRICAN GROUP", slug="african-group", kind="trade agreement", speaks=True)
    StatusReportFactory(small_group=SmallGroupFactory(), status="clean text")
    provision_with("It [CAN: shall] [AFRICAN GROUP: may] act.")
    catch_up_everywhere()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("present", "former"),
    [
        ("positions/?member=CAN&fields=name", "positions/?holder=CAN&fields=name"),
        ("variants/?member=CAN", "variants/?holder=CAN"),
        ("status-reports/?status=clean-text&fields=id", "status-reports/?status=clean text&fields=id"),
        ("changes/?page_size=1", "changes/?limit=1"),
    ],
)
def test_a_former_name_or_value_answers_the_same_and_says_that_it_will_go(
    record: None, present: str, former: str
) -> None:
    (found, announced), (found_before, announced_before) = rows(present), rows(former)
    assert found == found_before
    assert len(found) == 1
    assert (announced, announced_before) == (False, True)


@pytest.mark.django_db
def test_a_value_with_a_blank_has_a_slug_beside_it(record: None) -> None:
    [report] = rows("status-reports/")[0]
    assert (report["status"], report["status_slug"], report["label"]) == ("clean text", "clean-text", "Clean text")
    [stated] = Client().get("/api/v1/status/").json()["small_groups"]
    assert (stated["stated"]["status_slug"], stated["stated"]["label"]) == ("clean-text", "Clean text")
    [grouping] = rows("groupings/?kind=trade-agreement")[0]
    assert (grouping["kind"], grouping["kind_slug"]) == ("trade agreement", "trade-agreement")
    assert rows("groupings/?kind=trade agreement")[0] == [grouping]


@pytest.mark.django_db
def test_a_position_names_its_member_or_its_grouping(record: None) -> None:
    positions = {row["name"]: row for row in rows("positions/")[0]}
    held = {(row["member"], row["grouping"], row["kind"], row["holder"]) for row in positions.values()}
    assert held == {("CAN", None, "member", "CAN"), (None, "african-group", "grouping", "AFRICAN GROUP")}


@pytest.mark.django_db
def test_the_explorer_keeps_a_choice_under_its_former_name(record: None) -> None:
    pages = [Client().get(f"/variants/?{name}=CAN").content.decode() for name in ("member", "holder")]
    for page in pages:
        assert page.count('value="CAN" selected') == 1
        assert 'name="member"' in page
        assert 'name="holder"' not in page
        assert "Unknown filters" not in page
        assert "<strong>1 variant</strong>" in re.sub(r"\s*(<|>)\s*", r"\1", page)


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["clean-text", "clean text"])
def test_a_status_may_be_sent_as_a_slug_or_under_its_former_name(status: str) -> None:
    body = {"status": status, "stated_on": "2021-02-05", "stated_by": "Plenary", "source": "Report"}
    serializer = StateSerializer(data=body)
    assert serializer.is_valid()
    assert serializer.validated_data["status"] == "clean text"
    refused = StateSerializer(data={**body, "status": "clean"})
    assert not refused.is_valid()
    assert "clean-text" in str(refused.errors["status"])


@pytest.mark.django_db
def test_no_value_is_lost_when_it_becomes_a_slug() -> None:
    NegotiationFactory()
    for choices in (Status, RequestState):
        assert len({slug_of(value) for value in choices.values}) == len(choices.values)
    for value in Status.values:
        for sent in (value, slug_of(value)):
            assert Client().get("/api/v1/status-reports/", {"status": sent}).status_code == 200
    assert Client().get("/api/v1/status-reports/?status=clean_text").status_code == 400
    assert StatusReport.objects.count() == Grouping.objects.count() == 0
