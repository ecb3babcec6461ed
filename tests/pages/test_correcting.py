"""Tests of the secretariat's corrections of mistaken entries and first texts, and of entries on behalf of members."""

import datetime
from typing import Any

import pytest
from django.test import Client

from issues.models import Provision, Revision
from members.models import Member
from tests.factories import DelegationFactory, MemberFactory, ProvisionFactory, provision_with
from tests.pages.forms import form_with
from tests.pages.test_reading import text_of
from tests.people import client_of, delegate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provision")]

FIRST = "Each Member shall act in writing."
MISTAKE = "Each Member [CAN oppose: shall] act in writing."
SINCE = "Each Member [CAN oppose: shall] act [BRA: at once] in writing."


@pytest.fixture
def provision() -> Provision:
    """Return a provision with a mistaken entry and a later entry by another member."""
    for code, name in (("BRA", "Brazil"), ("CAN", "Canada")):
        MemberFactory(code=code, name=name)
    return provision_with(FIRST, MISTAKE, SINCE, slug="article")


def sent(**values: Any) -> dict[str, Any]:
    return {"text": SINCE, "base_revision": 3, "made_on": datetime.date(2021, 2, 1), **values}


def test_a_mistaken_entry_is_corrected_by_a_new_entry_and_nothing_is_erased(
    secretariat: Client, provision: Provision
) -> None:
    page = secretariat.get("/provisions/article/log/?corrects=2").content.decode()
    corrected = FIRST.replace("act in", "act [BRA: at once] in")
    assert corrected in page  # the mistake is gone, but Brazil's later change remains
    assert "Correction of revision 2" in page
    asked = secretariat.post("/provisions/article/log/", sent(text=corrected, corrects=2))
    assert "Canada opposes “shall”." in text_of(asked)
    answer = secretariat.post("/provisions/article/log/", form_with(asked, "text").fields)
    assert answer.status_code == 302
    revision = Revision.objects.latest("number")
    assert (revision.number, revision.corrects.number, revision.text) == (4, 2, corrected)
    assert revision.digest == revision.expected_digest(provision.revisions.get(number=3).digest)
    assert provision.revisions.get(number=2).text == MISTAKE
    history = text_of(secretariat.get("/provisions/article/history/"))
    assert "Corrects revision 2" in history
    assert "Corrected by revision 4" in history


def test_only_the_secretariat_can_correct_entries_of_others(provision: Provision) -> None:
    client = client_of(delegate("CAN"))
    assert "Correct this entry" not in text_of(client.get("/provisions/article/history/"))
    assert "Correction of revision" not in client.get("/provisions/article/log/?corrects=2").content.decode()
    text = SINCE.replace("[CAN oppose: shall]", "[CAN reserve: shall]")
    answer = client.post(
        "/provisions/article/log/",
        sent(text=text, corrects=2, on_behalf_of=Member.objects.get(code="CAN").pk),
    )
    assert answer.status_code == 422
    assert "You can correct only your own entries" in text_of(answer)


def test_users_can_correct_their_own_entries_within_a_day(provision: Provision) -> None:
    member, client = Member.objects.get(code="CAN"), Client()
    client.force_login(DelegationFactory(role="delegate", member=member).user)
    slip = SINCE.replace("[CAN oppose: shall]", "[CAN reserve: shall]")
    client.post("/provisions/article/log/", sent(text=slip, on_behalf_of=member.pk))
    page = client.get("/provisions/article/log/?corrects=4").content.decode()
    assert "Correction of revision 4" in page
    assert SINCE in page
    assert (
        client.post(
            "/provisions/article/log/", sent(text=SINCE, base_revision=4, corrects=4, on_behalf_of=member.pk)
        ).status_code
        == 302
    )
    assert Revision.objects.latest("number").corrects.number == 4


def test_a_correction_must_refer_to_an_entry_of_the_same_text(secretariat: Client) -> None:
    provision_with("A.", "B.", "C.", "D.", "E.", slug="other")
    assert secretariat.post("/provisions/article/log/", sent(text="New.", corrects=5)).status_code == 422
    assert Revision.objects.filter(provision__slug="article").count() == 3


def test_the_texts_of_a_provision_are_logged_from_the_earliest_in_order(secretariat: Client) -> None:
    ProvisionFactory(slug="new", sub_issue=Provision.objects.get(slug="article").sub_issue)
    address = "/provisions/new/log/"
    assert "Log the earliest known text first" in text_of(secretariat.get(address))
    first = sent(text="Be it.", base_revision=0, made_on="2019-05-01", source="INF/ECOM/1")
    assert secretariat.post(address, first).status_code == 302
    later = sent(text="Be it [so].", base_revision=1, made_on="2019-06-01")
    assert secretariat.post(address, later).status_code == 302
    earlier = sent(text="Be it [so] now.", base_revision=2, made_on="2019-04-15")
    refused = secretariat.post(address, earlier)
    assert refused.status_code == 422
    assert "Enter that date or a later date" in text_of(refused)
    assert [str(one.made_on) for one in Revision.objects.filter(provision__slug="new").order_by("number")] == [
        "2019-05-01",
        "2019-06-01",
    ]


def test_a_provision_without_text_is_hidden_from_other_users(provision: Provision) -> None:
    ProvisionFactory(slug="new", sub_issue=provision.sub_issue)
    client = client_of(delegate("CAN"))
    assert client.get("/provisions/new/log/").status_code == 404


def test_an_entry_on_behalf_of_a_member_is_recorded_as_such(secretariat: Client) -> None:
    text = SINCE.replace("[BRA: at once]", "[BRA propose; CAN oppose: at once]")
    sent_for = sent(text=text, on_behalf_of=Member.objects.get(code="CAN").pk)
    assert secretariat.post("/provisions/article/log/", sent_for).status_code == 302
    revision = Revision.objects.latest("number")
    assert revision.on_behalf_of.code == "CAN"
    assert revision.recorded_by.delegations.get().role == "secretariat"
