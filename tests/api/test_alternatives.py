"""Tests that programs can take positions on one alternative by operation, by variant and by text."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from issues.models import Position, Provision, Revision, SubIssue, Variant
from issues.text.index import differences
from issues.text.lifetimes import holders_of
from issues.text.member_names import load_register
from tests.factories import SubIssueFactory, provision_with
from tests.people import api_client_of, delegate, take_part

pytestmark = pytest.mark.django_db

TEXT = "Each Member protects [suppliers/persons who trade] online."
OPTIONS = "Option 1: it acts.\nOption 2: [JPN: it waits.]"
TEXTS = "/api/v1/provisions/open/revisions/"
WORDS = TEXT.index("persons")


@pytest.fixture(autouse=True)
def place() -> SubIssue:
    take_part("CAN", "JPN")
    found = SubIssueFactory(code="B.1.a")
    provision_with(TEXT, slug="open", sub_issue=found)
    return found


@pytest.fixture
def canada() -> APIClient:
    return of("CAN")


def of(code: str) -> APIClient:
    return api_client_of(delegate(code))


def sent(client: APIClient, **what: Any) -> Any:
    return client.post(TEXTS, {"base_revision": 1, "on_behalf_of": "CAN", **what})


BECOMES = "Each Member protects [suppliers] / [CAN oppose: persons who trade] online."
WAYS = {
    "an operation at its words": {"operation": {"act": "take", "at": WORDS, "stance": "oppose"}},
    "a free edit": {"text": BECOMES},
}


@pytest.mark.parametrize("what", WAYS.values(), ids=WAYS)
def test_a_delegate_takes_a_position_on_one_alternative(canada: APIClient, what: dict[str, Any]) -> None:
    answer = sent(canada, **what)
    assert answer.status_code == 201, answer.content
    assert answer.json()["text"] == BECOMES
    assert answer.json()["sentences"] == [
        "“suppliers” and “persons who trade” are now in separate brackets.",
        "Canada opposes “persons who trade”.",
    ]
    # Each alternative has a row as before. The rows are open since the first text, and one of them has the position.
    rows = Variant.objects.order_by("ordinal")
    assert [(row.text, row.opened_in.number, row.closed_in) for row in rows] == [
        ("suppliers", 1, None),
        ("persons who trade", 1, None),
    ]
    assert [(one.variant.text, one.stance) for one in Position.objects.all()] == [("persons who trade", "oppose")]
    assert differences(Provision.objects.get(), load_register(), holders_of()) == []


@pytest.mark.parametrize("words", ["suppliers", "persons who trade"])
def test_a_position_on_the_row_of_an_alternative_can_be_taken_and_withdrawn(canada: APIClient, words: str) -> None:
    row = Variant.objects.get(text=words)
    address = f"/api/v1/variants/{row.pk}/positions/CAN/"
    assert [canada.put(address, {"stance": "support"}).json()["number"] for _ in range(2)] == [2, 2]
    assert Position.objects.get().variant == row
    assert f"[CAN support: {words}]" in Revision.objects.latest("number").text
    assert [canada.delete(address).json()["number"] for _ in range(2)] == [3, 3]
    assert Revision.objects.latest("number").text == "Each Member protects [suppliers] / [persons who trade] online."


def test_a_position_on_the_alternatives_as_a_whole_is_refused(canada: APIClient) -> None:
    answer = sent(canada, operation={"act": "take", "at": TEXT.index("["), "stance": "oppose"})
    assert answer.status_code == 400
    assert "Choose the place of one alternative" in answer.json()["detail"]
    assert Revision.objects.count() == 1


def test_a_position_on_a_labelled_option_is_recorded_at_its_words(canada: APIClient, place: SubIssue) -> None:
    provision_with(OPTIONS, slug="options", sub_issue=place)
    address = f"/api/v1/variants/{Variant.objects.get(text__contains='it acts').pk}/positions/CAN/"
    assert [canada.put(address, {"stance": "support"}).json()["number"] for _ in range(2)] == [2, 2]
    stands = Revision.objects.filter(provision__slug="options")
    assert stands.latest("number").text == OPTIONS.replace("it acts.", "[CAN support: it acts.]")
    assert [canada.delete(address).json()["number"] for _ in range(2)] == [3, 3]
    assert stands.latest("number").text == OPTIONS


def test_a_position_on_an_option_is_recorded_next_to_those_of_its_proponents(
    canada: APIClient, place: SubIssue
) -> None:
    provision_with(OPTIONS, slug="options", sub_issue=place)
    option = Variant.objects.filter(text__contains="it waits", provision__slug="options").order_by("ordinal").first()
    assert option is not None
    address = f"/api/v1/variants/{option.pk}/positions/CAN/"
    assert [canada.put(address, {"stance": "oppose"}).json()["number"] for _ in range(2)] == [2, 2]
    stands = Revision.objects.filter(provision__slug="options")
    assert "Option 2: [JPN propose; CAN oppose: it waits.]" in stands.latest("number").text
    assert canada.delete(address).json()["number"] == 3
    assert "Option 2: [JPN propose: it waits.]" in stands.latest("number").text


def test_a_delegate_cannot_divide_a_bracket_if_a_neighbour_would_become_an_alternative(
    canada: APIClient, place: SubIssue
) -> None:
    text = "It protects [a few/some of them] [JPN: all] online."
    provision_with(text, slug="run", sub_issue=place)
    for what in (
        {"operation": {"act": "take", "at": text.index("some"), "stance": "oppose"}},
        {"text": text.replace("[a few/some of them]", "[a few] / [CAN oppose: some of them]")},
    ):
        answer = canada.post(TEXTS.replace("open", "run"), {"base_revision": 1, "on_behalf_of": "CAN", **what})
        assert answer.status_code in (400, 403), answer.content
    assert Revision.objects.filter(provision__slug="run").count() == 1
