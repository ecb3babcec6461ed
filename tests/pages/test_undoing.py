"""Tests of undoing an action in place, of confirming that positions end, and of actions that come too late."""

import re
from typing import Any

import pytest
from django.test import Client

from issues.models import ChangeRequest, Position, Provision, Revision
from tests.factories import FIRST_DAY, provision_with
from tests.pages.forms import Form, form_with, forms_of
from tests.pages.test_bracket_actions import (  # noqa: F401  fixtures
    AT,
    POST,
    TEXT,
    current,
    delegate,
    panel_of,
    press,
    press_again,
    provision,
    touch,
)
from tests.pages.test_reading import text_of

pytestmark = pytest.mark.django_db


def button(answer: Any, says: str) -> Form:
    """Return the form of the page whose button has this label."""
    (form,) = (form for form in forms_of(answer) if form.says.strip() == says)
    return form


def follow(client: Client, answer: Any) -> Any:
    """Return the page to which a response redirects, without the fragment."""
    assert answer.status_code == 302
    return client.get(answer.url.partition("#")[0])


def undo(client: Client, page: Any, says: str = "Undo") -> Any:
    """Press the undo button of a page, and return the page to which it leads."""
    form = button(page, says)
    return follow(client, client.post(form.action, form.fields))


def test_an_action_its_undo_and_its_redo_are_shown_in_the_panel(canada: Client) -> None:
    page = follow(canada, press(canada, act="take", stance="oppose", at=AT))
    assert panel_of(page).startswith("Logged as revision 2: Canada opposes “promptly”. Undo")
    undone = undo(canada, page)
    assert current() == TEXT
    assert panel_of(undone).startswith("Undone: revision 2. Canada withdraws its position on “promptly”. Redo")
    assert "Support Canada supports" in panel_of(undone)
    again = undo(canada, undone, "Redo")
    assert current() == TEXT.replace("[BRA: promptly]", "[BRA propose; CAN oppose: promptly]")
    assert panel_of(again).startswith("Undone: revision 3. Canada opposes “promptly”. Undo")


@pytest.mark.parametrize(
    "sent",
    [
        {"act": "enclose", "stance": "oppose", "at": 0, "end": 4, "start": 0},
        {"act": "substitute", "at": 0, "end": 4, "start": 0, "words": "Every"},
        {"act": "propose", "at": 11, "end": 11, "start": 11, "words": "State"},
        {"act": "alternative", "words": "at once", "at": AT},
    ],
)
def test_undoing_an_insertion_removes_the_words(canada: Client, sent: dict[str, Any]) -> None:
    page = follow(canada, press(canada, **sent))
    assert "touched" in page.content.decode()
    undone = undo(canada, page)
    assert current() == TEXT
    assert panel_of(undone).startswith("Undone: revision 2.")
    undo(canada, undone, "Redo")
    assert current() == Revision.objects.get(number=2).text


def test_undoing_a_lift_restores_the_bracket_and_all_its_positions(facilitator: Client) -> None:
    page = follow(facilitator, press_again(facilitator, act="lift", at=AT))
    shown = panel_of(page)
    sentences = "Bracket lifted, words kept: “promptly”. This ends the position of Brazil."
    assert shown.startswith(f"Logged as revision 2: {sentences} Undo")
    assert "This bracket was lifted" not in shown
    undone = undo(facilitator, page)
    assert current() == TEXT
    assert "proposes Brazil" in panel_of(undone)
    held = Position.objects.get(member__code="BRA", variant__text="promptly", until=None)
    assert (held.begun_on, held.stance) == (FIRST_DAY, "propose")


def test_other_users_do_not_see_the_undo_button_and_a_forged_undo_is_refused(canada: Client) -> None:
    address = press(canada, act="take", stance="oppose", at=AT).url.partition("#")[0]
    japan = delegate("JPN")
    assert "Undo" not in text_of(japan.get(address))
    assert "Logged as" not in text_of(japan.get(address))
    refused = japan.post("/provisions/article/undo/", {"undo": 2})
    assert refused.status_code == 409
    assert "was recorded by another person" in text_of(refused)
    assert Client().post("/provisions/article/undo/", {"undo": 2}).status_code == 302
    assert Revision.objects.count() == 2


