"""Tests that requests lapse, with a reason, when their bracket has ended, and that acceptance can be previewed."""

from collections import Counter
from typing import Any

import pytest

from issues.access.roles import reader_of
from issues.actions import changes, requests
from issues.actions.change_previews import preview_operations
from issues.actions.edits import TextChange
from issues.actions.errors import NotRecorded, OperationRefused, RequestClosed, RequestOutdated
from issues.actions.request_previews import preview_requests
from issues.actions.undo import undo_revision
from issues.models import ChangeRequest, Provision, Revision
from issues.sync.resources import BY_MODEL
from issues.text.operations import Operation
from tests import people
from tests.factories import DelegationFactory, log_change, provision_with
from tests.issues.requests.asking import INK, POST, PROMPTLY, TEXT, WIRE, ask, operate, told
from tests.issues.test_concurrency import at_once
from tests.people import delegate, member

pytestmark = pytest.mark.django_db


def log(provision: Provision, text: str, actor: Any, code: str = "", **values: Any) -> Revision:
    base = provision.revisions.latest("number").number
    behalf = member(code) if code else None
    return log_change(provision=provision, base_revision=base, edit=text, actor=actor, on_behalf_of=behalf, **values)


def current(provision: Provision) -> str:
    return provision.revisions.latest("number").text


def test_the_preview_of_a_request_lists_the_requesters_own_position_among_those_that_end(
    provision: Provision, canada: Any
) -> None:
    support = Operation("take", PROMPTLY, stance="support")
    base = provision.revisions.get().number
    stood = changes.log(
        TextChange(provision, base_revision=base, edit=support, on_behalf_of=member("CAN")), actor=canada
    )
    expected = ["Dropped: “promptly”.", "This ends the positions of Brazil and Canada."]
    drop = Operation("drop", PROMPTLY)
    [offered] = preview_operations(
        provision=provision, base=stood, operations=[drop], actor=reader_of(canada), member=member("CAN")
    )
    assert offered.sentences == expected
    assert " ".join(expected) in ask(provision, "drop", PROMPTLY, canada).says


@pytest.mark.parametrize(
    ("act", "at", "ended_by", "because"),
    [
        ("lift", PROMPTLY, ("lift", PROMPTLY, 0), "The bracket around “promptly” was lifted in revision 2"),
        ("drop", PROMPTLY, ("drop", PROMPTLY, 0), "“promptly” was dropped in revision 2."),
        ("choose", POST, ("choose", POST, 0), "“by post” was chosen among the alternatives in revision 2."),
        ("choose", POST, ("drop", WIRE, 0), "This is no longer possible in revision 2: There is no choice"),
        ("merge", POST, ("drop", WIRE, 0), "This is no longer possible in revision 2: There are no alter"),
        ("merge", POST, ("drop", POST, 0), "This is no longer possible in revision 2: There are no alter"),
        ("choose", INK, ("choose", INK, 2), "“ink” was dropped in revision 2."),
    ],
)
def test_a_request_whose_bracket_or_choice_was_removed_has_lapsed_and_states_how(
    provision: Provision, facilitator: Any, act: str, at: int, ended_by: tuple[str, int, int], because: str
) -> None:
    asked = ask(provision, act, at, words="by mail" if act == "merge" else "")
    operate(provision, facilitator, ended_by[0], ended_by[1], number=ended_by[2])
    state, said, number = told(asked)
    assert (state, number) == ("lapsed", 2)
    assert said.startswith(because)
    assert (asked.decided_by, asked.decided_at is not None, asked.revision) == (None, True, None)


def test_a_lapsed_request_names_the_member_on_whose_behalf_the_bracket_was_ended(provision: Provision) -> None:
    asked = ask(provision, "lift", PROMPTLY)
    log(provision, TEXT.replace("[BRA: promptly] ", ""), delegate("BRA"), "BRA")
    assert told(asked) == ("lapsed", "“promptly” was dropped in revision 2, logged on behalf of Brazil.", 2)


