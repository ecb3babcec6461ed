"""Tests that the names from which encryption keys are derived do not change, so that stored secrets remain readable."""

from django.conf import settings
from django.utils.crypto import salted_hmac

from issues.models import ChangeRequest
from issues.notifications import webhooks
from issues.sync import change_feed
from issues.sync.resources import RESOURCES
from jsi_tracker import replicas
from jsi_tracker.accounts import adapters


def test_key_names_do_not_change_when_modules_are_renamed() -> None:
    assert webhooks.PURPOSE == "issues.webhooks"
    assert change_feed.PURPOSE == "issues.feed"
    assert adapters.SEEDS == "jsi_tracker.second_factor"
    assert replicas.SALT == "jsi_tracker.replicas"


def test_request_keys_in_the_feed_match_those_in_existing_copies() -> None:
    expected = salted_hmac("issues.resources.request", "7", secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
    assert RESOURCES["request"].key(ChangeRequest(pk=7)) == expected[:20]


def test_sessions_of_earlier_releases_name_their_authentication_backend() -> None:
    assert settings.AUTHENTICATION_BACKENDS == ["jsi_tracker.authentication.SiteBackend"]
