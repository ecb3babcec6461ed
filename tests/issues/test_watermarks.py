"""Tests that readers who continue after a cursor receive each change exactly once, even during commits.

On PostgreSQL, a change is uncommitted while others read. On SQLite, which has one writer, a reader that must write
waits for the change.
"""

import datetime
import importlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread, Timer
from typing import Any
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from issues.access.roles import ANYBODY
from issues.actions import changes, requests, status_reports
from issues.actions.edits import TextChange
from issues.models import Change, ChangeCounter, Delivery, Digest, Negotiation, Provision, SmallGroup
from issues.notifications import digests
from issues.notifications.delivery import deliver_due
from issues.notifications.digests import send_due
from issues.notifications.webhooks import create, resume
from issues.sync import bulk_download, versions
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.change_feed import FeedPosition, FeedReader
from issues.sync.resources import RESOURCES
from issues.sync.versions import version_for
from issues.text.operations import Operation
from jsi_tracker.ops.retention import forget_expired
from tests.factories import DelegationFactory, MemberFactory, SmallGroupFactory, UserFactory, provision_with
from tests.issues.receivers import Receiver, receiving
from tests.people import secretariat

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _texts(settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    for slug in ("early", "late"):
        provision_with("It [shall] act.", slug=slug, heading=slug.title())
    SmallGroupFactory(slug="circle", name="Circle")
    catch_up_everywhere()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def negotiation() -> Negotiation:
    return Negotiation.objects.get(slug="jsi")


def log(slug: str, actor: Any) -> None:
    text = Provision.objects.get(slug=slug)
    current = text.revisions.latest("number")
    changes.log(TextChange(text, base_revision=current.number, edit=f"{current.text} Again."), actor=actor)


@contextmanager
def open_while_read(slug: str) -> Iterator[None]:
    """Log a change, and commit it after the block, or sooner on SQLite, where readers may wait for it."""
    actor = secretariat()
    written, may_commit = Event(), Event()

    def write() -> None:
        try:
            with transaction.atomic():
                log(slug, actor)
                written.set()
                may_commit.wait(20)
        finally:
            written.set()
            connection.close()

    thread = Thread(target=write)
    thread.start()
    written.wait(20)
    if connection.vendor == "sqlite":
        Timer(0.3, may_commit.set).start()
    try:
        yield
    finally:
        may_commit.set()
        thread.join()


def asks(**values: Any) -> Digest:
    digest: Digest = Digest.objects.create(
        **{
            "user": UserFactory(),
            "negotiation": negotiation(),
            "told_number": versions.last_change_number(negotiation().pk),
        }
        | values
    )
    return digest


def mails_about(*slugs: str) -> list[int]:
    """Return, for each provision, the number of e-mails that mention it."""
    return [sum(f"/provisions/{slug}/history/" in message.body for message in mail.outbox) for slug in slugs]


def in_days(days: int) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=days)


def test_a_change_committed_while_a_digest_is_prepared_is_in_the_next_digest_once() -> None:
    asks()
    with open_while_read("late"):
        [(_, entries)] = send_due(in_days(1))
    if connection.vendor == "postgresql":
        assert (entries, mails_about("late")) == (0, [0])
    list(send_due(in_days(2)))
    assert mails_about("late") == [1]
    list(send_due(in_days(3)))
    assert mails_about("late") == [1]


def test_a_change_recorded_before_a_digest_but_committed_after_it_is_reported() -> None:
    """A digest based on the time would miss the change, because it was recorded before the last digest was sent."""
    asks()
    list(send_due(in_days(1)))
    log("late", secretariat())
    assert [told for _, told in send_due(in_days(2))] == [1]
    assert mails_about("late") == [1]


def test_a_digest_started_during_an_open_transaction_reports_its_change(client: Client) -> None:
    user = UserFactory()
    client.force_login(user)
    with open_while_read("late"):
        assert client.post("/digests/", {"small_group": "", "rhythm": "daily"}).status_code == 302
    list(send_due(in_days(1)))
    # On SQLite, the subscription waits for the change and therefore covers only later changes.
    assert mails_about("late") == [1 if connection.vendor == "postgresql" else 0]


