"""Tests that changes logged through the page are recorded and that invalid input is returned with the form."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from issues.models import Provision
from issues.text.sentences import describe_revision
from members.models import Member
from members.plain_text import sanitize
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    ParticipationFactory,
    SmallGroupFactory,
    UserFactory,
    provision_with,
)
from tests.pages.forms import form_with
from tests.pages.test_reading import text_of
from tests.people import client_of, delegate, member

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [BRA: promptly] act."
OWN = TEXT.replace("act", "[CAN: always] act")


@pytest.fixture
def provision() -> Provision:
    """Return a provision with a bracket by Brazil. Canada is a member."""
    MemberFactory(code="CAN", name="Canada")
    MemberFactory(code="BRA", name="Brazil")
    return provision_with(TEXT, slug="article")


def typed(**values: Any) -> dict[str, Any]:
    """Return the data of a filled form."""
    canada = Member.objects.get(code="CAN").pk
    form = {"text": OWN, "base_revision": 1, "on_behalf_of": canada, "made_on": "2021-02-05", "reason": "In the room"}
    return {**form, "idempotency_key": "once", **values}


def page_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_the_form_contains_the_current_text(canada: Client) -> None:
    assert f">\n{TEXT}</textarea>" in page_of(canada.get("/provisions/article/log/"))


def test_a_change_is_recorded_and_the_figures_change_on_the_page_and_in_the_api(
    canada: Client, provision: Provision
) -> None:
    group = SmallGroupFactory(slug="clean-up")
    group.sub_issues.add(provision.sub_issue)
    before = canada.get("/api/v1/small-groups/clean-up/").json()["measured"]["open_brackets"]
    answer = canada.post("/provisions/article/log/", typed(), follow=True)
    assert "Logged as revision 2: Canada proposes “always”. Undo" in text_of(answer)
    assert canada.get("/api/v1/small-groups/clean-up/").json()["measured"]["open_brackets"] == before + 1
    status = canada.get("/api/v1/status/").json()["small_groups"][0]
    assert status["last_change"] == {"date": "2021-02-05", "provision": "article", "revision": 2}


def test_a_double_click_on_a_form_is_recorded_once(canada: Client, provision: Provision) -> None:
    for _ in range(2):
        assert canada.post("/provisions/article/log/", typed()).status_code == 302
    assert provision.revisions.count() == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN + " [", "Line 1, column 54: This “[” is never closed."),
        (OWN + " ]", "does not close a bracket"),
        (OWN + " [CAN, XQX: more]", "Unknown member or grouping “XQX”"),
        ("   ", "The text is empty."),
        ("word " * 1_000_000, "longer than 1,000,000 characters"),
        ("é" * 2_500_000, "longer than 1,000,000 characters"),
        (OWN + " \x02\x03", "control character"),
        (TEXT.replace("shall", "may"), "change affects text that does not belong to CAN"),
        (TEXT.replace("promptly", "slowly"), "This bracket belongs to Brazil, and you act for Canada"),
        (TEXT, "nothing to log"),
    ],
    ids=["unclosed", "unopened", "unknown", "empty", "5 MB", "5 MB of é", "binary", "base text", "another's", "same"],
)
def test_an_invalid_change_is_returned_as_typed_with_the_reason_and_nothing_is_stored(
    canada: Client, provision: Provision, text: str, said: str
) -> None:
    answer = canada.post("/provisions/article/log/", typed(text=text))
    assert answer.status_code == 422
    page = page_of(answer)
    assert said in page
    # Characters that a page cannot contain are returned as U+FFFD, which the user can see and delete.
    assert f">\n{sanitize(text)}</textarea>" in page
    assert "In the room" in page
    assert provision.revisions.count() == 1


def test_the_error_message_names_a_null_character_in_the_text(canada: Client, provision: Provision) -> None:
    page = page_of(canada.post("/provisions/article/log/", typed(text=OWN + "\x00")))
    assert "U+0000 NULL" in page
    assert "The text is empty" not in page


def test_binary_data_in_a_short_field_is_an_error_of_that_field(canada: Client, provision: Provision) -> None:
    page = page_of(canada.post("/provisions/article/log/", typed(reason="a\x00b")))
    assert "Line 1, column 2: U+0000 NULL is not allowed here." in page
    assert f">\n{OWN}</textarea>" in page
    assert provision.revisions.count() == 1


@pytest.mark.parametrize("wrong", [{"base_revision": "x"}, {"base_revision": ""}, {"made_on": "tomorrow"}])
def test_a_nonsensical_value_is_refused_without_a_crash(
    canada: Client, provision: Provision, wrong: dict[str, str]
) -> None:
    assert canada.post("/provisions/article/log/", typed(**wrong)).status_code == 422
    assert provision.revisions.count() == 1


LONG = "Each Member shall [BRA: promptly] act. It keeps records [JPN: in writing] for a year."


def box_of(answer: Any) -> str:
    """Return the content of the form's text area."""
    return form_with(answer, "text").fields["text"]