def test_an_entry_on_which_others_have_built_cannot_be_undone(canada: Client) -> None:
    page = follow(canada, press(canada, act="take", stance="oppose", at=AT))
    words = {"start": TEXT.index("in writing"), "at": TEXT.index("in writing"), "end": TEXT.index(" writing.") + 8}
    assert press(delegate("JPN"), act="enclose", stance="oppose", **words, **{"for": "JPN"}).status_code == 302
    form = button(page, "Undo")
    late = canada.post(form.action, form.fields)
    assert late.status_code == 409
    assert "Revision 3 has been logged since" in text_of(late)
    assert "Undo" not in text_of(canada.get("/provisions/article/?logged=2"))
    assert canada.post("/provisions/article/undo/", {"undo": "x"}).status_code == 404
    assert canada.post("/provisions/article/undo/", {}).status_code == 404


def test_history_and_activity_name_the_entry_that_an_undo_reverses(canada: Client) -> None:
    undo(canada, follow(canada, press(canada, act="take", stance="oppose", at=AT)))
    history = text_of(canada.get("/provisions/article/history/"))
    assert "Undoes revision 2" in history
    assert "Undone by revision 3" in history
    assert "undid revision 2" in text_of(canada.get("/activity/"))


@pytest.mark.parametrize(
    ("sent", "says", "again"),
    [
        ({"act": "lift", "at": AT}, "Brazil proposes “promptly”.", "Lift it anyway"),
        ({"act": "drop", "at": AT}, "Brazil proposes “promptly”.", "Drop it anyway"),
        (
            {"act": "choose", "at": POST},
            "Japan proposes “by post”. Brazil proposes “by wire”.",
            "Choose it anyway",
        ),
    ],
)
def test_before_positions_of_others_end_they_are_named_and_confirmation_is_requested_once(
    facilitator: Client,
    sent: dict[str, Any],
    says: str,
    again: str,
) -> None:
    asked = press(facilitator, **sent)
    assert asked.status_code == 200
    assert says in panel_of(asked)
    assert again in panel_of(asked)
    assert current() == TEXT
    assert facilitator.post("/provisions/article/operations/", form_with(asked, "confirmed").fields).status_code == 302
    assert current() != TEXT


def test_merging_alternatives_requires_confirmation_and_names_the_members_carried_over(
    facilitator: Client,
) -> None:
    asked = press(facilitator, act="merge", at=POST, words="by post or by wire")
    assert "Japan" in panel_of(asked)
    assert current() == TEXT


def test_members_that_took_a_position_in_the_meantime_are_named_before_the_action_is_recorded(
    facilitator: Client,
) -> None:
    asked = press(facilitator, act="lift", at=AT)
    confirmed = form_with(asked, "confirmed").fields
    press(delegate("JPN"), act="take", stance="oppose", at=AT, **{"for": "JPN"})
    late = facilitator.post("/provisions/article/operations/", confirmed)
    assert late.status_code == 409
    again = press(facilitator, act="lift", at=AT, revision=2, confirmed=confirmed["confirmed"])
    assert again.status_code == 200
    assert "Brazil proposes “promptly”; Japan opposes it." in panel_of(again)
    assert Revision.objects.count() == 2


def test_simultaneous_changes_elsewhere_do_not_require_another_confirmation(facilitator: Client) -> None:
    confirmed = form_with(press(facilitator, act="lift", at=AT), "confirmed").fields
    press(delegate("CAN"), act="take", stance="oppose", at=POST, **{"for": "CAN"})
    assert facilitator.post("/provisions/article/operations/", confirmed).status_code == 302
    assert "shall promptly act" in current()


def test_an_action_on_text_of_others_is_refused_without_a_request_for_confirmation(canada: Client) -> None:
    refused = press(canada, act="lift", at=AT)
    assert refused.status_code == 422
    assert "anyway" not in text_of(refused)


def test_a_bracket_without_names_is_lifted_with_one_click(facilitator: Client, provision: Provision) -> None:  # noqa: F811
    provision_with("Each Member [shall] act.", slug="bare", sub_issue=provision.sub_issue)
    answer = facilitator.post("/provisions/bare/operations/", {"revision": 1, "key": "k", "act": "lift", "at": 12})
    assert answer.status_code == 302


def test_reverting_a_mistake_is_offered_as_a_correction(canada: Client) -> None:
    press(canada, act="take", stance="support", at=AT, key="1")
    press(canada, act="take", stance="oppose", at=AT, revision=2, key="2")
    asked = press(canada, act="take", stance="support", at=AT, revision=3, key="3")
    assert asked.status_code == 200
    assert "what you ended today in revision 3" in panel_of(asked)
    form = form_with(asked, "confirmed").fields
    page = follow(canada, canada.post("/provisions/article/operations/", {**form, "corrects": "3"}))
    assert panel_of(page).startswith("Logged as revision 4, which corrects revision 3:")
    assert Revision.objects.get(number=4).corrects.number == 3


