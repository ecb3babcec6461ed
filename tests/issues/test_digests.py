"""Tests that e-mail digests report, exactly once, the changes that the recipient may read."""

import datetime
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from issues.models import Digest
from issues.notifications.digests import send_due
from tests.factories import (
    DelegationFactory,
    MemberFactory,
    NegotiationFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)

pytestmark = pytest.mark.django_db

BEFORE = datetime.datetime(2021, 3, 1, tzinfo=datetime.UTC)
DAYS = [datetime.date(2021, 2, 1), datetime.date(2021, 3, 2)]
NOON = datetime.datetime(2021, 3, 3, 12, tzinfo=datetime.UTC)


def asks(user: Any, **values: Any) -> Digest:
    made: Digest = Digest.objects.create(
        **{"user": user, "negotiation": NegotiationFactory(), "told_until": BEFORE} | values
    )
    return made


@pytest.fixture
def _texts() -> None:
    place = SubIssueFactory(code="S.9.a")
    provision_with("It [shall] act.", "It shall act.", days=DAYS, slug="acts", heading="Acts", sub_issue=place)
    provision_with("It [a].", "It a.", days=DAYS, heading="Hidden words", visibility="group", sub_issue=place)
    provision_with("She [informs].", "She informs.", days=DAYS, slug="informs", heading="Informs")
    SmallGroupFactory(slug="circle", name="Circle").sub_issues.add(place)


@pytest.mark.usefixtures("_texts")
def test_a_digest_reports_each_change_once_with_a_link_and_nothing_hidden(settings: Any) -> None:
    settings.SITE_URL = "https://tracker.example/"
    asks(UserFactory(email="ana@example.org"))
    assert [told for _, told in send_due(NOON)] == [2]
    [message] = mail.outbox
    assert message.to == ["ana@example.org"]
    assert message.subject == "JSI on e-commerce: changes up to 2021-03-03"
    assert "“shall”" in message.body
    assert "https://tracker.example/provisions/acts/history/#revision-2" in message.body
    assert "¶1 [1] https://tracker.example/provisions/acts/brackets/1-3/" in message.body
    assert "Hidden" not in message.body
    assert message.extra_headers["List-Unsubscribe"] == "<https://tracker.example/digests/>"
    assert list(send_due(NOON)) == []
    assert [told for _, told in send_due(NOON + datetime.timedelta(days=1))] == [0]
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("_texts")
def test_a_digest_of_a_group_member_contains_what_the_group_can_read() -> None:
    member = MemberFactory(code="CAN")
    user = DelegationFactory(role="delegate", member=member).user
    from issues.models import SmallGroup

    group = SmallGroup.objects.get()
    group.members.add(member)
    asks(user, small_group=group)
    assert [told for _, told in send_due(NOON)] == [2]
    assert "Hidden words" in mail.outbox[0].body
    assert "Informs" not in mail.outbox[0].body


@pytest.mark.usefixtures("_texts")
def test_a_weekly_digest_is_sent_weekly_and_not_to_former_users() -> None:
    asks(UserFactory(), rhythm="weekly")
    asks(UserFactory(is_active=False))
    asks(UserFactory(email=""))
    assert list(send_due(NOON)) == []
    assert [told for _, told in send_due(BEFORE + datetime.timedelta(days=7))] == [2]


@pytest.mark.usefixtures("_texts")
def test_a_digest_is_in_the_language_in_which_it_was_requested() -> None:
    asks(UserFactory(), language="fr")
    list(send_due(NOON))
    assert "2 mars 2021" in mail.outbox[0].body


@pytest.mark.usefixtures("_texts")
def test_the_links_in_a_digest_lead_to_its_negotiation() -> None:
    other = NegotiationFactory(slug="other", short_name="Other")
    place = SubIssueFactory(code="X.1.a", negotiation=other)
    provision_with("It [a].", "It a.", days=DAYS, slug="theirs", negotiation=other, sub_issue=place)
    asks(UserFactory(), negotiation=other)
    list(send_due(NOON))
    assert "http://localhost:8000/negotiations/other/provisions/theirs/history/" in mail.outbox[0].body
    assert "acts" not in mail.outbox[0].body


@pytest.mark.usefixtures("_texts")
def test_a_failed_e_mail_is_retried_and_does_not_delay_others(monkeypatch: Any) -> None:
    broken, fine = asks(UserFactory(email="broken@example.org")), asks(UserFactory())
    usual = mail.EmailMessage.send

    def send(self: Any, *args: Any) -> int:
        if self.to == ["broken@example.org"]:
            raise ConnectionRefusedError
        return usual(self, *args)

    monkeypatch.setattr(mail.EmailMessage, "send", send)
    assert [digest for digest, _ in send_due(NOON)] == [fine]
    broken.refresh_from_db()
    assert broken.told_until == BEFORE


@pytest.mark.usefixtures("_texts")
def test_the_command_reports_what_it_sent(capsys: Any) -> None:
    asks(UserFactory())
    call_command("send_digests")
    assert "Digests sent: 1; digests without changes, not sent: 0." in capsys.readouterr().out


@pytest.mark.usefixtures("_texts")
def test_the_number_of_queries_does_not_grow_with_the_content_of_the_digest(django_assert_max_num_queries: Any) -> None:
    for number in range(10):
        provision_with("It [a].", "It a.", days=DAYS, slug=f"more-{number}")
    asks(UserFactory())
    with django_assert_max_num_queries(20):
        list(send_due(NOON))


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_senders_send_a_single_e_mail() -> None:
    from tests.issues.test_concurrency import at_once

    provision_with("It [shall] act.", "It shall act.", days=DAYS)
    asks(UserFactory())

    def run(number: int) -> str:
        with transaction.atomic():
            told = [count for _, count in send_due(NOON)]
        return str(told)

    assert at_once(run)["[1]"] == 1
    assert len(mail.outbox) == 1


def test_a_user_subscribes_changes_and_unsubscribes_on_one_page(client: Client) -> None:
    group = SmallGroupFactory(slug="circle", name="Circle")
    user, other = UserFactory(), UserFactory()
    client.force_login(user)
    client.cookies["django_language"] = "es"
    assert client.post("/digests/", {"small_group": "circle", "rhythm": "daily"}).status_code == 302
    assert client.post("/digests/", {"small_group": "circle", "rhythm": "weekly"}).status_code == 302
    assert client.post("/digests/", {"small_group": "", "rhythm": "daily"}).status_code == 302
    mine = Digest.objects.filter(user=user).values_list("small_group", "rhythm", "language")
    assert set(mine) == {(group.pk, "weekly", "es"), (None, "daily", "es")}
    assert "Circle" in client.get("/digests/").content.decode()
    theirs = asks(other)
    assert client.post(f"/digests/{theirs.pk}/stop/").status_code == 404
    for digest in Digest.objects.filter(user=user):
        client.post(f"/digests/{digest.pk}/stop/")
    assert list(Digest.objects.all()) == [theirs]


def test_an_invalid_value_is_refused_at_its_field(client: Client) -> None:
    NegotiationFactory()
    client.force_login(UserFactory())
    answer = client.post("/digests/", {"small_group": "elsewhere", "rhythm": "hourly"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"small_group", "rhythm"}
    assert Client().get("/digests/")["location"].startswith("/accounts/login/")