def form_of(answer: Any) -> dict[str, str]:
    """Return the data that the browser would send for the form on the page without a button."""
    return form_with(answer, "text").fields


@pytest.fixture
def clash(provision: Provision, canada: Client) -> Any:
    """Return the response to Canada's change after Brazil has changed the same passage and another one."""
    ParticipationFactory(member=MemberFactory(code="JPN", name="Japan"))
    provision_with(LONG, slug="long")
    brazil = client_of(delegate("BRA"))
    theirs = LONG.replace("[BRA: promptly]", "[BRA: at once]").replace("JPN: in", "JPN propose; BRA support: in")
    sent = typed(text=theirs, on_behalf_of=member("BRA").pk, idempotency_key="another")
    assert brazil.post("/provisions/long/log/", sent).status_code == 302
    mine = LONG.replace("[BRA: promptly]", "[BRA propose; CAN oppose: promptly]") + " [CAN: It shows them.]"
    return canada.post("/provisions/long/log/", typed(text=mine))


STANDS = LONG.replace("[BRA: promptly]", "[BRA: at once]").replace("JPN: in", "JPN propose; BRA support: in")
BOTH = STANDS + " [CAN: It shows them.]"


def test_after_a_conflict_the_box_combines_both_changes_and_only_the_conflict_is_open(clash: Any) -> None:
    assert clash.status_code == 409
    assert box_of(clash) == BOTH
    said = " ".join(re.sub(r"<[^>]+>", " ", page_of(clash)).split())
    assert "1 conflict is unresolved" in said
    assert "Brazil logged revision 2 on" in said
    assert clash.content.decode().count('class="open"') == 1
    assert 'name="base_revision" value="2"' in page_of(clash)


def test_a_text_logged_before_its_conflicts_are_resolved_is_not_recorded_but_kept(clash: Any, canada: Client) -> None:
    answer = canada.post("/provisions/long/log/", form_of(clash))
    assert answer.status_code == 422
    assert "1 conflict is still open" in page_of(answer)
    assert box_of(answer) == BOTH
    assert Provision.objects.get(slug="long").revisions.count() == 2


@pytest.mark.parametrize(
    ("press", "words"), [("1-m", "[BRA propose; CAN oppose: promptly]"), ("1-t", "[BRA: at once]"), ("all-m", None)]
)
def test_one_click_chooses_a_side_and_keeps_what_was_typed_elsewhere(
    clash: Any, canada: Client, press: str, words: str | None
) -> None:
    edited = {**form_of(clash), "text": BOTH + " [CAN: Today.]", "take": press}
    answer = canada.post("/provisions/long/log/", edited)
    assert answer.status_code == 200
    assert Provision.objects.get(slug="long").revisions.count() == 2
    expected = BOTH.replace("[BRA: at once]", words or "[BRA propose; CAN oppose: promptly]") + " [CAN: Today.]"
    assert box_of(answer) == expected
    turned = canada.post("/provisions/long/log/", {**form_of(answer), "take": "1-t"})
    assert box_of(turned) == BOTH + " [CAN: Today.]"


def test_changes_of_others_elsewhere_are_kept_after_a_conflict_is_resolved(clash: Any, canada: Client) -> None:
    decided = canada.post("/provisions/long/log/", {**form_of(clash), "take": "1-t"})
    assert canada.post("/provisions/long/log/", form_of(decided)).status_code == 302
    assert Provision.objects.get(slug="long").revisions.latest("number").text == BOTH


def test_a_conflict_resolved_by_hand_is_accepted_as_typed(clash: Any, canada: Client) -> None:
    by_hand = {**form_of(clash), "text": BOTH.replace("[BRA: at", "[BRA propose; CAN oppose: at"), "take": "1-h"}
    decided = canada.post("/provisions/long/log/", by_hand)
    assert box_of(decided) == by_hand["text"]
    assert canada.post("/provisions/long/log/", form_of(decided)).status_code == 302
    assert "[BRA propose; CAN oppose: at once]" in Provision.objects.get(slug="long").revisions.latest("number").text


