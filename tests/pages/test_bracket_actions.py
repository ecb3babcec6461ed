"""Tests of the panel of a bracket, the actions that it offers to each reader, and their effects."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from issues.models import ChangeRequest, Provision, Revision
from members.models import Delegation
from tests import people
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    UserFactory,
    provision_with,
)
from tests.pages.forms import form_with
from tests.pages.test_reading import text_of
from tests.people import client_of, take_part

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [BRA: promptly] act [JPN: by post] / [BRA: by wire] in writing."
AT = TEXT.index("[BRA: promptly]")
POST = TEXT.index("[JPN: by post]")


@pytest.fixture
def provision() -> Provision:
    """Return a provision with three brackets, two of which are alternatives."""
    take_part("BRA", "CAN", "JPN")
    return provision_with(TEXT, slug="article")


def delegate(code: str) -> Client:
    """Return a client of a delegate of the member."""
    return client_of(people.delegate(code))


def panel_of(answer: Any) -> str:
    """Return the text of the panel."""
    found = re.search(r'<section id="panel".*?</section>', answer.content.decode(), re.DOTALL)
    assert found is not None
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", found[0]).split()))


def touch(client: Client, **asked: Any) -> str:
    return panel_of(client.get("/provisions/article/", {"revision": 1, **asked}))


def press(client: Client, **sent: Any) -> Any:
    return client.post("/provisions/article/operations/", {"revision": 1, "for": "CAN", "key": "k", **sent})


def press_again(client: Client, **sent: Any) -> Any:
    """Press a button, and press again to confirm that others' positions may end."""
    return client.post("/provisions/article/operations/", form_with(press(client, **sent), "confirmed").fields)


def current() -> str:
    return Revision.objects.latest("number").text


def test_all_readers_see_the_positions_on_a_bracket_with_their_dates(client: Client, provision: Provision) -> None:
    shown = touch(client, at=AT)
    assert "“promptly” proposes Brazil since 4 January 2021" in shown
    assert "Open since 4 January 2021, revision 1" in shown
    assert "Support" not in shown


def test_a_delegate_is_offered_the_permitted_actions_with_the_sentences_that_they_would_record(canada: Client) -> None:
    shown = touch(canada, at=AT)
    for label in ("Support Canada supports “promptly”.", "Oppose Canada opposes “promptly”.", "Propose an alternative"):
        assert label in shown
    assert "Clean up the text" not in shown
    assert "Ask the facilitator to … Lift the bracket Bracket lifted, words kept: “promptly”." in shown


@pytest.mark.parametrize(
    ("sent", "becomes"),
    [
        ({"act": "take", "stance": "oppose", "at": AT}, "[BRA propose; CAN oppose: promptly]"),
        ({"act": "take", "stance": "support", "at": AT}, "[BRA propose; CAN support: promptly]"),
        ({"act": "alternative", "words": "at once", "at": AT}, "[BRA: promptly] / [CAN: at once]"),
        ({"act": "enclose", "stance": "oppose", "at": 0, "end": 4}, "[CAN oppose: Each] Member"),
        ({"act": "substitute", "at": 0, "end": 4, "words": "Every"}, "[CAN oppose: Each] [CAN: Every] Member"),
        ({"act": "propose", "at": 11, "words": "State"}, "Each Member [CAN: State] shall"),
    ],
)
def test_one_click_records_an_action(canada: Client, sent: dict[str, Any], becomes: str) -> None:
    answer = press(canada, **sent)
    assert answer.status_code == 302, panel_of(answer)
    assert becomes in current()
    revision = Revision.objects.latest("number")
    assert (revision.number, revision.on_behalf_of.code) == (2, "CAN")
    shown = panel_of(canada.get(answer.url))
    assert shown.startswith("Logged as revision 2: Canada")
    assert "Undo" in shown
    assert answer.url.endswith("#panel")


def test_a_double_click_is_recorded_once(canada: Client, provision: Provision) -> None:
    for _ in range(2):
        assert press(canada, act="take", stance="oppose", at=AT).status_code == 302
    assert provision.revisions.count() == 2


def test_a_click_for_another_member_on_the_same_page_is_not_treated_as_a_repetition(
    provision: Provision,
) -> None:
    secretariat = client_of(people.secretariat())
    assert press(secretariat, act="take", stance="oppose", at=AT).status_code == 302
    stale = press(secretariat, act="take", stance="oppose", at=AT, **{"for": "JPN"})
    assert (stale.status_code, provision.revisions.count()) == (409, 2)
    fresh = press(secretariat, act="take", stance="oppose", at=AT, revision=2, **{"for": "JPN"})
    assert (fresh.status_code, Revision.objects.latest("number").on_behalf_of.code) == (302, "JPN")


