"""Tests that changes logged in the admin pass the usual checks and that rejected input is returned unchanged."""

import html
from typing import Any

import pytest
from django.test import Client

from issues.models import Position, Provision, Revision
from members.models import Member
from tests.admin.rows import address, errors
from tests.factories import DelegationFactory, ProvisionFactory, UserFactory, provision_with
from tests.pages.forms import form_with

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [CAN: promptly] act."


def log(desk: Client, provision: Provision, text: str, **values: Any) -> Any:
    form = {"provision": provision.pk, "text": text, "base_revision": 1, "made_on": "2021-02-05", "reason": "Plenary"}
    return desk.post(address(Revision, "add"), {**form, **values})


def test_a_text_is_changed_through_the_form_log_a_change(desk: Client, provision: Provision) -> None:
    form = desk.get(address(Revision, "add"), {"provision": provision.pk})
    assert TEXT in form.content.decode()
    asked = log(desk, provision, TEXT.replace("[CAN: promptly]", "promptly").replace(" act", "\r\nact"))
    assert errors(asked) == [
        "Canada proposes “promptly”.",
        "These positions end. To log the change anyway, save again.",
    ]
    answer = desk.post(asked.request["PATH_INFO"], form_with(asked, "text").fields)
    assert answer.status_code == 302, errors(answer)
    revision = provision.revisions.get(number=2)
    assert revision.text == "Each Member shall promptly\nact."
    assert revision.digest == revision.expected_digest(provision.revisions.get(number=1).digest)
    assert revision.measure.open_brackets == 0
    assert provision.variants.get().outcome == "lifted"
    page = desk.get(address(Provision, "change", provision.pk)).content.decode()
    assert "Log a change of the text" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT + " [", "Line 1, column 40: This “[” is never closed."),
        (TEXT + " [XYZ oppose: a]", "Unknown member or grouping “XYZ”"),
        (" ", "The text is empty."),
        (TEXT + "\x07", "control character"),
        ("word " * 250_000, "longer than 1,000,000 characters"),
        (TEXT, "nothing to log"),
    ],
)
def test_an_invalid_text_is_returned_with_the_place_of_the_error_and_nothing_is_stored(
    desk: Client, provision: Provision, text: str, said: str
) -> None:
    answer = log(desk, provision, text)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert said in page
    assert text.replace("\x07", "") in page.replace("\x07", "")
    assert provision.revisions.count() == 1


def test_a_concurrent_change_to_the_text_is_reported(desk: Client, provision: Provision) -> None:
    log(desk, provision, TEXT.replace("promptly", "soon"))
    answer = log(desk, provision, TEXT.replace("promptly", "later"))
    assert "Revision 2 was logged while you were writing" in answer.content.decode()
    assert provision.revisions.count() == 2


def test_the_first_text_of_a_new_provision_is_logged_in_the_same_form(desk: Client, provision: Provision) -> None:
    fresh = ProvisionFactory()
    assert "No text yet" in desk.get(address(Provision, "change", fresh.pk)).content.decode()
    assert log(desk, fresh, "Each Member [CAN: acts].", base_revision=0).status_code == 302
    assert fresh.revisions.get().number == 1
    assert fresh.variants.count() == 1


def test_a_superuser_without_a_role_cannot_log_a_change(provision: Provision) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    answer = log(client, provision, TEXT.replace("shall", "may"))
    assert "You can log changes only on behalf of a member that you act for" in answer.content.decode()
    assert provision.revisions.count() == 1


def test_after_a_conflict_the_box_contains_both_changes_and_a_button_chooses_a_side(
    desk: Client, provision: Provision
) -> None:
    log(desk, provision, "Now: " + TEXT.replace("promptly", "soon"))
    answer = log(desk, provision, TEXT.replace("promptly", "later") + " Always.")
    both = "Now: " + TEXT.replace("promptly", "soon") + " Always."
    assert form_with(answer, "text").fields["text"] == both
    assert form_with(answer, "text").fields["base_revision"] == "2"
    again = desk.post(answer.request["PATH_INFO"], form_with(answer, "text").fields)
    assert errors(again) == ["Nothing was recorded: 1 conflict is still open. Choose one side."]
    taken = desk.post(answer.request["PATH_INFO"], {**form_with(again, "text").fields, "take": "1-m"})
    assert form_with(taken, "text").fields["text"] == both.replace("soon", "later")
    assert provision.revisions.count() == 2
    assert desk.post(answer.request["PATH_INFO"], form_with(taken, "text").fields).status_code == 302
    assert provision.revisions.get(number=3).text == both.replace("soon", "later")