@pytest.mark.parametrize("press", ["2-m", "0-m", "1-x", "", "m", "all", "1" * 4000 + "-m"])
def test_an_unknown_button_is_an_error_without_a_crash(clash: Any, canada: Client, press: str) -> None:
    assert canada.post("/provisions/long/log/", {**form_of(clash), "take": press}).status_code == 400


@pytest.mark.parametrize(
    "odd", [{"taken": "mmmm"}, {"taken": "é"}, {"written_on": "77"}, {"written_on": "x"}, {"written": ""}]
)
def test_tampering_with_hidden_fields_does_not_affect_changes_of_others(
    clash: Any, canada: Client, odd: dict[str, str]
) -> None:
    canada.post("/provisions/long/log/", {**form_of(clash), **odd})
    newest = Provision.objects.get(slug="long").revisions.latest("number").text
    assert newest in (STANDS, BOTH)


def test_a_third_simultaneous_change_is_combined_too(clash: Any, canada: Client) -> None:
    decided = canada.post("/provisions/long/log/", {**form_of(clash), "take": "1-m"})
    japan = client_of(delegate("JPN"))
    sent = typed(
        text=STANDS.replace("[BRA: at", "[BRA propose; JPN support: at"), on_behalf_of=member("JPN").pk, base_revision=2
    )
    assert japan.post("/provisions/long/log/", sent).status_code == 302
    again = canada.post("/provisions/long/log/", form_of(decided))
    assert again.status_code == 409
    assert box_of(again) == BOTH.replace("[BRA: at", "[BRA propose; JPN support: at")
    said = page_of(again)
    assert "Japan logged revision 3" in said
    assert "Brazil logged revision 2" not in said


def test_the_preview_after_a_simultaneous_change_applies_to_the_current_text(
    canada: Client, provision: Provision
) -> None:
    brazil = client_of(delegate("BRA"))
    theirs = typed(text=TEXT.replace("promptly", "at once"), on_behalf_of=member("BRA").pk, idempotency_key="another")
    assert brazil.post("/provisions/article/log/", theirs).status_code == 302
    check = page_of(canada.post("/provisions/article/log/check/", typed()))
    assert "Canada proposes “always”" in check
    assert "at once" not in check.partition("Preview")[0]
    meets = typed(text=TEXT.replace("[BRA: promptly]", "[BRA propose; CAN oppose: promptly]"))
    check = page_of(canada.post("/provisions/article/log/check/", meets))
    assert "Revision 2 was logged while you were writing and changes the same passage" in check


def test_changes_logged_by_two_delegates_in_different_places_are_combined(canada: Client, provision: Provision) -> None:
    brazil = client_of(delegate("BRA"))
    other = typed(
        text=TEXT.replace("promptly", "at once"),
        on_behalf_of=Member.objects.get(code="BRA").pk,
        idempotency_key="another",
    )
    assert brazil.post("/provisions/article/log/", other).status_code == 302
    answer = canada.post("/provisions/article/log/", typed(), follow=True)
    said = (
        "Logged as revision 3, combined with changes that others logged while you were "
        "writing: Canada proposes “always”."
    )
    assert said in text_of(answer)
    assert provision.revisions.get(number=3).text == OWN.replace("promptly", "at once")


def test_line_endings_are_kept_although_browsers_send_different_ones(canada: Client) -> None:
    provision_with("One line.\nAnother.", slug="lines")
    canada.post("/provisions/lines/log/", typed(text="One line.\r\nAnother. [CAN: A third.]"))
    assert Provision.objects.get(slug="lines").revisions.get(number=2).text == "One line.\nAnother. [CAN: A third.]"


def test_checking_states_what_would_be_recorded_and_records_nothing(canada: Client, provision: Provision) -> None:
    answer = canada.post("/provisions/article/log/check/", typed())
    assert "Canada proposes “always”" in page_of(answer)
    assert "2 open brackets after this change" in page_of(answer)
    assert provision.revisions.count() == 1


def test_a_user_without_a_role_does_not_get_the_form(provision: Provision) -> None:
    assert Client().get("/provisions/article/log/").status_code == 302
    client = Client()
    client.force_login(UserFactory())
    assert client.get("/provisions/article/log/").status_code == 403
    client.force_login(FacilitatorFactory(user=UserFactory()).user)
    assert client.get("/provisions/article/log/").status_code == 403