def test_a_member_can_withdraw_a_bracket_that_only_it_placed(canada: Client) -> None:
    press(canada, act="enclose", stance="oppose", at=0, end=4)
    shown = touch(canada, revision=2, at=0)
    assert "Withdraw the bracket Bracket lifted, words kept: “Each”." in shown
    assert "Withdraw the position" not in shown
    assert press(canada, revision=2, act="lift", at=0).status_code == 302
    assert current() == TEXT


def test_a_bracket_placed_by_others_remains_without_its_last_name(canada: Client, facilitator: Client) -> None:
    provision_with("Each Member [shall] act.", slug="bare")
    address = "/provisions/bare/operations/"
    taken = {"revision": 1, "for": "CAN", "act": "take", "stance": "oppose", "at": 12}
    assert canada.post(address, taken).status_code == 302
    lifted = canada.post(address, {"revision": 2, "for": "CAN", "act": "lift", "at": 12})
    assert lifted.status_code == 422
    assert canada.post(address, {"revision": 2, "for": "CAN", "act": "withdraw", "at": 12}).status_code == 302
    assert Revision.objects.filter(provision__slug="bare").latest("number").text == "Each Member [shall] act."


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"act": "lift", "at": AT}, "This bracket belongs to Brazil, and you act for Canada"),
        ({"act": "take", "stance": "oppose", "at": 3}, "No bracket under negotiation begins at this point"),
        ({"act": "take", "stance": "loves", "at": AT}, "“loves” is not a stance"),
        ({"act": "burn", "at": AT}, "“burn” is not an operation"),
        ({"act": "alternative", "at": AT, "words": "[CAN: open"}, "The words contain an error"),
        ({"act": "enclose", "stance": "oppose", "at": 0, "end": AT + 10}, "This would split a bracket"),
        ({"act": "take", "stance": "oppose", "at": AT, "for": "BRA"}, "on whose behalf you act"),
        ({"act": "take", "stance": "oppose", "at": AT, "revision": "99"}, "This text has no revision 99."),
    ],
)
def test_a_refused_action_is_explained_on_the_panel_and_nothing_is_stored(
    canada: Client, provision: Provision, sent: dict[str, Any], said: str
) -> None:
    answer = press(canada, **sent)
    assert answer.status_code in (409, 422)
    assert said in unescape(text_of(answer))
    assert provision.revisions.count() == 1


def test_typed_words_are_returned_with_the_reason(canada: Client) -> None:
    answer = press(canada, act="alternative", at=AT, words="[CAN: open")
    assert "[CAN: open</textarea>" in answer.content.decode()
    assert answer.content.decode().count("[CAN: open") == 1  # and not as text to be bracketed


def test_words_typed_for_a_selected_passage_are_returned_with_the_passage(canada: Client) -> None:
    answer = press(canada, act="substitute", at=0, start=0, end=4, words="[CAN: open")
    assert "“Each”" in panel_of(answer)
    assert "[CAN: open</textarea>" in answer.content.decode()


def test_an_action_on_an_outdated_text_is_combined_with_the_changes(canada: Client) -> None:
    press(canada, act="enclose", stance="oppose", at=0, end=4, key="one")
    assert press(canada, act="take", stance="oppose", at=AT, key="two").status_code == 302
    assert current() == TEXT.replace("Each", "[CAN oppose: Each]").replace("[BRA: p", "[BRA propose; CAN oppose: p")


def test_a_selected_passage_that_has_changed_must_be_selected_again(canada: Client) -> None:
    press(canada, act="enclose", stance="oppose", at=0, end=4)
    assert "The text has changed since this page was opened" in touch(canada, start=5, end=11)
    assert "The text has changed since this page was opened" in touch(canada, words="Member")


def test_words_are_found_exactly_as_typed(canada: Client) -> None:
    shown = touch(canada, words="in writing")
    assert "“in writing”" in shown
    assert "Oppose" in shown
    assert "does not appear in the text" in touch(canada, words="in wrting")
    assert "appears 2 times" in touch(canada, words="by")
    assert "Type some words" in touch(canada, words=" ")


@pytest.mark.parametrize("asked", [{"at": "x"}, {"at": "9" * 40}, {"start": 5, "end": 2}, {"start": -1, "end": "é"}])
def test_an_invalid_place_is_reported(canada: Client, asked: dict[str, Any]) -> None:
    assert "in the text" in touch(canada, **asked)


