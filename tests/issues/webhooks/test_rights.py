"""Tests that webhooks reveal only what their owner may read, and that only their owner can manage them."""

import pytest
from django.test import Client

from issues.models import Provision, Webhook
from issues.notifications.delivery import deliver_due
from issues.sync.publishing import publish, publishing
from members.models import Member
from tests.confidentiality.world import MARKER
from tests.factories import DelegationFactory, UserFactory
from tests.issues.receivers import Receiver
from tests.issues.webhooks.sending import hook, keys, later, log
from tests.people import delegate

pytestmark = pytest.mark.django_db


def test_only_changes_that_the_user_can_see_at_that_time_are_delivered(receiver: Receiver) -> None:
    delegation = DelegationFactory(member=Member.objects.get(code="CAN"))
    hook(receiver.url, delegation.user)
    hook(receiver.url, delegate("JPN"))
    log(MARKER)
    assert deliver_due() == 1
    first, lapsed = receiver.said[0]["changes"]  # Canada's request lapses because its bracket has ended
    assert (first["key"], lapsed["type"], lapsed["data"]["state"]) == (f"{MARKER}/4", "request", "lapsed")
    log(MARKER)
    delegation.delete()
    assert deliver_due() == 1
    assert receiver.said[1]["start_again"] is True
    assert receiver.said[1]["changes"] == []
    log(MARKER)
    assert deliver_due() == 0


def test_a_change_hidden_before_a_retry_is_not_sent(receiver: Receiver) -> None:
    webhook, _ = hook(receiver.url)
    receiver.behaviour = 500
    log("open")
    deliver_due()
    with publishing():
        Provision.objects.filter(slug="open").update(visibility="group")
        publish(Provision.objects.get(slug="open"))
    later(webhook)
    receiver.behaviour = 200
    deliver_due()
    assert [keys(said) for said in receiver.said] == [["open/3"], ["open"]]
    assert receiver.said[1]["changes"][0]["kind"] == "gone"
    assert webhook.deliveries.last().state == "empty"  # type: ignore[union-attr]


def test_nothing_is_delivered_for_an_inactive_account(receiver: Receiver) -> None:
    hook(receiver.url, UserFactory(is_active=False))
    log("open")
    assert deliver_due() == 0


def test_only_its_owner_can_create_pause_resume_and_remove_a_webhook() -> None:
    browser, other = Client(), Client()
    browser.force_login(UserFactory())
    other.force_login(UserFactory())
    answer = browser.post("/webhooks/", {"url": "https://hook.example/x", "small_group": "circle"})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert b"whsec_" in answer.content
    assert b"whsec_" not in browser.get("/webhooks/").content
    again = browser.post("/webhooks/", {"url": "https://hook.example/x", "small_group": "circle"})
    assert again.status_code == 422
    webhook = Webhook.objects.get()
    for verb, paused in (("pause", "person"), ("resume", "")):
        assert other.post(f"/webhooks/{webhook.pk}/{verb}/").status_code == 404
        assert browser.post(f"/webhooks/{webhook.pk}/{verb}/").status_code == 302
        webhook.refresh_from_db()
        assert webhook.paused == paused
    assert other.get(f"/webhooks/{webhook.pk}/").status_code == 404
    assert browser.get(f"/webhooks/{webhook.pk}/").status_code == 200
    assert browser.post(f"/webhooks/{webhook.pk}/shout/").status_code == 404
    assert other.post(f"/webhooks/{webhook.pk}/remove/").status_code == 404
    assert browser.post(f"/webhooks/{webhook.pk}/remove/").status_code == 302
    assert not Webhook.objects.exists()
    assert Client().get("/webhooks/").status_code == 302


def test_a_user_can_have_at_most_ten_webhooks() -> None:
    browser = Client()
    browser.force_login(UserFactory())
    for number in range(10):
        assert browser.post("/webhooks/", {"url": f"https://hook.example/{number}"}).status_code == 200
    assert browser.post("/webhooks/", {"url": "https://hook.example/10"}).status_code == 422
