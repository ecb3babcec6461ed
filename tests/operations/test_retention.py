"""Tests that expired data are deleted but the record is not."""

import datetime
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.utils import timezone

from issues.models import Delivery, Provision, Revision, StagedImport, StagedProvision, Webhook
from jsi_tracker.ops.retention import forget_expired
from members.models import AccessToken, Invitation
from tests.factories import DelegationFactory, InvitationFactory, NegotiationFactory, UserFactory, provision_with

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ago(days: int) -> datetime.datetime:
    return NOW - datetime.timedelta(days=days)


def import_of(user: Any, **values: Any) -> StagedImport:
    return StagedImport.objects.create(
        negotiation=NegotiationFactory(),
        name="a text",
        draft={},
        made_on=NOW.date(),
        source="-",
        sent_by=user,
        **values,
    )


def test_old_deliveries_are_deleted_but_waiting_ones_are_kept() -> None:
    webhook = Webhook.objects.create(
        user=UserFactory(), negotiation=NegotiationFactory(), url="https://a.example", number=0
    )
    Delivery.objects.create(webhook=webhook, after=0, until=1, state="delivered", made_at=ago(31))
    Delivery.objects.create(webhook=webhook, after=1, until=2, state="given up", made_at=ago(31))
    kept = [
        Delivery.objects.create(webhook=webhook, after=2, until=3, state="delivered", made_at=ago(29)),
        Delivery.objects.create(webhook=webhook, after=3, until=4, made_at=ago(31)),
    ]
    assert forget_expired(NOW)["deliveries"] == 2
    assert set(Delivery.objects.all()) == set(kept)


def test_unfinished_imports_are_deleted_but_logged_ones_are_kept() -> None:
    user = UserFactory()
    import_of(user, sent_at=ago(181))
    import_of(user, sent_at=ago(300), finished_at=ago(181), state="put aside")
    logged = import_of(user, sent_at=ago(300), finished_at=ago(299), state="logged")
    partly = import_of(user, sent_at=ago(300), state="in review")
    revision = provision_with("Text.").revisions.get()
    StagedProvision.objects.create(staged=partly, position=1, heading="a", found="a", text="a", revision=revision)
    young = import_of(user, sent_at=ago(179))
    assert forget_expired(NOW)["imports"] == 2
    assert set(StagedImport.objects.all()) == {logged, partly, young}


def test_e_mail_addresses_of_invited_people_who_never_responded_are_deleted() -> None:
    inviter = DelegationFactory(role="secretariat", member=None).user
    InvitationFactory(invited_by=inviter, expires_at=ago(91), email="gone@x.example")
    young = InvitationFactory(invited_by=inviter, expires_at=ago(89), email="late@x.example")
    came = InvitationFactory(invited_by=inviter, expires_at=ago(300), email="came@x.example", accepted_at=ago(310))
    assert forget_expired(NOW)["invitations"] == 1
    assert set(Invitation.objects.all()) == {young, came}


def test_expired_sessions_tokens_and_login_events_are_deleted(client: Any) -> None:
    user = UserFactory()
    client.force_login(user)
    alive = UserSession.objects.create(
        user=user, session_key=client.session.session_key, ip="192.0.2.1", user_agent="a"
    )
    UserSession.objects.create(user=user, session_key="ended", ip="192.0.2.2", user_agent="b")
    AccessToken.objects.create(user=user, name="old", digest="a", created_at=ago(200), expires_at=ago(91))
    assert forget_expired(NOW)["sign-ins"] == 1
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [alive.session_key]
    assert not AccessToken.objects.exists()
    assert forget_expired(NOW + datetime.timedelta(days=30))["sessions"] == 1


def test_expired_cache_rows_are_deleted(settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "jsi_tracker_cache"}
    }
    from django.core.cache import cache

    call_command("createcachetable", verbosity=0)
    cache.set("short", 1, 60)
    cache.set("long", 2, 24 * 3600)
    assert forget_expired(NOW + datetime.timedelta(hours=1))["rows of the cache"] == 1
    assert cache.get("long") == 2


def test_the_record_is_never_deleted() -> None:
    provision_with("Base text [CAN: a].", "Base text.")
    forget_expired(NOW + datetime.timedelta(days=36_500))
    assert Provision.objects.count() == 1
    assert Revision.objects.count() == 2
