"""Tests that programs perform operations and take positions through the API."""

from typing import Any

import pytest

from issues.models import (
    Position,
    Revision,
    Variant,
)
from tests.api.writing.programs import BY, TEXT, TEXTS, facilitator, of, problem
from tests.people import api_client_of, secretariat

pytestmark = pytest.mark.django_db


def test_an_operation_can_be_logged() -> None:
    sent = {"base_revision": 1, "operation": {"act": "take", "at": TEXT.index("[JPN"), "stance": "oppose"}, **BY}
    assert of("CAN").post(TEXTS, sent).json()["text"] == TEXT.replace("[JPN:", "[JPN propose; CAN oppose:")


def take(name: str, stance: str = "oppose") -> dict[str, Any]:
    return {"act": "take", "at": TEXT.index(f"[{name}"), "stance": stance}


def test_several_operations_form_one_revision_and_use_offsets_in_the_original_text() -> None:
    client, words = of("CAN"), "Always, "
    operations = [{"act": "propose", "at": 0, "words": words}, take("JPN")]
    both = {"base_revision": 1, "operations": operations, **BY}
    foreseen = client.post("/api/v1/provisions/open/check/", both).json()
    answer = client.post(TEXTS, both, HTTP_IDEMPOTENCY_KEY="k")
    assert (answer.status_code, answer.json()["number"]) == (201, 2)
    assert answer.json()["text"].startswith(f"[CAN: {words.strip()}")
    assert "[JPN propose; CAN oppose: by post]" in answer.json()["text"]
    assert foreseen["can_be_logged"]
    assert foreseen["sentences"] == answer.json()["sentences"]
    # The order of the operations does not matter, and a repeated request with the same key is recorded once.
    assert client.post(TEXTS, both, HTTP_IDEMPOTENCY_KEY="k").json()["number"] == 2
    assert Revision.objects.count() == 2


def test_an_error_names_its_operation_and_none_of_the_operations_is_stored() -> None:
    client = of("CAN")

    def refused(*operations: dict[str, Any]) -> str:
        said = problem(
            client.post(TEXTS, {"base_revision": 1, "operations": operations, **BY}), 400, "operation_refused"
        )
        return str(said["errors"][0]["field"])

    nowhere = {"act": "take", "at": 3, "stance": "oppose"}
    assert refused(take("JPN"), nowhere) == "operations.1"
    assert refused(take("JPN"), take("JPN", "reserve")) == "operations.1"  # both operations at the same head
    bad = client.post(TEXTS, {"base_revision": 1, "operations": [take("JPN"), {"act": "take"}], **BY})
    assert problem(bad, 400, "invalid")["errors"][0]["field"] == "operations.1.at"
    problem(client.post(TEXTS, {"base_revision": 1, "operations": [], **BY}), 400, "invalid")
    problem(client.post(TEXTS, {"base_revision": 1, "operations": [take("JPN")], "text": "x", **BY}), 400, "invalid")
    not_mine = [take("JPN"), {"act": "lift", "at": TEXT.index("[JPN")}]
    assert refused(*not_mine) == "operations.1"
    problem(client.post(TEXTS, {"base_revision": 1, "operations": not_mine[1:], **BY}), 403, "not_yours")
    assert Revision.objects.count() == 1


def test_a_position_held_by_another_member_does_not_make_the_request_succeed() -> None:
    client = api_client_of(secretariat())
    of("CAN").post(
        TEXTS, {"base_revision": 1, "operation": {"act": "take", "at": TEXT.index("[JPN"), "stance": "oppose"}, **BY}
    )
    bracket = Variant.objects.get(text="by post")
    numbers = []
    for code in ("CAN", "JPN", "JPN"):
        answer = client.put(f"/api/v1/variants/{bracket.pk}/positions/{code}/", {"stance": "oppose"})
        numbers.append((answer.status_code, answer.json()["number"], answer.json()["on_behalf_of"]))
    assert numbers == [(200, 2, "CAN"), (200, 3, "JPN"), (200, 3, "JPN")]


def test_taking_and_withdrawing_a_position_are_idempotent() -> None:
    variant = Variant.objects.get(text="by post")
    address, client = f"/api/v1/variants/{variant.pk}/positions/CAN/", of("CAN")
    taken = [client.put(address, {"stance": "support"}).json()["number"] for _ in range(2)]
    assert taken == [2, 2]
    assert client.get("/api/v1/positions/?member=CAN&stance=support").json()["results"][0]["since_revision"] == 2
    assert client.put(address, {"stance": "reserve"}).json()["number"] == 3
    withdrawn = [client.delete(address).json()["number"] for _ in range(2)]
    assert withdrawn == [4, 4]
    assert not Position.objects.filter(variant=variant, member__code="CAN", until=None).exists()
    problem(client.put(f"/api/v1/variants/{variant.pk}/positions/JPN/", {"stance": "oppose"}), 403, "not_yours")
    problem(
        client.delete(f"/api/v1/variants/{Variant.objects.get(text='promptly').pk}/positions/JPN/"), 403, "not_yours"
    )


def test_a_position_on_a_closed_variant_is_refused() -> None:
    variant = Variant.objects.get(text="by post")
    sent = {"base_revision": 1, "operation": {"act": "lift", "at": TEXT.index("[JPN")}}
    assert facilitator().post(TEXTS, sent).status_code == 201
    problem(of("CAN").put(f"/api/v1/variants/{variant.pk}/positions/CAN/", {"stance": "oppose"}), 409, "closed")
    assert of("CAN").get(f"/api/v1/variants/{variant.pk}/").json()["outcome"] == "lifted"


@pytest.mark.parametrize("ending", ["lift", "drop"])
def test_an_operation_on_a_removed_bracket_returns_a_conflict_and_stores_nothing(ending: str) -> None:
    at = TEXT.index("[JPN")
    ended = facilitator().post(TEXTS, {"base_revision": 1, "operation": {"act": ending, "at": at}})
    assert ended.status_code == 201
    stood = Revision.objects.get(number=2).text
    for operation in (
        {"act": "alternative", "at": at, "words": "by air"},
        {"act": "take", "at": at, "stance": "oppose"},
    ):
        late = of("CAN").post(TEXTS, {"base_revision": 1, "operation": operation, **BY})
        assert late.status_code == 409, operation
        assert late.json()["code"] == "conflict"
    assert Revision.objects.latest("number").text == stood


def test_an_operation_on_a_remaining_bracket_is_combined_with_other_changes() -> None:
    lifted = facilitator().post(TEXTS, {"base_revision": 1, "operation": {"act": "lift", "at": TEXT.index("[CAN")}})
    assert lifted.status_code == 201
    operation = {"act": "alternative", "at": TEXT.index("[JPN"), "words": "by air"}
    assert of("CAN").post(TEXTS, {"base_revision": 1, "operation": operation, **BY}).status_code == 201
    assert Revision.objects.latest("number").text == "Each Member shall promptly act [JPN: by post] / [CAN: by air]."
