"""Tests that text in operations, requests and proposals undergoes the same checks as text in free edits."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from bracketed_text import parsing
from bracketed_text.advanced import DEPTH_LIMIT, MOST_VARIANTS
from issues.actions import changes, requests, text_checks
from issues.actions.edits import TextChange
from issues.actions.errors import TextRefused, WordsRefused
from issues.interchange import new_negotiation
from issues.models import ChangeRequest, Proposal, ProposalStep, Provision, Revision, Variant
from issues.models.choices import Act
from issues.text.member_names import load_register
from issues.text.operations import MAX_OPERATIONS, Operation
from tests.factories import (
    SmallGroupFactory,
    SubIssueFactory,
    provision_with,
)
from tests.people import api_client_of, client_of, delegate, facilitator_at, member, take_part
from tests.text.strings import REFUSED

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [CAN: promptly] act [JPN: by post] / [CAN: by wire]."
AT = TEXT.index("[JPN")
STORED = (Revision, Variant, ChangeRequest, Proposal, ProposalStep)
BEYOND = {
    "220,000 brackets": "[a]" * 220_000,
    "220,000 alternatives in one bracket": "[" + "a/" * 220_000 + "a]",
    "220,000 options": "Option 1:\na\n" * 220_000,
    "220,000 unopened": "]" * 220_000,
    "nested": "[" * 5_000 + "a" + "]" * 5_000,
    "beyond the deepest": "[" * (DEPTH_LIMIT + 1) + "a" + "]" * (DEPTH_LIMIT + 1),
    "as long as two texts": "word " * 400_000,
    "8.3 million characters": "[a] or [b] " * 755_000,
    **{f"U+{ord(one):04X}": f"soon{one}er" for one in REFUSED},
}
# These are refused by their length or depth before they reach a query, so they run once. A character could also be
# refused by the database.
LONG_OR_DEEP = {name for name in BEYOND if not name.startswith("U+")}


def each_of(texts: dict[str, str]) -> list[Any]:
    """Return the parameters for a test of these texts."""
    return [
        pytest.param(words, id=name, marks=[pytest.mark.once] if name in LONG_OR_DEEP else [])
        for name, words in texts.items()
    ]


# Django decodes form data and thereby replaces lone surrogates.
IN_FORMS = {name: words for name, words in BEYOND.items() if not name.startswith("U+D")}


@pytest.fixture(autouse=True)
def provision() -> Provision:
    """Return a provision with alternatives in a small group. Canada and Japan take part."""
    take_part("CAN", "JPN")
    place = SubIssueFactory(code="B.1.a")
    SmallGroupFactory(slug="circle").sub_issues.add(place)
    return provision_with(TEXT, slug="open", sub_issue=place)


@pytest.fixture(autouse=True)
def _nothing_stored(provision: Provision) -> Iterator[None]:
    """Assert that the test stores nothing."""
    before = [model.objects.count() for model in STORED]
    yield
    assert [model.objects.count() for model in STORED] == before


def program() -> APIClient:
    """Return an API client that acts for Canada."""
    return api_client_of(delegate("CAN"))


def post(client: APIClient, address: str, sent: dict[str, Any]) -> Any:
    """Send the data as ASCII, in which JSON escapes characters that UTF-8 cannot encode."""
    return client.post(address, json.dumps(sent), content_type="application/json")


def by_one_operation(words: str) -> Any:
    sent = {"base_revision": 1, "operation": {"act": "propose", "at": 0, "words": words}, "on_behalf_of": "CAN"}
    return post(program(), "/api/v1/provisions/open/revisions/", sent)


def by_several_operations(words: str) -> Any:
    several = [{"act": "propose", "at": 0, "words": "Recalling,"}, {"act": "alternative", "at": AT, "words": words}]
    return post(
        program(),
        "/api/v1/provisions/open/revisions/",
        {"base_revision": 1, "operations": several, "on_behalf_of": "CAN"},
    )


def by_a_check(words: str) -> Any:
    sent = {"base_revision": 1, "operation": {"act": "propose", "at": 0, "words": words}, "on_behalf_of": "CAN"}
    return post(program(), "/api/v1/provisions/open/check/", sent)


def by_a_request(words: str) -> Any:
    operation = {"act": "merge", "at": AT, "words": words}
    sent = {"provision": "open", "base_revision": 1, "operation": operation, "on_behalf_of": "CAN"}
    return post(program(), "/api/v1/requests/", sent)


def by_a_whole_text(words: str) -> Any:
    sent = {"base_revision": 1, "text": f"{TEXT} [CAN: {words}]", "on_behalf_of": "CAN"}
    return post(program(), "/api/v1/provisions/open/revisions/", sent)


def by_a_proposal(words: str) -> Any:
    sent = {"title": "On time", "text": words, "sub_issues": ["B.1.a"], "on_behalf_of": "CAN"}
    return post(program(), "/api/v1/proposals/", sent)


@pytest.mark.parametrize("words", each_of(BEYOND))
@pytest.mark.parametrize(
    "way", [by_one_operation, by_several_operations, by_a_check, by_a_request, by_a_whole_text, by_a_proposal]
)
def test_the_api_refuses_words_that_no_text_can_contain_in_every_endpoint(
    way: Callable[[str], Any], words: str
) -> None:
    answer = way(words)
    if way is by_a_check and answer.status_code == 200:
        assert answer.json()["can_be_logged"] is False
        return
    assert answer.status_code == 400, answer.content[:300]
    said = answer.json()
    assert said["code"] in ("invalid", "operation_refused", "text_refused")
    assert said["errors"]
    assert "\\ud8" not in json.dumps(said)


@pytest.mark.parametrize("words", each_of(IN_FORMS))
@pytest.mark.parametrize("asked", [False, True], ids=["pressed", "asked for"])
def test_the_page_refuses_words_that_no_text_can_contain_and_returns_them(words: str, asked: bool) -> None:
    sent = {
        "act": "merge" if asked else "propose",
        "at": AT if asked else 0,
        "revision": 1,
        "for": "CAN",
        "words": words,
    }
    sent |= {"ask": "1"} if asked else {}
    answer = client_of(delegate("CAN")).post("/provisions/open/operations/", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'role="alert"' in page
    kept = text_checks.sanitize(words)[:200]
    assert kept in page


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list to which the length of each parsed text is added."""
    lengths: list[int] = []
    finished = parsing._finished

    def counted(reading: Any) -> Any:
        lengths.append(len(reading.text))
        return finished(reading)

    monkeypatch.setattr(parsing, "_finished", counted)
    return lengths


