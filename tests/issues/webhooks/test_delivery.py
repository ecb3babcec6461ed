"""Tests that webhooks are signed, delivered once, and retried."""

import base64
import datetime
import hashlib
import hmac
import time
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from issues.models import Delivery, Provision, SmallGroup, Webhook
from issues.notifications import delivery, safe_http, webhooks
from issues.notifications.delivery import deliver_due
from tests.confidentiality.world import MARKER
from tests.factories import UserFactory
from tests.issues.receivers import Receiver, receiving
from tests.issues.webhooks.sending import hook, keys, later, log

pytestmark = pytest.mark.django_db


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Return whether a receiver would accept a delivery according to the standard; see docs/how-to/api-changes.md."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < 300
    return fresh and any(hmac.compare_digest(one, f"v1,{wanted}") for one in headers["webhook-signature"].split(" "))


def test_a_change_is_delivered_once_and_signed_with_the_displayed_secret(receiver: Receiver) -> None:
    webhook, secret = hook(receiver.url)
    assert deliver_due() == 0
    log("open")
    assert deliver_due() == 1
    assert deliver_due() == 0
    [(headers, body)] = receiver.came
    assert verified(secret, headers, body)
    assert not verified(secret, headers, body + b" ")
    assert not verified(secret, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}, body)
    assert not verified(secret, headers | {"webhook-id": "another"}, body)
    [said] = receiver.said
    assert keys(said) == ["open/3"]
    assert said["changes"][0]["url"] == "http://localhost:8000/provisions/open/history/#revision-3"
    assert said["changes"][0]["data"]["text"].endswith("And so on.")
    delivery = webhook.deliveries.get()
    assert (delivery.state, delivery.status, delivery.answer, delivery.tries) == ("delivered", 200, "Received.", 1)
    assert secret not in str(Webhook.objects.values())


def test_the_cursor_of_a_delivery_is_valid_in_the_feed(receiver: Receiver) -> None:
    user = UserFactory()
    hook(receiver.url, user)
    log("open")
    deliver_due()
    browser = Client()
    browser.force_login(user)
    cursor = receiver.said[0]["next"]
    assert browser.get("/api/v1/changes/", {"after": cursor}).json()["results"] == []
    log("open")
    assert keys({"changes": browser.get("/api/v1/changes/", {"after": cursor}).json()["results"]}) == ["open/4"]


def test_a_failed_delivery_is_retried_with_growing_delays_under_the_same_id(receiver: Receiver) -> None:
    webhook, secret = hook(receiver.url)
    receiver.behaviour = 500
    log("open")
    for tries in range(1, 5):
        before = timezone.now()
        assert deliver_due() == 1
        webhook.refresh_from_db()
        assert webhook.next_try is not None
        waited = (webhook.next_try - before).total_seconds()
        assert delivery.RETRY_DELAYS[tries - 1] * 0.8 <= waited <= delivery.RETRY_DELAYS[tries - 1] * 1.2 + 5
        assert deliver_due() == 0, "not before its time"
        later(webhook)
    log("open", "Meanwhile.")
    receiver.behaviour = 200
    assert deliver_due() == 2
    names = [headers["webhook-id"] for headers, _ in receiver.came]
    assert len(set(names[:5])) == 1
    assert names[5] != names[0]
    assert [keys(said) for said in receiver.said[4:]] == [["open/3"], ["open/4"]]
    assert all(verified(secret, headers, body) for headers, body in receiver.came)
    first = webhook.deliveries.last()
    assert first is not None
    assert (first.tries, first.status, first.state) == (5, 200, "delivered")


def test_after_two_days_of_failures_the_webhook_is_paused_and_the_next_delivery_reports_it(receiver: Receiver) -> None:
    webhook, _ = hook(receiver.url)
    receiver.behaviour = 503
    log("open")
    deliver_due()
    Delivery.objects.update(made_at=timezone.now() - datetime.timedelta(hours=48))
    later(webhook)
    deliver_due()
    webhook.refresh_from_db()
    assert webhook.paused == "failing"
    delivery = webhook.deliveries.get()
    assert (delivery.state, delivery.status, delivery.answer) == ("given up", 503, "x" * 1000)
    log("open")
    assert deliver_due() == 0
    receiver.behaviour = 200
    webhooks.resume(webhook)
    assert deliver_due() == 1
    assert receiver.said[-1]["missed"] is True
    assert keys(receiver.said[-1]) == ["open/4"]
    log("open")
    deliver_due()
    assert receiver.said[-1]["missed"] is False