@pytest.mark.parametrize(("act", "at"), [("lift", PROMPTLY), ("choose", WIRE), ("choose", INK), ("merge", POST)])
def test_a_request_stays_open_during_other_changes_and_is_applied_to_the_bracket_in_its_new_place(
    provision: Provision, facilitator: Any, act: str, at: int
) -> None:
    asked = ask(provision, act, at, words="by mail" if act == "merge" else "")
    log(provision, f"Today [alone], {TEXT}", facilitator)
    assert told(asked) == ("open", "", None)
    done = requests.accept(request=asked, actor=facilitator)
    alone = provision_with(TEXT, slug="alone", sub_issue=provision.sub_issue)
    alike = operate(alone, facilitator, act, at, words="by mail" if act == "merge" else "")
    assert done.text == f"Today [alone], {alike.text}"
    assert told(asked) == ("accepted", "", None)


def test_the_requested_alternative_is_chosen_even_if_its_number_has_changed(
    provision: Provision, facilitator: Any
) -> None:
    asked = ask(provision, "choose", INK, number=2)
    log(provision, TEXT.replace("ink/", ""), facilitator)
    assert told(asked)[0] == "open"
    with pytest.raises(RequestOutdated, match="chalk"):
        requests.accept(request=asked, actor=facilitator)
    assert requests.accept(request=asked, actor=facilitator, seen=2).text.endswith("in chalk.")


def test_identical_requests_of_other_members_lapse_when_one_is_accepted(provision: Provision, facilitator: Any) -> None:
    first = ask(provision, "lift", PROMPTLY)
    second = ask(provision, "lift", PROMPTLY, actor=DelegationFactory(member=member("CAN")).user)
    requests.accept(request=first, actor=facilitator)
    assert told(first) == ("accepted", "", None)
    assert told(second)[::2] == ("lapsed", 2)


def test_a_request_concerning_a_removed_bracket_is_refused(provision: Provision, facilitator: Any) -> None:
    operate(provision, facilitator, "lift", PROMPTLY)
    with pytest.raises(OperationRefused, match="was lifted in revision 2"):
        ask(provision, "drop", PROMPTLY, base=1)
    assert not ChangeRequest.objects.exists()


def test_requests_concerning_other_texts_are_not_affected(provision: Provision, facilitator: Any) -> None:
    other = provision_with(TEXT, slug="other", sub_issue=provision.sub_issue)
    asked = ask(other, "lift", PROMPTLY)
    operate(provision, facilitator, "lift", PROMPTLY)
    assert told(asked) == ("open", "", None)


def test_undoing_the_entry_that_ended_a_request_reopens_it(provision: Provision, facilitator: Any) -> None:
    asked = ask(provision, "lift", PROMPTLY)
    dropped = operate(provision, facilitator, "drop", PROMPTLY)
    assert told(asked)[0] == "lapsed"
    undone = undo_revision(revision=dropped, actor=facilitator)
    assert told(asked) == ("open", "", None)
    assert asked.decided_at is None
    undo_revision(revision=undone, actor=facilitator)
    assert told(asked)[::2] == ("lapsed", 4)


def test_a_request_whose_acceptance_is_undone_and_redone_is_accepted_rather_than_lapsed(
    provision: Provision, facilitator: Any
) -> None:
    asked = ask(provision, "lift", PROMPTLY)
    accepted = requests.accept(request=asked, actor=facilitator)
    undone = undo_revision(revision=accepted, actor=facilitator)
    assert told(asked) == ("open", "", None)
    again = undo_revision(revision=undone, actor=facilitator)
    assert (told(asked), asked.revision) == (("accepted", "", None), again)


def test_a_reopened_request_can_be_accepted(provision: Provision, facilitator: Any) -> None:
    asked = ask(provision, "lift", PROMPTLY)
    undo_revision(revision=requests.accept(request=asked, actor=facilitator), actor=facilitator)
    assert requests.accept(request=asked, actor=facilitator).text == TEXT.replace("[BRA: promptly]", "promptly")


# Preview of accepting