HUGE = {name: words for name, words in BEYOND.items() if name.startswith(("220,000", "8.3", "nested", "as long"))}


@pytest.mark.parametrize("words", each_of(HUGE))
def test_invalid_words_are_refused_before_parsing_by_page_api_and_accepted_request(
    provision: Provision, parsed: list[int], words: str
) -> None:
    for way in (by_one_operation, by_several_operations, by_a_request):
        assert way(words).status_code == 400
    press = {"act": "propose", "at": 0, "revision": 1, "for": "CAN", "words": words}
    assert client_of(delegate("CAN")).post("/provisions/open/operations/", press).status_code == 422
    facilitator = facilitator_at(provision.sub_issue)
    wanted = {"act": "merge", "at": AT, "words": words}
    asked = ChangeRequest.objects.create(
        provision=provision,
        base=provision.revisions.get(),
        operation=wanted,
        stands_in=provision.revisions.get(),
        stands_as=wanted,
        says="By an earlier release",
        asked_by=delegate("CAN"),
        on_behalf_of=member("CAN"),
    )
    assert client_of(facilitator).get("/requests/").status_code == 200
    assert client_of(facilitator).post(f"/requests/{asked.pk}/accept/", {"answer": "", "seen": 1}).status_code == 422
    accepted = post(api_client_of(facilitator), f"/api/v1/requests/{asked.pk}/accept/", {"revision": 1})
    assert accepted.status_code == 400
    asked.delete()
    assert max(parsed, default=0) <= 2 * len(TEXT)


def test_too_many_operations_are_refused_before_any_is_processed() -> None:
    sent = {"base_revision": 1, "operations": [{"act": "nonsense"}] * 220_000, "on_behalf_of": "CAN"}
    answer = post(program(), "/api/v1/provisions/open/revisions/", sent)
    assert answer.status_code == 400
    assert [(one["field"], one["message"]) for one in answer.json()["errors"]] == [
        ("operations", f"Ensure this field has no more than {MAX_OPERATIONS} elements.")
    ]


@pytest.mark.parametrize(
    "words", ["[a]" * 4_400, "]" * 4_400, "[" + "a/" * 4_400 + "a]"], ids=["pairs", "ends", "slashes"]
)
def test_operations_together_cannot_contain_more_brackets_than_a_text(parsed: list[int], words: str) -> None:
    several = [{"act": "propose", "at": 0, "words": words}] * MAX_OPERATIONS
    sent = {"base_revision": 1, "operations": several, "on_behalf_of": "CAN"}
    answer = post(program(), "/api/v1/provisions/open/revisions/", sent)
    assert answer.status_code == 400
    assert "brackets, alternatives or options" in answer.json()["detail"]
    assert max(parsed, default=0) <= 2 * len(TEXT)