def test_the_facilitator_can_clean_up_the_text(facilitator: Client) -> None:
    shown = touch(facilitator, at=POST)
    assert "Choose “by post” Chosen among the alternatives: “by post”." in shown
    assert "Merge the alternatives" in shown
    assert press_again(facilitator, act="choose", at=POST).status_code == 302
    assert current() == "Each Member shall [BRA: promptly] act by post in writing."
    assert Revision.objects.latest("number").on_behalf_of is None


def test_the_facilitator_merges_alternatives_into_new_words(facilitator: Client) -> None:
    assert press_again(facilitator, act="merge", at=POST, words="by post or by wire").status_code == 302
    assert "[JPN, BRA propose: by post or by wire]" in current() or "[JPN, BRA: by post or by wire]" in current()


def test_the_secretariat_acts_on_behalf_of_the_selected_member(provision: Provision) -> None:
    secretariat = client_of(people.secretariat())
    assert "Choose a member" in touch(secretariat, at=AT)
    assert "Oppose Japan opposes “promptly”." in touch(secretariat, at=AT, **{"for": "JPN"})
    assert press(secretariat, act="take", stance="oppose", at=AT, **{"for": "JPN"}).status_code == 302
    assert Revision.objects.latest("number").on_behalf_of.code == "JPN"


def test_a_request_is_made_displayed_and_accepted(canada: Client, facilitator: Client) -> None:
    answer = press(canada, act="lift", at=AT, ask="1", reason="Brazil agreed in the corridor")
    assert answer.status_code == 302
    assert current() == TEXT
    request = ChangeRequest.objects.get()
    assert "Bracket lifted, words kept: “promptly”" in text_of(facilitator.get("/requests/"))
    assert "Canada asks" in touch(facilitator, at=AT)
    asked_back = facilitator.post(f"/requests/{request.pk}/accept/", {"answer": "As agreed"})
    assert "Brazil proposes “promptly”. These positions end: Brazil." in text_of(asked_back)
    assert current() == TEXT
    accepted = facilitator.post(
        f"/requests/{request.pk}/accept/", form_with(asked_back, "confirmed").fields, follow=True
    )
    assert "Accepted and logged as revision 2: Bracket lifted, words kept: “promptly”." in text_of(accepted)
    assert current() == TEXT.replace("[BRA: promptly]", "promptly")
    revision = Revision.objects.latest("number")
    assert revision.reason == "At the request of Canada: Brazil agreed in the corridor"
    request.refresh_from_db()
    assert (request.state, request.revision) == ("accepted", revision)
    assert "Accepted" in text_of(canada.get("/requests/?state=accepted"))


def test_a_request_can_be_declined_with_a_reason(canada: Client, facilitator: Client, provision: Provision) -> None:
    press(canada, act="drop", at=AT, ask="1")
    request = ChangeRequest.objects.get()
    refused = facilitator.post(f"/requests/{request.pk}/decline/", {"answer": " "})
    assert refused.status_code == 422
    assert "Give a reason for declining" in text_of(refused)
    assert facilitator.post(f"/requests/{request.pk}/decline/", {"answer": "Too early"}).status_code == 302
    again = facilitator.post(f"/requests/{request.pk}/accept/")
    assert again.status_code == 409
    assert provision.revisions.count() == 1
    assert "Response: Too early" in text_of(canada.get("/requests/?state=declined"))


def test_a_request_whose_effect_has_changed_states_its_present_effect_before_acceptance(
    canada: Client, facilitator: Client
) -> None:
    press(canada, act="lift", at=AT, ask="1")
    address = f"/requests/{ChangeRequest.objects.get().pk}/accept/"
    press(canada, act="take", stance="oppose", at=AT)
    answer = facilitator.post(address)
    assert (answer.status_code, ChangeRequest.objects.get().state) == (409, "open")
    said = (
        "The text has changed since this request was made. Applied to revision 2, the request would have this effect:"
    )
    assert said in text_of(answer)
    assert said in text_of(facilitator.get("/requests/"))
    assert facilitator.post(address, {"seen": 1}).status_code == 409
    asked_back = facilitator.post(address, {"seen": 2})
    assert "These positions end: Brazil and Canada." in text_of(asked_back)
    assert facilitator.post(address, form_with(asked_back, "confirmed").fields).status_code == 302
    assert current() == TEXT.replace("[BRA: promptly]", "promptly")