def test_a_mistake_can_be_followed_by_a_new_entry(canada: Client) -> None:
    press(canada, act="take", stance="support", at=AT, key="1")
    press(canada, act="take", stance="oppose", at=AT, revision=2, key="2")
    asked = press(canada, act="take", stance="support", at=AT, revision=3, key="3")
    form = form_with(asked, "confirmed").fields
    assert canada.post("/provisions/article/operations/", {**form, "corrects": ""}).status_code == 302
    assert Revision.objects.get(number=4).corrects is None


def test_an_action_on_a_removed_bracket_states_once_who_ended_it_when_and_how(
    canada: Client,
    facilitator: Client,
) -> None:
    press_again(facilitator, act="drop", at=AT)
    late = press(canada, act="take", stance="oppose", at=AT)
    assert late.status_code == 409
    shown = text_of(late)
    assert shown.count("This bracket was dropped in revision 2") == 1
    assert shown.count("Your change was not recorded.") == 1
    assert "Logged by:" in shown
    assert "was logged while you were writing" not in shown
    assert "The text has changed since" not in shown
    assert Revision.objects.count() == 2


WIRE = TEXT.index("[BRA: by wire]")
ENDINGS = {
    "lifted": (AT, {"act": "lift", "at": AT}),
    "dropped": (AT, {"act": "drop", "at": AT}),
    "chosen": (POST, {"act": "choose", "at": POST}),
    "not chosen": (POST, {"act": "choose", "at": WIRE}),
    "merged": (POST, {"act": "merge", "at": POST, "words": "by post or wire"}),
}
LATE = {
    "a stance": {"act": "take", "stance": "oppose"},
    "an alternative": {"act": "alternative", "words": "by air"},
    "a request": {"act": "drop", "ask": "1", "reason": "Not needed"},
    "a request to merge": {"act": "merge", "ask": "1", "words": "by any means"},
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("late", LATE)
def test_a_late_action_is_answered_with_a_single_message(
    ending: str,
    late: str,
    canada: Client,
    facilitator: Client,
) -> None:
    at, ended = ENDINGS[ending]
    press_again(facilitator, **ended)
    stood = current()
    answer = press(canada, at=at, **LATE[late])
    assert answer.status_code == 409
    page = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    assert text_of(answer).count("Your change was not recorded") == 1
    # The labels of brackets also name their revision.
    assert re.sub(r"\[\d+[a-z]?\] in revision \d+", "", text_of(answer)).count("in revision 2") == 1
    assert page.count('role="alert"') + page.count('class="notice') == 1
    assert current() == stood
    assert not ChangeRequest.objects.exists()


def test_words_typed_for_a_removed_bracket_are_not_lost(canada: Client, facilitator: Client) -> None:
    press_again(facilitator, act="drop", at=AT)
    late = press(canada, act="alternative", at=AT, words="as soon as it can")
    assert "as soon as it can</textarea>" in late.content.decode()


def test_an_action_on_a_changed_bracket_shows_its_current_state_and_the_buttons_again(
    canada: Client,
) -> None:
    press(delegate("JPN"), act="take", stance="oppose", at=AT, **{"for": "JPN"})
    late = press(canada, act="take", stance="oppose", at=AT)
    assert late.status_code == 409
    shown = panel_of(late)
    assert "Your change was not recorded because this passage changed while you were viewing it." in shown
    assert "Japan, revision 2 : Japan opposes “promptly”." in shown
    assert "Oppose Canada opposes “promptly”." in shown
    form = next(form for form in forms_of(late) if "Oppose" in form.says)
    assert canada.post(form.action, form.fields).status_code == 302


def test_an_action_already_performed_by_another_user_is_reported_as_such(facilitator: Client) -> None:
    asked = form_with(press(facilitator, act="lift", at=AT), "confirmed").fields
    press_again(facilitator, act="lift", at=AT, key="other")
    late = facilitator.post("/provisions/article/operations/", asked)
    assert late.status_code == 409
    assert text_of(late).count("This bracket was lifted in revision 2") == 1


def test_a_request_is_confirmed_where_it_was_made(canada: Client) -> None:
    page = follow(canada, press(canada, act="lift", at=AT, ask="1", reason="Agreed"))
    assert panel_of(page).startswith(
        "Request sent to the facilitator on behalf of Canada: Bracket lifted, words kept: “promptly”."
    )
    number = ChangeRequest.objects.get().pk
    assert "Request sent to the facilitator" not in text_of(delegate("JPN").get(f"/provisions/article/?asked={number}"))
