"""Tests that the API applies the same checks as the pages, reports conflicts and prevents duplicates."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from issues.models import (
    ChangeRequest,
    Position,
    Proposal,
    Provision,
    Revision,
    StatusReport,
    SubIssue,
    Variant,
)
from tests.factories import (
    DelegationFactory,
    SmallGroupFactory,
    SubIssueFactory,
    provision_with,
)
from tests.people import api_client_of, delegate, facilitator_at, member, secretariat, take_part

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [CAN: promptly] act [JPN: by post]."
TEXTS = "/api/v1/provisions/open/revisions/"
BY = {"on_behalf_of": "CAN"}


@pytest.fixture(autouse=True)
def _text() -> None:
    """Create a provision in a small group. Canada and Japan take part."""
    take_part("CAN", "JPN")
    place = SubIssueFactory(code="B.1.a")
    SmallGroupFactory(slug="circle").sub_issues.add(place)
    provision_with(TEXT, slug="open", sub_issue=place)


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


def test_a_whole_text_is_logged_and_says_what_it_changed() -> None:
    text = TEXT.replace("promptly", "soon")
    answer = of("CAN").post(TEXTS, {"base_revision": 1, "text": text, "reason": "Clearer", **BY})
    assert answer.status_code == 201
    said = answer.json()
    assert (said["number"], said["text"], said["reason"], said["on_behalf_of"]) == (2, text, "Clearer", "CAN")
    assert said["sentences"]
    assert of("JPN").get(said["url"]).json() == said


def test_an_operation_is_logged_too() -> None:
    sent = {"base_revision": 1, "operation": {"act": "take", "at": TEXT.index("[JPN"), "stance": "oppose"}, **BY}
    assert of("CAN").post(TEXTS, sent).json()["text"] == TEXT.replace("[JPN:", "[JPN propose; CAN oppose:")


def take(name: str, stance: str = "oppose") -> dict[str, Any]:
    return {"act": "take", "at": TEXT.index(f"[{name}"), "stance": stance}


def test_several_operations_are_one_revision_and_each_counts_its_places_in_the_text_that_it_was_written_on() -> None:
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


def test_an_error_names_the_operation_and_nothing_of_the_rest_is_stored() -> None:
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


def test_what_a_check_foresees_has_what_others_logged_meanwhile() -> None:
    of("JPN").post(TEXTS, {"base_revision": 1, "text": TEXT.replace("post", "wire"), "on_behalf_of": "JPN"})
    address, sent = (
        "/api/v1/provisions/open/check/",
        {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY},
    )
    foreseen = of("CAN").post(address, sent).json()
    logged = of("CAN").post(TEXTS, sent).json()
    assert foreseen["sentences"] == logged["sentences"]
    assert "wire" in logged["text"]
    late = {**sent, "text": TEXT.replace("promptly", "at once")}
    assert problem(of("CAN").post(address, late), 409, "conflict")["places"]
    broken = of("CAN").post(address, {**sent, "text": "Each [CAN: Member"}).json()
    assert broken["problems"]
    assert not broken["can_be_logged"]


def test_the_same_request_with_the_same_key_is_recorded_once() -> None:
    client, sent = of("CAN"), {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY}
    numbers = [client.post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="k").json()["number"] for _ in range(2)]
    assert numbers == [2, 2]


@pytest.mark.parametrize(
    ("address", "other", "differs"),
    [
        (TEXTS, {"on_behalf_of": "JPN"}, ["on_behalf_of"]),
        (TEXTS, {"text": TEXT.replace("promptly", "now")}, ["content"]),
        (TEXTS, {"reason": "Clearer"}, ["content"]),
        (TEXTS, {"made_on": "2021-03-01"}, ["content"]),
        (TEXTS, {"base_revision": 2}, ["base"]),
        ("/api/v1/provisions/second/revisions/", {}, ["subject"]),
        ("/api/v1/requests/", {}, ["act", "content"]),
        ("/api/v1/proposals/", {}, ["act", "subject", "base", "content"]),
        ("/api/v1/small-groups/circle/status-reports/", {}, ["act", "subject", "on_behalf_of", "base", "content"]),
    ],
)
def test_another_request_with_a_used_key_is_a_conflict_that_names_the_key_and_the_difference(
    address: str, other: dict[str, Any], differs: list[str]
) -> None:
    provision_with(TEXT, TEXT + " Always.", slug="second", sub_issue=SubIssue.objects.get(code="B.1.a"))
    client = api_client_of(secretariat())
    sent = {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY}
    bodies: dict[str, dict[str, Any]] = {
        "/api/v1/requests/": {
            "provision": "open",
            "base_revision": 1,
            "operation": {"act": "lift", "at": TEXT.index("[")},
            **BY,
        },
        "/api/v1/proposals/": {"title": "Duties", "text": "None.", "sub_issues": ["B.1.a"], **BY},
        "/api/v1/small-groups/circle/status-reports/": {
            "status": "compiled",
            "stated_on": "2021-02-01",
            "stated_by": "Facilitator",
            "source": "Plenary",
        },
    }
    first = client.post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="once")
    assert first.status_code == 201
    document = problem(
        client.post(address, {**bodies.get(address, sent), **other}, HTTP_IDEMPOTENCY_KEY="once"), 409, "key_reused"
    )
    assert (document["key"], document["differs"]) == ("once", differs)
    assert "“once”" in document["detail"]
    assert client.post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="once").json() == first.json()


def test_what_a_colleague_logged_under_the_same_key_is_no_answer_to_ones_own_request() -> None:
    sent = {"base_revision": 1, "operation": {"act": "propose", "at": len(TEXT), "words": "Always."}, **BY}
    assert of("CAN").post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="k").status_code == 201
    colleague = api_client_of(DelegationFactory(member=member("CAN")).user)
    problem(colleague.post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="k"), 400, "nothing_changed")
    assert Revision.objects.count() == 2


def test_a_key_that_is_too_long_is_refused() -> None:
    sent = {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY}
    document = problem(of("CAN").post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="k" * 256), 400, "invalid")
    assert document["errors"][0]["field"] == "Idempotency-Key"
    assert of("CAN").post(TEXTS, sent, HTTP_IDEMPOTENCY_KEY="k" * 255).status_code == 201


def test_a_position_that_another_member_holds_is_no_success_of_ones_own() -> None:
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


def test_changes_that_do_not_meet_are_put_together_and_those_that_do_are_shown_from_both_sides() -> None:
    of("JPN").post(TEXTS, {"base_revision": 1, "text": TEXT.replace("post", "wire"), "on_behalf_of": "JPN"})
    both = of("CAN").post(TEXTS, {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY})
    assert both.json()["text"] == TEXT.replace("promptly", "soon").replace("post", "wire")
    late = of("CAN").post(TEXTS, {"base_revision": 1, "text": TEXT.replace("promptly", "at once"), **BY})
    said = problem(late, 409, "conflict")
    assert said["current"]["revision"] == 3
    assert said["current"]["text"] == both.json()["text"]
    assert ("at once" in said["places"][0]["yours"], "soon" in said["places"][0]["theirs"]) == (True, True)
    assert said["merged"] == {
        "yours": TEXT.replace("promptly", "at once").replace("post", "wire"),
        "theirs": TEXT.replace("promptly", "soon").replace("post", "wire"),
    }


def test_what_an_unknown_revision_changes_cannot_be_put_together() -> None:
    late = of("CAN").post(TEXTS, {"base_revision": 7, "text": TEXT.replace("promptly", "soon"), **BY})
    said = problem(late, 409, "conflict")
    assert (said["places"], "merged" in said) == ([], False)


def test_what_is_not_ones_own_is_refused_with_the_place_and_the_way_out() -> None:
    answer = of("CAN").post(TEXTS, {"base_revision": 1, "text": TEXT.replace("shall", "may"), **BY})
    said = problem(answer, 403, "not_yours")
    assert said["errors"][0]["place"] == {"offset": TEXT.index("shall")}
    assert "[CAN propose: …]" in said["detail"]
    problem(
        of("CAN").post(TEXTS, {"base_revision": 1, "text": TEXT + " [JPN: x]", "on_behalf_of": "JPN"}), 403, "not_yours"
    )
    assert Revision.objects.count() == 1


def test_what_is_wrong_with_a_text_is_said_at_its_place() -> None:
    answer = of("CAN").post(TEXTS, {"base_revision": 1, "text": "One.\nTwo [CAN: three", **BY})
    entry = problem(answer, 400, "text_refused")["errors"][0]
    assert (entry["field"], entry["place"]["line"], bool(entry["way_out"])) == ("text", 2, True)
    problem(of("CAN").post(TEXTS, {"base_revision": 1, "text": TEXT, **BY}), 400, "nothing_changed")


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ({"text": "x"}, "invalid", "base_revision"),
        ({"base_revision": 1}, "invalid", "text"),
        ({"base_revision": 1, "text": "x", "operation": {"act": "lift", "at": 1}}, "invalid", "text"),
        ({"base_revision": 1, "text": "x", "colour": "red"}, "unknown_parameter", "colour"),
        ({"base_revision": 1, "operation": {"act": "fly", "at": 1}}, "invalid", "operation.act"),
        ({"base_revision": 1, "text": "x", "on_behalf_of": "XXX"}, "invalid", "on_behalf_of"),
        ({"base_revision": 1, "text": "x", "made_on": "soon"}, "invalid", "made_on"),
    ],
)
def test_what_cannot_be_read_is_an_error_at_its_field(sent: dict[str, Any], code: str, field: str) -> None:
    said = problem(of("CAN").post(TEXTS, sent), 400, code)
    assert field in [one["field"] for one in said["errors"]]


def test_a_body_that_is_no_json_and_one_of_another_kind() -> None:
    client = of("CAN")
    problem(client.generic("POST", TEXTS, "{", content_type="application/json"), 400, "malformed")
    problem(
        client.generic("POST", TEXTS, "a=b", content_type="application/x-www-form-urlencoded"),
        415,
        "unsupported_media_type",
    )
    problem(client.generic("POST", TEXTS, "[]", content_type="application/json"), 400, "invalid")


def test_nobody_writes_without_saying_who_it_is() -> None:
    problem(APIClient().post(TEXTS, {"base_revision": 1, "text": "x"}), 401, "authentication_required")


def test_a_check_says_what_would_be_recorded_and_records_nothing() -> None:
    address = "/api/v1/provisions/open/check/"
    said = of("CAN").post(address, {"base_revision": 1, "text": TEXT.replace("promptly", "soon"), **BY}).json()
    assert (said["can_be_logged"], said["refusal"], bool(said["sentences"])) == (True, None, True)
    said = of("CAN").post(address, {"base_revision": 1, "text": TEXT.replace("shall", "may"), **BY}).json()
    assert said["can_be_logged"] is False
    assert said["refusal"]
    assert Revision.objects.count() == 1


def test_a_position_is_taken_and_withdrawn_and_both_may_be_repeated() -> None:
    variant = Variant.objects.get(text="by post")
    address, client = f"/api/v1/variants/{variant.pk}/positions/CAN/", of("CAN")
    taken = [client.put(address, {"stance": "support"}).json()["number"] for _ in range(2)]
    assert taken == [2, 2]
    assert client.get("/api/v1/positions/?holder=CAN&stance=support").json()["results"][0]["since_revision"] == 2
    assert client.put(address, {"stance": "reserve"}).json()["number"] == 3
    withdrawn = [client.delete(address).json()["number"] for _ in range(2)]
    assert withdrawn == [4, 4]
    assert not Position.objects.filter(variant=variant, member__code="CAN", until=None).exists()
    problem(client.put(f"/api/v1/variants/{variant.pk}/positions/JPN/", {"stance": "oppose"}), 403, "not_yours")
    problem(
        client.delete(f"/api/v1/variants/{Variant.objects.get(text='promptly').pk}/positions/JPN/"), 403, "not_yours"
    )


def test_nobody_stands_at_a_variant_that_is_closed() -> None:
    variant = Variant.objects.get(text="by post")
    sent = {"base_revision": 1, "operation": {"act": "lift", "at": TEXT.index("[JPN")}}
    assert facilitator().post(TEXTS, sent).status_code == 201
    problem(of("CAN").put(f"/api/v1/variants/{variant.pk}/positions/CAN/", {"stance": "oppose"}), 409, "closed")
    assert of("CAN").get(f"/api/v1/variants/{variant.pk}/").json()["outcome"] == "lifted"


def test_a_proposal_from_tabling_to_the_text() -> None:
    canada, japan = of("CAN"), of("JPN")
    sent = {"title": "Post", "text": "By air mail.", "sub_issues": ["B.1.a"], "co_sponsors": ["JPN"], **BY}
    tabled = [canada.post("/api/v1/proposals/", sent, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]
    assert [one.status_code for one in tabled] == [201, 201]
    assert Proposal.objects.count() == 1
    address = f"/api/v1/proposals/{tabled[0].json()['slug']}/"
    assert japan.post(f"{address}confirm/", {"on_behalf_of": "JPN"}).json()["proponents"] == ["CAN", "JPN"]
    revised = japan.post(f"{address}revise/", {"text": "By sea.", "base": 1, "on_behalf_of": "JPN"}).json()
    assert (revised["text"], revised["state"], revised["base"]) == ("By sea.", "revised", 4)
    said = problem(canada.post(f"{address}revise/", {"text": "By rail.", "base": 1, **BY}), 409, "overtaken")
    assert said["current"] == {"base": 4, "text": "By sea."}
    problem(canada.post(f"{address}withdraw/", BY), 400, "invalid")
    assert japan.post(f"{address}leave/", {"on_behalf_of": "JPN"}).json()["proponents"] == ["CAN"]
    merged = canada.post(f"{address}merge/", {"provision": "open", "base_revision": 1, "words": "By sea.", **BY})
    assert merged.json()["steps"][-1]["merged_into"] == {"provision": "open", "revision": 2}
    problem(canada.post(f"{address}withdraw/", BY), 409, "closed")


def test_a_proposal_that_cannot_stand_is_refused_at_its_field() -> None:
    sent = {"title": "", "text": "By air mail.", "sub_issues": ["Z.9"], **BY}
    said = problem(of("CAN").post("/api/v1/proposals/", sent), 400, "invalid")
    assert [one["field"] for one in said["errors"]] == ["sub_issues"]
    said = problem(of("CAN").post("/api/v1/proposals/", {**sent, "sub_issues": ["B.1.a"]}), 400, "invalid")
    assert [one["field"] for one in said["errors"]] == ["title"]


def test_a_request_is_made_once_and_answered_once() -> None:
    operation = {"act": "lift", "at": TEXT.index("[JPN")}
    sent = {"provision": "open", "base_revision": 1, "operation": operation, "reason": "Settled", **BY}
    asked = [of("CAN").post("/api/v1/requests/", sent, HTTP_IDEMPOTENCY_KEY="k").json()["id"] for _ in range(2)]
    assert ChangeRequest.objects.count() == 1
    address = f"/api/v1/requests/{asked[0]}/"
    assert of("JPN").get(address).status_code == 404
    problem(of("CAN").post(f"{address}accept/", {}), 403, "not_yours")
    problem(facilitator().post(f"{address}decline/", {"answer": ""}), 400, "text_refused")
    assert facilitator().post(f"{address}accept/", {}).json()["revision"] == 2
    problem(facilitator().post(f"{address}accept/", {}), 409, "closed")
    assert "[JPN" not in Provision.objects.get(slug="open").revisions.latest("number").text


def test_a_status_is_stated_by_the_facilitator_and_against_brackets_only_knowingly() -> None:
    address, client = "/api/v1/small-groups/circle/status-reports/", facilitator()
    sent = {"status": "clean text", "stated_on": "2021-02-01", "stated_by": "Chair", "source": "Plenary"}
    said = problem(client.post(address, sent), 400, "invalid")
    assert said["errors"][0]["field"] == "although_brackets"
    knowing = {**sent, "although_brackets": True}
    assert [client.post(address, knowing).status_code for _ in range(2)] == [201, 201]
    assert StatusReport.objects.count() == 1
    status = client.get("/api/v1/status/small-groups/circle/").json()
    assert (status["stated"]["status"], status["contradiction"]) == ("clean text", True)
    problem(of("CAN").post(address, knowing), 403, "not_yours")
    problem(client.post(address, {**sent, "stated_on": "2999-01-01"}), 400, "invalid")


def asked_to_lift() -> str:
    """Make Canada request that a bracket be lifted, and return the URL of the request."""
    sent = {"provision": "open", "base_revision": 1, "operation": {"act": "lift", "at": TEXT.index("[")}, **BY}
    address: str = of("CAN").post("/api/v1/requests/", sent, format="json").json()["url"]
    return address


def test_a_request_says_what_accepting_it_would_do_now_and_is_accepted_by_who_has_read_that() -> None:
    client, address = facilitator(), asked_to_lift()
    assert client.get(address).json()["now"] == {"revision": 1, "differs": False, "says": []}
    operation = {"act": "take", "at": TEXT.index("["), "stance": "oppose"}
    of("JPN").post(TEXTS, {"base_revision": 1, "operation": operation, "on_behalf_of": "JPN"}, format="json")
    now = client.get(address).json()["now"]
    assert (now["revision"], now["differs"], len(now["says"]) > 0) == (2, True, True)
    document = problem(client.post(f"{address}accept/", {}, format="json"), 409, "request_moved_on")
    assert document["now"] == now
    accepted = client.post(f"{address}accept/", {"revision": 2}, format="json")
    assert (accepted.status_code, accepted.json()["state"], accepted.json()["revision"]) == (200, "accepted", 3)
    assert accepted.json()["now"] is None


def test_a_request_that_has_lapsed_says_why_and_by_which_revision() -> None:
    client, address = facilitator(), asked_to_lift()
    operation = {"act": "drop", "at": TEXT.index("[")}
    assert client.post(TEXTS, {"base_revision": 1, "operation": operation}, format="json").status_code == 201
    for row in (client.get(address).json(), client.get("/api/v1/requests/?state=lapsed").json()["results"][0]):
        assert (row["state"], row["lapsed_in"], row["revision"]) == ("lapsed", 2, None)
        assert row["lapsed_because"].endswith("was dropped in revision 2.")
    assert client.get("/api/v1/requests/?state=open").json()["count"] == 0
    problem(client.post(f"{address}accept/", {}, format="json"), 409, "closed")


def test_a_request_that_is_no_longer_asked_by_right_has_lapsed_for_programs_too() -> None:
    client, address = facilitator(), asked_to_lift()
    member("CAN").delegations.update(until="2020-01-02")
    assert (client.get(address).json()["state"], client.get(address).json()["now"]) == ("lapsed", None)
    assert client.get("/api/v1/requests/?state=open").json()["count"] == 0
    problem(client.post(f"{address}accept/", {}, format="json"), 409, "closed")
    assert client.get(address).json()["lapsed_because"] == "The person who made the request no longer acts for Canada."


def test_the_same_acceptance_with_the_same_key_is_answered_as_the_first_time() -> None:
    client, address = facilitator(), asked_to_lift()
    answers = [client.post(f"{address}accept/", {}, HTTP_IDEMPOTENCY_KEY="k").json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["state"] == "accepted"
    problem(client.post(f"{address}decline/", {"answer": "No"}, HTTP_IDEMPOTENCY_KEY="k"), 409, "key_reused")


@pytest.mark.parametrize("ending", ["lift", "drop"])
def test_an_operation_at_a_bracket_that_is_gone_is_a_conflict_and_adds_nothing_beside_plain_words(ending: str) -> None:
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


def test_an_operation_at_a_bracket_that_still_stands_is_put_together_with_what_was_logged_elsewhere() -> None:
    lifted = facilitator().post(TEXTS, {"base_revision": 1, "operation": {"act": "lift", "at": TEXT.index("[CAN")}})
    assert lifted.status_code == 201
    operation = {"act": "alternative", "at": TEXT.index("[JPN"), "words": "by air"}
    assert of("CAN").post(TEXTS, {"base_revision": 1, "operation": operation, **BY}).status_code == 201
    assert Revision.objects.latest("number").text == "Each Member shall promptly act [JPN: by post] / [CAN: by air]."