def test_a_url_that_responds_with_410_gone_is_not_called_again(receiver: Receiver) -> None:
    webhook, _ = hook(receiver.url)
    receiver.behaviour = 410
    log("open")
    deliver_due()
    webhook.refresh_from_db()
    assert webhook.paused == "gone"


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    webhook, _ = hook(receiver.url)
    receiver.behaviour = "redirect"
    log("open")
    deliver_due()
    assert len(receiver.came) == 1
    assert webhook.deliveries.get().status == 302
    assert webhook.deliveries.get().state == "waiting"


@pytest.mark.parametrize("behaviour", ["slow", "drip"])
def test_a_slow_receiver_does_not_delay_others(
    receiver: Receiver, behaviour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe_http, "TIMEOUT", 0.4)
    webhook, _ = hook(receiver.url)
    receiver.behaviour = behaviour
    log("open")
    deliver_due()
    delivery = webhook.deliveries.get()
    assert delivery.took < 3  # less than the six seconds that the receiver takes
    assert (delivery.state, delivery.status) == ("waiting", None)
    assert delivery.answer == "The response was not complete after 0.4 seconds."


def test_a_delivery_to_an_unreachable_receiver_is_retried() -> None:
    with receiving() as gone:
        url = gone.url
    webhook, _ = hook(url)
    log("open")
    assert deliver_due() == 1
    delivery = webhook.deliveries.get()
    assert (delivery.state, delivery.status) == ("waiting", None)
    assert "refused" in delivery.answer
    assert delivery.next_try > timezone.now()


@pytest.mark.parametrize(("of", "told"), [("text", ["open/3"]), ("group", ["open/3"]), ("other", [])])
def test_a_webhook_delivers_only_the_selected_changes(receiver: Receiver, of: str, told: list[str]) -> None:
    other = Provision.objects.get(slug=f"{MARKER}-too")
    asked: dict[str, Any] = {
        "text": {"provision": Provision.objects.get(slug="open")},
        "group": {"small_group": SmallGroup.objects.get(slug="circle")},
        "other": {"provision": other},
    }[of]
    hook(receiver.url, **asked)
    log("open")
    deliver_due()
    assert [key for said in receiver.said for key in keys(said)] == told


def test_many_changes_are_divided_into_several_deliveries(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MAX_CHANGES", 2)
    hook(receiver.url)
    for _ in range(5):
        log("open")
    assert deliver_due() == 3
    monkeypatch.setattr(delivery, "MAX_CHARACTERS", 10)
    for _ in range(2):
        log("open")
    assert deliver_due() == 2
    assert [keys(said) for said in receiver.said] == [
        ["open/3", "open/4"],
        ["open/5", "open/6"],
        ["open/7"],
        ["open/8"],
        ["open/9"],
    ]
    assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 5


def test_the_command_sends_deliveries(receiver: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    hook(receiver.url)
    log("open")
    call_command("deliver_webhooks")
    assert "Delivery attempts: 1." in capsys.readouterr().out


def test_a_text_that_the_user_cannot_see_cannot_be_selected_and_is_no_longer_named() -> None:
    browser = Client()
    browser.force_login(UserFactory())
    sent = {"url": "https://hook.example/x", "provision": MARKER}
    assert browser.post("/webhooks/", sent).status_code == 422
    assert browser.post("/webhooks/", sent | {"provision": "open", "small_group": "circle"}).status_code == 422
    assert browser.post("/webhooks/", sent | {"provision": "open"}).status_code == 200
    Provision.objects.filter(slug="open").update(heading="Secret now", visibility="group")
    assert b"Secret now" not in browser.get("/webhooks/").content
    page = browser.get(f"/webhooks/{Webhook.objects.get().pk}/").content.decode()
    assert "Secret now" not in page
    assert "not permitted to read" in page