def test_the_first_digest_without_a_number_uses_the_time_and_repeats_nothing() -> None:
    asks(told_number=None, told_until=timezone.now() - datetime.timedelta(days=2))
    with open_while_read("late"):
        list(send_due())
    list(send_due(in_days(1)))
    list(send_due(in_days(2)))
    assert mails_about("late") == [1]


def test_a_digest_that_was_just_sent_is_not_sent_again_by_a_simultaneous_process() -> None:
    digest, now = asks(told_until=in_days(-2)), timezone.now()
    log("late", secretariat())
    assert digests._send(digest.pk, now) == (digest, 1)
    log("early", secretariat())
    assert digests._send(digest.pk, now + datetime.timedelta(minutes=1)) is None


def test_a_response_to_a_request_is_reported_once_even_if_its_text_was_renamed() -> None:
    canada = MemberFactory(code="CAN")
    text = Provision.objects.get(slug="late")
    actor, asker = secretariat(), DelegationFactory(role="delegate", member=canada).user
    asks(user=actor)
    asked = requests.ask(
        provision=text,
        base_revision=1,
        operation=Operation("lift", text.revisions.get().text.index("[")),
        actor=asker,
        on_behalf_of=canada,
        reason="please",
    )
    list(send_due(in_days(1)))
    Provision.objects.filter(pk=text.pk).update(slug="renamed")
    catch_up_everywhere()
    assert [told for _, told in send_due(in_days(2))] == [0]
    requests.decline(request=asked, actor=actor, answer="Not now")
    assert [told for _, told in send_due(in_days(3))] == [1]
    Provision.objects.filter(pk=text.pk).update(slug="again")
    catch_up_everywhere()
    assert [told for _, told in send_due(in_days(4))] == [0]


def read_on(place: FeedPosition) -> tuple[list[str], FeedPosition]:
    """Return the keys after a position in the feed, and the position after them."""
    page = FeedReader(ANYBODY, negotiation()).page(place, 100)
    return [row.key for row in page.rows], page.next


def test_a_change_committed_while_the_feed_is_read_is_read_next_and_once() -> None:
    start = FeedReader(ANYBODY, negotiation()).end()
    log("early", secretariat())
    with open_while_read("late"):
        first, place = read_on(start)
    second, place = read_on(place)
    assert Counter(first + second) == Counter(["early/2", "late/2"])
    assert read_on(place)[0] == []


def test_a_change_committed_during_a_full_download_follows_its_cursor() -> None:
    with open_while_read("late"):
        place = FeedReader(ANYBODY, negotiation()).end()
        held = {key for key, _ in bulk_download.items(RESOURCES["revision"], ANYBODY, negotiation())}
    behind, _ = read_on(place)
    assert ("late/2" in held) + ("late/2" in behind) == 1


def test_an_etag_changes_when_a_change_is_committed_and_not_before() -> None:
    before = version_for(ANYBODY, negotiation()).etag
    with open_while_read("late"):
        assert connection.vendor == "sqlite" or version_for(ANYBODY, negotiation()).etag == before
    assert version_for(ANYBODY, negotiation()).etag != before


def test_a_change_committed_while_webhooks_are_delivered_is_delivered_next_and_once(receiver: Receiver) -> None:
    create(user=UserFactory(), negotiation=negotiation(), url=receiver.url)
    with open_while_read("late"):
        deliver_due()
    deliver_due()
    deliver_due()
    assert [row["key"] for said in receiver.said for row in said["changes"]] == ["late/2"]