def test_a_facilitator_of_the_group_can_change_the_text_itself(provision: Provision) -> None:
    group = SmallGroupFactory()
    group.sub_issues.add(provision.sub_issue)
    client = Client()
    client.force_login(FacilitatorFactory(small_group=group, user=UserFactory()).user)
    clean = TEXT.replace("[BRA: promptly]", "promptly")
    asked = client.post("/provisions/article/log/", typed(text=clean, on_behalf_of=""))
    assert asked.status_code == 200
    assert "Brazil proposes “promptly”." in page_of(asked)
    assert "Log it anyway" in page_of(asked)
    assert provision.revisions.count() == 1
    assert client.post("/provisions/article/log/", form_with(asked, "text").fields).status_code == 302
    assert provision.revisions.get(number=2).text == clean


def test_words_changed_after_the_confirmation_require_another_confirmation(provision: Provision) -> None:
    group = SmallGroupFactory()
    group.sub_issues.add(provision.sub_issue)
    client = Client()
    client.force_login(FacilitatorFactory(small_group=group, user=UserFactory()).user)
    asked = client.post("/provisions/article/log/", typed(text="Each Member shall act.", on_behalf_of=""))
    confirmed = form_with(asked, "text").fields
    DelegationFactory(member=MemberFactory(code="CAN"))
    canada = client_of(delegate("CAN"))
    taken = typed(text=TEXT.replace("[BRA:", "[BRA propose; CAN oppose:"), idempotency_key="theirs")
    assert canada.post("/provisions/article/log/", taken).status_code == 302
    late = client.post("/provisions/article/log/", confirmed)
    assert late.status_code == 409
    decided = client.post("/provisions/article/log/", {**form_with(late, "text").fields, "take": "1-m"})
    again = client.post("/provisions/article/log/", {**form_with(decided, "text").fields, **_confirmed(confirmed)})
    assert again.status_code == 200
    assert "Brazil proposes “promptly”; Canada opposes it." in page_of(again)
    assert provision.revisions.count() == 2


def _confirmed(fields: dict[str, str]) -> dict[str, str]:
    return {"confirmed": fields["confirmed"]}


def test_a_mistake_in_a_free_edit_can_be_reverted_as_a_correction(canada: Client, provision: Provision) -> None:
    supports = TEXT.replace("[BRA:", "[BRA propose; CAN support:")
    opposes = TEXT.replace("[BRA:", "[BRA propose; CAN oppose:")
    for number, text in enumerate((supports, opposes), start=1):
        sent = typed(text=text, base_revision=number, made_on="", idempotency_key=str(number))
        assert canada.post("/provisions/article/log/", {**sent, "made_on": "2021-02-05"}).status_code == 302
    checked = canada.post("/provisions/article/log/", typed(text=supports, base_revision=3, check=""))
    assert "Record as a correction" in page_of(checked)
    sent = {**form_with(checked, "text").fields, "as_correction": "3"}
    assert canada.post("/provisions/article/log/", sent).status_code == 302
    assert provision.revisions.get(number=4).corrects.number == 3


def test_forms_require_the_csrf_token(provision: Provision) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(delegate("CAN"))
    assert client.post("/provisions/article/log/", typed()).status_code == 403
    assert provision.revisions.count() == 1


CHOICE = "Each Member shall [BRA; JPN oppose: act promptly] / [CAN: act duly] by post."


def test_a_facilitator_who_keeps_one_alternative_is_told_whose_positions_will_end() -> None:
    for code, name in (("BRA", "Brazil"), ("CAN", "Canada"), ("JPN", "Japan")):
        MemberFactory(code=code, name=name)
    choice = provision_with(CHOICE, slug="choice")
    group = SmallGroupFactory(negotiation=choice.negotiation)
    group.sub_issues.add(choice.sub_issue)
    client = Client()
    client.force_login(FacilitatorFactory(small_group=group, user=UserFactory()).user)
    sent = {"text": "Each Member shall act duly by post.", "base_revision": 1, "made_on": "2021-02-05", "reason": ""}
    asked = client.post("/provisions/choice/log/", {**sent, "on_behalf_of": "", "log": ""})
    said = text_of(asked)
    assert "Brazil proposes “act promptly”; Japan opposes it." in said
    assert "Canada proposes “act duly”." in said
    assert "These positions end: Brazil, Japan and Canada." in said
    assert choice.revisions.count() == 1
    checked = client.post("/provisions/choice/log/check/", sent)
    assert "Positions ended by this change" in text_of(checked)
    confirmed = form_with(asked, "confirmed").fields
    logged = client.post("/provisions/choice/log/", {**confirmed, "log": ""})
    assert logged.status_code == 302
    assert describe_revision(choice.revisions.get(number=2)) == [
        "Dropped: “act promptly”.",
        "This ends the positions of Brazil and Japan.",
        "Chosen among the alternatives: “act duly”.",
        "This ends the position of Canada.",
    ]
