"""Tests that webhooks are signed, retried, limited to readable changes, and never sent to internal addresses."""

import base64
import datetime
import hashlib
import hmac
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Delivery, Negotiation, Provision, SmallGroup, Webhook
from issues.notifications import delivery, safe_http, webhooks
from issues.notifications.delivery import deliver_due
from issues.notifications.safe_http import NotAllowed, Response, is_public, post
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.publishing import publish, publishing
from members.models import Member
from tests.confidentiality import world
from tests.confidentiality.world import MARKER
from tests.factories import DelegationFactory, UserFactory
from tests.issues.receivers import Receiver, receiving
from tests.people import delegate, secretariat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    world.make()
    world.hide("group")
    catch_up_everywhere()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def negotiation() -> Negotiation:
    return Negotiation.objects.get(slug="jsi")


def hook(url: str, user: Any = None, **values: Any) -> tuple[Webhook, str]:
    return webhooks.create(user=user or UserFactory(), negotiation=negotiation(), url=url, **values)


def log(slug: str, words: str = "And so on.") -> None:
    provision = Provision.objects.get(slug=slug)
    current = provision.revisions.latest("number")
    actor = secretariat()
    changes.log(TextChange(provision, base_revision=current.number, edit=f"{current.text} {words}"), actor=actor)


def later(webhook: Webhook) -> None:
    """Make the next attempt due now."""
    Webhook.objects.filter(pk=webhook.pk).update(next_try=timezone.now())


def keys(said: dict[str, Any]) -> list[str]:
    return [row["key"] for row in said["changes"]]


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Return whether a receiver would accept a delivery according to the standard; see docs/how-to/api-changes.md."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < 300
    return fresh and any(hmac.compare_digest(one, f"v1,{wanted}") for one in headers["webhook-signature"].split(" "))


def test_a_change_is_delivered_once_signed_with_the_secret_that_was_shown(receiver: Receiver) -> None:
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


def test_the_cursor_of_a_delivery_goes_on_in_the_feed(receiver: Receiver) -> None:
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


def test_what_fails_is_tried_again_later_and_later_under_the_same_name(receiver: Receiver) -> None:
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


def test_after_two_days_it_is_given_up_and_the_webhook_paused_and_the_next_delivery_says_so(receiver: Receiver) -> None:
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


def test_an_address_that_answers_that_it_is_gone_is_asked_no_more(receiver: Receiver) -> None:
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
def test_a_receiver_that_takes_too_long_holds_nobody_up(
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
    assert delivery.answer == "No complete response within 0.4 seconds."


def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    with receiving() as gone:
        url = gone.url
    webhook, _ = hook(url)
    log("open")
    assert deliver_due() == 1
    delivery = webhook.deliveries.get()
    assert (delivery.state, delivery.status) == ("waiting", None)
    assert "refused" in delivery.answer
    assert delivery.next_try > timezone.now()


def test_only_what_the_person_may_read_at_that_moment_is_told(receiver: Receiver) -> None:
    delegation = DelegationFactory(member=Member.objects.get(code="CAN"))
    hook(receiver.url, delegation.user)
    hook(receiver.url, delegate("JPN"))
    log(MARKER)
    assert deliver_due() == 1
    first, lapsed = receiver.said[0]["changes"]  # the change lapses Canada's request, because its bracket is gone
    assert (first["key"], lapsed["type"], lapsed["data"]["state"]) == (f"{MARKER}/4", "request", "lapsed")
    log(MARKER)
    delegation.delete()
    assert deliver_due() == 1
    assert receiver.said[1]["start_again"] is True
    assert receiver.said[1]["changes"] == []
    log(MARKER)
    assert deliver_due() == 0


def test_what_was_hidden_before_the_next_try_is_not_sent_after_all(receiver: Receiver) -> None:
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


def test_somebody_whose_account_is_closed_is_told_nothing(receiver: Receiver) -> None:
    hook(receiver.url, UserFactory(is_active=False))
    log("open")
    assert deliver_due() == 0


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


def test_much_is_told_in_several_deliveries(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_webhook_in_delivery_is_left_alone_until_its_lease_has_expired(receiver: Receiver) -> None:
    webhook, _ = hook(receiver.url)
    log("open")
    Webhook.objects.update(taken_until=timezone.now() + datetime.timedelta(seconds=30))
    assert deliver_due() == 0
    Webhook.objects.update(taken_until=timezone.now())
    assert deliver_due() == 1
    assert webhook.deliveries.get().state == "delivered"


def test_a_try_that_comes_back_after_another_process_took_over_records_nothing(
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


def test_the_command_delivers(receiver: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    hook(receiver.url)
    log("open")
    call_command("deliver_webhooks")
    assert "1 tries" in capsys.readouterr().out


INSIDE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.9", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1"),
    *("::ffff:8.8.8.8", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:a9fe:a9fe::", "2001:db8::1", "100::1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_is_sent_to_an_address_that_is_not_public(
    address: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = False
    assert not is_public(address)

    def looked_up(*args: Any, **kwargs: Any) -> list[Any]:
        # A second, permitted address does not make the URL acceptable.
        return [(2, 1, 6, "", (one, 443)) for one in ("93.184.215.14", address)]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "create_connection", lambda *args: pytest.fail("connected"))
    with pytest.raises(NotAllowed):
        post("https://hook.example/", b"", {})


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "ftp://example.org/", "https://", "https:///x", "https://user:pass@example.org/"),
        *("https://user@example.org/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest"),
        *("https://example.org:99999/", "https://[::1", f"https://{'x' * 70}.org/", "javascript:alert(1)"),
    ],
)
def test_an_address_to_which_nothing_can_be_sent_is_refused_when_it_is_typed(url: str, settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = False
    with pytest.raises(NotAllowed):
        safe_http.require_sendable(url)
    browser = Client()
    browser.force_login(UserFactory())
    assert browser.post("/webhooks/", {"url": url}).status_code == 422
    assert not Webhook.objects.exists()


def test_the_name_is_looked_up_once_and_that_address_is_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def looked_up(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        if host != "hook.example":
            return list(real(host, *args, **kwargs))
        asked.append(host)
        return list(real("127.0.0.1" if len(asked) == 1 else "10.0.0.1", *args, **kwargs))

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    answer = post(receiver.url.replace("127.0.0.1", "hook.example"), b"{}", {"Content-Type": "application/json"})
    assert answer.status == 200
    assert asked == ["hook.example"]
    assert receiver.came[0][0]["host"].startswith("hook.example")


def test_tls_requires_a_valid_certificate(receiver: Receiver) -> None:
    with pytest.raises(OSError, match=r"SSL|certificate|record"):
        post(receiver.url.replace("http://", "https://"), b"{}", {})


def test_a_person_makes_pauses_resumes_and_removes_a_webhook_and_nobody_else_does() -> None:
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


def test_a_text_that_one_may_not_read_cannot_be_asked_for_and_is_no_longer_named() -> None:
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


def test_nobody_has_more_than_ten() -> None:
    browser = Client()
    browser.force_login(UserFactory())
    for number in range(10):
        assert browser.post("/webhooks/", {"url": f"https://hook.example/{number}"}).status_code == 200
    assert browser.post("/webhooks/", {"url": "https://hook.example/10"}).status_code == 422