def test_a_request_whose_bracket_was_removed_is_shown_as_lapsed_with_the_reason(
    canada: Client, facilitator: Client
) -> None:
    press(canada, act="drop", at=AT, ask="1")
    pk = ChangeRequest.objects.get().pk
    asked_back = press(facilitator, act="lift", at=AT)
    assert (
        facilitator.post("/provisions/article/operations/", form_with(asked_back, "confirmed").fields).status_code
        == 302
    )
    assert "No requests in this state." in text_of(canada.get("/requests/"))
    page = canada.get("/requests/?state=lapsed")
    assert "The bracket around “promptly” was lifted in revision 2: the words remain." in text_of(page)
    assert '/provisions/article/history/#revision-2"' in page.content.decode()
    answer = facilitator.post(f"/requests/{pk}/accept/")
    assert answer.status_code == 409
    assert "This request is no longer open: it has lapsed. The bracket around" in text_of(answer)
    activity = text_of(canada.get("/activity/"))
    assert "noted the lapse of the request by Canada on Article" in activity
    assert "was lifted in revision 2" in activity


def test_a_request_whose_author_lost_the_right_is_shown_as_lapsed_without_actions(
    canada: Client, facilitator: Client
) -> None:
    press(canada, act="drop", at=AT, ask="1")
    Delegation.objects.filter(member__code="CAN").update(until="2020-01-02")
    assert "No requests in this state." in text_of(facilitator.get("/requests/"))
    assert "Canada asks" not in touch(facilitator, at=AT)
    for query in ("?state=lapsed", "?state="):
        page = facilitator.get(f"/requests/{query}")
        assert "Lapsed: The person who made the request no longer acts for Canada." in text_of(page)
        assert "/accept/" not in page.content.decode()


def test_a_request_to_merge_is_described_as_such_and_requires_words(canada: Client, facilitator: Client) -> None:
    form = canada.get("/provisions/article/", {"revision": 1, "at": POST})
    default = unescape(form.content.decode().split('name="words" id="panel-merged"')[1].split(">")[1].split("<")[0])
    refused = press(canada, act="merge", at=POST, words=default, ask="1")
    assert refused.status_code == 422
    assert "Write a single text to replace them" in text_of(refused)
    assert press(canada, act="merge", at=POST, words="by mail", ask="1").status_code == 302
    said = "Canada asks to replace the alternatives “by post” and “by wire” with “by mail”. The names at"
    for page in (canada.get("/requests/"), facilitator.get("/requests/"), canada.get("/activity/")):
        assert said in text_of(page)
        assert "Canada asks: Canada" not in text_of(page)
    assert said in touch(facilitator, at=POST)


def test_a_request_is_shown_at_its_bracket_in_its_current_place(canada: Client, facilitator: Client) -> None:
    press(canada, act="lift", at=AT, ask="1")
    press(canada, act="enclose", stance="oppose", at=0, end=4)
    assert "Canada asks: Bracket lifted" in touch(facilitator, revision=2, at=AT + len("[CAN oppose: ]"))


def test_requests_are_visible_only_to_the_delegation_and_its_facilitator(canada: Client, provision: Provision) -> None:
    press(canada, act="lift", at=AT, ask="1")
    request = ChangeRequest.objects.get()
    for stranger in (delegate("JPN"), client_of(FacilitatorFactory(user=UserFactory()).user)):
        assert "promptly" not in text_of(stranger.get("/requests/"))
        assert stranger.post(f"/requests/{request.pk}/accept/").status_code == 404
    assert Client().get("/requests/").status_code == 302
    assert canada.post(f"/requests/{request.pk}/accept/").status_code == 422
    assert canada.post(f"/requests/{request.pk}/take-back/").status_code == 302
    assert ChangeRequest.objects.get().state == "taken back"
    assert provision.revisions.count() == 1


def test_a_user_without_write_access_is_refused(provision: Provision) -> None:
    assert press(Client(), act="take", stance="oppose", at=AT).status_code == 302  # redirects to the login page
    analyst = client_of(DelegationFactory(role="analyst", member=None).user)
    assert press(analyst, act="take", stance="oppose", at=AT).status_code == 422
    assert press(analyst, act="lift", at=AT).status_code == 422
    assert press(analyst, act="lift", at=AT, ask="1").status_code == 422
    assert provision.revisions.count() == 1


def test_the_number_of_queries_of_a_panel_is_limited(canada: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(45):
        touch(canada, at=AT)