@pytest.mark.parametrize("name", ["sub_issues", "co_sponsors"])
def test_an_overlong_list_of_codes_is_refused_without_a_query(name: str, django_assert_max_num_queries: Any) -> None:
    sent = {
        "title": "On time",
        "text": "Soon.",
        "sub_issues": ["B.1.a"],
        "on_behalf_of": "CAN",
        name: ["CAN"] * 100_000,
    }
    client = program()
    with django_assert_max_num_queries(12):
        assert client.post("/api/v1/proposals/", sent).status_code == 400


def test_the_words_of_several_operations_share_the_length_limit_of_a_text(provision: Provision) -> None:
    half = "word " * 110_000
    operations = [Operation(Act.PROPOSE, 0, words=half), Operation(Act.PROPOSE, len(TEXT), words=half)]
    with pytest.raises(WordsRefused, match="limit of 1,000,000 characters") as refused:
        changes.log(TextChange(provision, base_revision=1, edit=operations), actor=delegate("CAN"))
    assert refused.value.index == 1


def test_the_result_of_an_operation_cannot_exceed_the_length_of_a_text(provision: Provision, settings: Any) -> None:
    settings.LONGEST_PROVISION = len(TEXT) + 10
    operation = Operation(Act.PROPOSE, len(TEXT), words="much too much")
    with pytest.raises(TextRefused, match="longer than"):
        changes.log(
            TextChange(provision, base_revision=1, edit=operation, on_behalf_of=member("CAN")), actor=delegate("CAN")
        )


def test_an_old_invalid_request_cannot_be_accepted_but_can_be_declined(provision: Provision) -> None:
    facilitator = facilitator_at(provision.sub_issue)
    operation = Operation(Act.MERGE, AT, words="by post or wire")
    asked = requests.ask(
        provision=provision,
        base_revision=1,
        operation=operation,
        actor=delegate("CAN"),
        on_behalf_of=member("CAN"),
    )
    asked.operation["words"] = "by \u202epost"
    asked.save(update_fields=["operation"])
    answer = client_of(facilitator).post(f"/requests/{asked.pk}/accept/", {"answer": ""})
    assert answer.status_code == 422
    assert "U+202E RIGHT-TO-LEFT OVERRIDE" in answer.content.decode()
    assert client_of(facilitator).post(f"/requests/{asked.pk}/decline/", {"answer": "Damaged"}).status_code == 302
    asked.delete()


@pytest.mark.parametrize("character", [one for one in REFUSED if not "\ud800" <= one <= "\udfff"])
def test_reasons_and_responses_undergo_the_same_checks(character: str) -> None:
    sent = {"act": "propose", "at": 0, "revision": 1, "for": "CAN", "words": "Recalling,", "reason": f"So{character}on"}
    answer = client_of(delegate("CAN")).post("/provisions/open/operations/", sent)
    assert answer.status_code == 422
    assert f"U+{ord(character):04X}" in answer.content.decode()
    taken = {"base_revision": 1, "operation": {"act": "propose", "at": 0, "words": "Recalling,"}, "on_behalf_of": "CAN"}
    for name in ("reason", "source"):
        refused = post(program(), "/api/v1/provisions/open/revisions/", {**taken, name: f"So{character}on"})
        assert refused.status_code == 400
        assert [one["field"] for one in refused.json()["errors"]] == [name]
        assert f"U+{ord(character):04X}" in refused.json()["detail"]


def test_the_limits_exceed_the_most_heavily_bracketed_known_text() -> None:
    assert MOST_VARIANTS > 3 * 1_629
    assert text_checks.require_text("[a] " * 1_629) == "[a] " * 1_629


def test_a_text_with_too_many_brackets_is_stored_unparsed_when_imported_unchanged() -> None:
    register = load_register()
    assert text_checks.exceeds_limits("[a]" * (MOST_VARIANTS + 1), register)
    assert text_checks.exceeds_limits("[" + "a/" * MOST_VARIANTS + "a]", register)
    assert not text_checks.exceeds_limits("[a]" * MOST_VARIANTS, register)
    assert not text_checks.exceeds_limits("[a] [b", register)
    assert new_negotiation.exceeds_limits is text_checks.exceeds_limits