def test_an_abandoned_delivery_is_reported_as_missed_whenever_the_webhook_is_resumed(receiver: Receiver) -> None:
    webhook, _ = create(user=UserFactory(), negotiation=negotiation(), url=receiver.url)
    long_ago = timezone.now() - datetime.timedelta(days=60)
    Delivery.objects.create(webhook=webhook, after=0, until=1, state="delivered", made_at=long_ago)
    Delivery.objects.create(webhook=webhook, after=1, until=2, state="given up", made_at=long_ago)
    assert forget_expired()["deliveries"] == 1
    resume(webhook)
    log("late", secretariat())
    deliver_due()
    assert receiver.said[0]["missed"] is True
    Delivery.objects.update(made_at=long_ago)
    assert forget_expired()["deliveries"] == 2


def titles(client: Client) -> list[str]:
    atom = "{http://www.w3.org/2005/Atom}"
    tree = ElementTree.fromstring(client.get("/feeds/changes/").content)
    return [entry.findtext(f"{atom}title", "") for entry in tree.iter(f"{atom}entry")]


@pytest.fixture
def _short_feed(monkeypatch: Any) -> None:
    monkeypatch.setattr("issues.web.feeds.ITEMS", 2)


@pytest.mark.usefixtures("_short_feed")
def test_the_change_committed_last_is_first_in_the_atom_feed(client: Client, monkeypatch: Any) -> None:
    for _ in range(3):
        log("early", secretariat())
    with monkeypatch.context() as earlier:
        earlier.setattr(changes, "timestamp", lambda: timezone.now() - datetime.timedelta(hours=1))
        log("late", secretariat())
    assert titles(client) == ["Late", "Early"]


@pytest.mark.usefixtures("_short_feed")
def test_a_status_recorded_today_is_first_in_the_atom_feed_even_if_stated_long_ago(client: Client) -> None:
    for _ in range(3):
        log("early", secretariat())
    status_reports.state(
        small_group=SmallGroup.objects.get(slug="circle"),
        status="compiled",
        stated_on=datetime.date(2019, 3, 4),
        stated_by="Chair",
        source="Plenary",
        actor=secretariat(),
    )
    assert titles(client) == ["Circle: Compiled", "Early"]


@pytest.mark.parametrize("ago", [2, 30, 59])
def test_if_modified_since_ignores_dates_so_recent_that_a_later_commit_may_be_missed(client: Client, ago: int) -> None:
    """A change is dated before it is committed, so a reader between these moments has old data with a later date."""
    now = timezone.now()
    ChangeCounter.objects.update(at=now - datetime.timedelta(days=2))
    dated = client.get("/api/v1/status/")["Last-Modified"]
    assert client.get("/api/v1/status/", headers={"if-modified-since": dated}).status_code == 304
    ChangeCounter.objects.update(at=now - datetime.timedelta(seconds=ago), number=Change.objects.count() + 1)
    read_meanwhile = timezone.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    for date in (dated, read_meanwhile):
        answer = client.get("/api/v1/status/", headers={"if-modified-since": date})
        assert (answer.status_code, "Last-Modified" in answer) == (200, False)


def test_a_date_invented_by_the_client_does_not_give_a_304_response(client: Client) -> None:
    ChangeCounter.objects.update(at=timezone.now() - datetime.timedelta(days=2))
    own = timezone.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert client.get("/api/v1/status/", headers={"if-modified-since": own}).status_code == 200


def test_digests_from_before_the_migration_continue_from_the_number_of_the_last_e_mail() -> None:
    at = [one.at for one in Change.objects.order_by("number")]
    log("early", secretariat())
    log("late", secretariat())
    last = Change.objects.order_by("number").last()
    assert last is not None
    until = {"before the feed": at[0] - datetime.timedelta(days=1), "at its beginning": at[-1], "now": last.at}
    asked = {name: asks(told_number=None, told_until=moment) for name, moment in until.items()}
    importlib.import_module("issues.migrations.0019_number_the_digests").number(apps, None)
    numbers = {name: Digest.objects.get(pk=digest.pk).told_number for name, digest in asked.items()}
    assert numbers == {"before the feed": None, "at its beginning": len(at), "now": last.number}