def test_an_acceptance_with_a_different_effect_is_announced_before_it_is_recorded(
    provision: Provision, facilitator: Any
) -> None:
    asked = ask(provision, "lift", PROMPTLY)
    log(provision, TEXT.replace("[BRA: promptly]", "[BRA propose; JPN oppose: promptly]"), delegate("JPN"), "JPN")
    preview = preview_requests([asked])[asked.pk]
    assert (preview.number, preview.differs, preview.lapsed_because) == (2, True, "")
    assert any("promptly" in sentence for sentence in preview.sentences)
    for seen in (None, 1, 3):
        with pytest.raises(RequestOutdated):
            requests.accept(request=asked, actor=facilitator, seen=seen)
    assert (told(asked)[0], provision.revisions.count()) == ("open", 2)
    requests.accept(request=asked, actor=facilitator, seen=2)
    assert current(provision) == TEXT.replace("[BRA: promptly]", "promptly")


def test_a_change_after_the_preview_requires_another_preview(provision: Provision, facilitator: Any) -> None:
    asked = ask(provision, "lift", PROMPTLY)
    for number, head in ((1, "JPN oppose"), (2, "JPN support")):
        log(provision, TEXT.replace("[BRA:", f"[BRA propose; {head}:", 1), delegate("JPN"), "JPN")
        with pytest.raises(RequestOutdated) as moved:
            requests.accept(request=asked, actor=facilitator, seen=number)
        assert moved.value.preview.number == number + 1


# Merging


def test_a_request_to_merge_is_described_as_a_request_to_merge(provision: Provision) -> None:
    asked = ask(provision, "merge", POST, words="by post or by wire")
    assert asked.says == (
        "Canada asks to replace the alternatives “by post” and “by wire” with “by post or by wire”. "
        "The names at both alternatives would be carried over: Japan and Brazil propose “by post or by wire”."
    )
    assert str(asked) == asked.says
    assert BY_MODEL[ChangeRequest].data(asked)["says"] == asked.says


@pytest.mark.parametrize("words", ["by post\nby wire", "by post by wire", " by post \r\n\n by wire\n"])
def test_a_request_to_merge_with_the_prefilled_words_is_refused(provision: Provision, words: str) -> None:
    with pytest.raises(OperationRefused, match="Write a single text to replace them"):
        ask(provision, "merge", POST, words=words)
    assert not ChangeRequest.objects.exists()


def test_a_request_to_merge_states_its_present_effect(provision: Provision, facilitator: Any) -> None:
    asked = ask(provision, "merge", POST, words="by mail")
    log(provision, TEXT.replace("[JPN: by post]", "[JPN propose; CAN support: by post]"), delegate("CAN"), "CAN")
    with pytest.raises(RequestOutdated) as moved:
        requests.accept(request=asked, actor=facilitator)
    assert (
        moved.value.preview.sentences[0] == "The alternatives “by post” and “by wire” would be replaced with “by mail”."
    )
    assert "Canada" in moved.value.preview.sentences[1]


@pytest.mark.django_db(transaction=True)
def test_an_acceptance_and_a_simultaneous_change_that_removes_the_bracket_are_not_both_recorded(
    provision: Provision,
) -> None:
    secretariat = people.secretariat()
    asked = [ask(provision, "lift", PROMPTLY, actor=DelegationFactory(member=member("CAN")).user) for _ in range(3)]

    def act(number: int) -> str:
        try:
            if number % 2:
                operate(provision, secretariat, "drop", PROMPTLY)
                return "dropped"
            requests.accept(request=asked[number // 2], actor=secretariat)
        except (RequestClosed, RequestOutdated, NotRecorded) as refused:
            return type(refused).__name__
        return "accepted"

    done = at_once(act)
    assert done["dropped"] + done["accepted"] == 1
    assert provision.revisions.count() == 2
    states = Counter(ChangeRequest.objects.values_list("state", flat=True))
    assert states == Counter({"lapsed": 3 - done["accepted"], **({"accepted": 1} if done["accepted"] else {})})
