"""Tests that only the process that holds the lease delivers a webhook and records the result."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from issues.models import Delivery, Provision, Webhook
from issues.notifications import delivery
from issues.notifications.delivery import deliver_due
from issues.notifications.safe_http import Response, post
from tests.confidentiality.world import MARKER
from tests.issues.receivers import Receiver
from tests.issues.webhooks.sending import hook, log

pytestmark = pytest.mark.django_db


def test_a_webhook_in_delivery_is_left_alone_until_its_lease_has_expired(receiver: Receiver) -> None:
    webhook, _ = hook(receiver.url)
    log("open")
    Webhook.objects.update(taken_until=timezone.now() + datetime.timedelta(seconds=30))
    assert deliver_due() == 0
    Webhook.objects.update(taken_until=timezone.now())
    assert deliver_due() == 1
    assert webhook.deliveries.get().state == "delivered"


def test_an_attempt_that_ends_after_another_process_took_over_records_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook, _ = hook(receiver.url)
    log("open")
    other = timezone.now() + datetime.timedelta(seconds=90)

    def slow(*sent: Any) -> Any:
        response = post(*sent)
        Webhook.objects.filter(pk=webhook.pk).update(taken_until=other)
        return response

    monkeypatch.setattr(delivery, "post", slow)
    before = Webhook.objects.get(pk=webhook.pk)
    deliver_due()
    after = Webhook.objects.get(pk=webhook.pk)
    assert (after.number, after.taken_until, after.rights) == (before.number, other, before.rights)
    assert [(one.state, one.tries) for one in webhook.deliveries.all()] == [("waiting", 0)]


@pytest.mark.parametrize("late", [200, 500, 410, None], ids=["delivered", "failed", "gone", "no answer"])
@pytest.mark.parametrize("other", [200, 500], ids=["another-delivered", "another-failed"])
def test_a_late_attempt_does_not_overwrite_that_of_the_process_that_took_over(
    monkeypatch: pytest.MonkeyPatch, late: int | None, other: int
) -> None:
    """The first sender waits for its response for longer than its lease.

    A second sender takes over and finishes first.
    """
    webhook, _ = hook("http://127.0.0.1:1/")
    log("open")
    recorded: list[Any] = []

    def rows() -> list[Any]:
        return [list(Webhook.objects.values()), list(Delivery.objects.values())]

    def answer(status: int | None) -> Response:
        if status is None:
            raise OSError("no answer")
        return Response(status, f"Answer {status}")

    def slow(*args: Any) -> Response:
        monkeypatch.setattr(delivery, "post", lambda *args: answer(other))
        Webhook.objects.update(taken_until=timezone.now() - datetime.timedelta(seconds=1))
        assert deliver_due() == 1
        recorded.extend(rows())
        return answer(late)

    monkeypatch.setattr(delivery, "post", slow)
    deliver_due()
    assert rows() == recorded
    assert webhook.deliveries.get().status == other
    assert webhook.deliveries.get().tries == 1


def test_a_process_that_has_lost_its_lease_sends_nothing(receiver: Receiver) -> None:
    webhook, _ = hook(receiver.url)
    log("open")
    lost = delivery._claim(set())
    assert lost is not None
    Webhook.objects.update(taken_until=timezone.now() - datetime.timedelta(seconds=1))
    holder = delivery._claim(set())
    assert holder is not None
    assert delivery._deliver(lost) is False
    assert receiver.came == []
    assert delivery._deliver(holder) is True
    assert webhook.deliveries.get().state == "delivered"


def test_a_process_that_has_lost_its_lease_does_not_release_the_webhook(receiver: Receiver) -> None:
    webhook, _ = hook(receiver.url, provision=Provision.objects.get(slug=f"{MARKER}-too"))
    log("open")
    lost = delivery._claim(set())
    assert lost is not None
    taken_until = timezone.now() + datetime.timedelta(seconds=60)
    Webhook.objects.update(taken_until=taken_until)
    assert delivery._deliver(lost) is False
    before = webhook.number
    webhook.refresh_from_db()
    assert (webhook.number, webhook.taken_until) == (before, taken_until)