def test_the_text_of_one_provision_cannot_be_logged_in_another(desk: Client, provision: Provision) -> None:
    other = provision_with("Each Member may act.")
    place = f"{address(Revision, 'add')}?provision={provision.pk}"
    assert f"Log a change of {provision}" in html.unescape(desk.get(place).content.decode())
    desk.post(place, {"provision": other.pk, "text": TEXT, "base_revision": 1, "made_on": "2021-02-05"})
    assert other.revisions.count() == 1


def test_a_form_opened_without_the_text_shows_the_text_before_logging(desk: Client, provision: Provision) -> None:
    answer = log(desk, provision, "Something else.", base_revision=0)
    assert errors(answer) == [
        "This provision already has a text, revision 1, shown below: make your change in that text."
    ]
    assert TEXT in answer.content.decode()
    assert provision.revisions.count() == 1


@pytest.mark.parametrize("asked", ["abc", "²", "-1", "0", "9" * 30, "9" * 5000, "1 or 1"])
def test_a_url_with_an_unknown_provision_opens_an_empty_form(desk: Client, provision: Provision, asked: str) -> None:
    answer = desk.get(address(Revision, "add"), {"provision": asked, "on_behalf_of": "abc"})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.initial.get("text") is None


def test_five_megabytes_of_input_are_returned_as_typed(desk: Client, provision: Provision) -> None:
    text = "[" + "été " * 1_250_000
    answer = log(desk, provision, text)
    assert "longer than 1,000,000 characters" in errors(answer)[0]
    assert text in answer.content.decode()
    assert provision.revisions.count() == 1


@pytest.mark.parametrize("field", ["text", "reason", "source"])
def test_a_null_character_is_an_error_of_its_field(desk: Client, provision: Provision, field: str) -> None:
    answer = log(desk, provision, **{"text": TEXT + " x", field: "typed\x00here"})
    (said,) = answer.context["adminform"].form.errors[field]
    assert "U+0000 NULL is not allowed here." in said
    assert "typed\ufffdhere" in answer.content.decode()
    assert provision.revisions.count() == 1


@pytest.mark.parametrize(
    ("day", "said"), [("2999-01-01", "is in the future"), ("2020-12-31", "Enter that date or a later date")]
)
def test_a_change_cannot_have_an_impossible_date(desk: Client, provision: Provision, day: str, said: str) -> None:
    assert said in errors(log(desk, provision, TEXT + " x", made_on=day))[0]
    assert provision.revisions.count() == 1


def test_excess_problems_are_counted_instead_of_listed(desk: Client, provision: Provision) -> None:
    said = errors(log(desk, provision, "a ] " * 25))
    assert len(said) == 21
    assert said[-1] == "Problems not shown: 5."


def test_a_text_keeps_the_line_endings_of_its_previous_revision(desk: Client) -> None:
    dos, unix = provision_with("(a) one\r\n(b) two"), provision_with("(a) one\n(b) two")
    for number, provision in enumerate((dos, unix)):
        sent = "(a) one\r\n(b) three\r\n\r\n  "
        assert log(desk, provision, sent).status_code == 302
        assert provision.revisions.get(number=2).text == (sent, sent.replace("\r\n", "\n"))[number]


def test_a_change_on_behalf_of_a_member_is_recorded_as_such_and_indexed(desk: Client, provision: Provision) -> None:
    canada = Member.objects.get(code="CAN")
    log(desk, provision, "Each Member shall [CAN oppose: promptly] act.", on_behalf_of=canada.pk)
    revision = provision.revisions.get(number=2)
    assert (revision.on_behalf_of, revision.reason) == (canada, "Plenary")
    assert revision.recorded_by is not None
    assert Position.objects.held_on().get(member=canada).stance == "oppose"


def test_a_superuser_who_is_a_delegate_is_refused_changes_to_others_text(provision: Provision) -> None:
    boss = DelegationFactory(member=Member.objects.get(code="CAN"), user=UserFactory(is_staff=True, is_superuser=True))
    client = Client()
    client.force_login(boss.user)
    answer = log(client, provision, TEXT.replace("shall", "may"), on_behalf_of=boss.member.pk)
    assert errors(answer)[0].startswith("Line 1, column 13: You act for Canada")
    assert provision.revisions.count() == 1
