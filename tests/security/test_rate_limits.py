"""Tests of rate limits for expensive requests and of the cost of hostile texts."""

import time
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver

from issues.api.throttling import client_ip_address
from jsi_tracker.middleware.rate_limit import COSTLY
from members.models import Member
from tests.factories import DelegationFactory, MemberFactory, UserFactory, provision_with

pytestmark = pytest.mark.django_db


def test_a_client_that_requests_too_many_costly_pages_is_throttled_but_can_read_others(
    client: Client, settings: Any
) -> None:
    settings.COSTLY_PAGES_RATE = "2/hour"
    provision_with("Each Member shall act.", slug="open")
    answers = [client.get(address) for address in ("/landing/", "/compare/", "/text/")]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert client.get("/provisions/open/").status_code == 200
    client.force_login(UserFactory())
    assert client.get("/landing/").status_code == 200, "An account is counted for itself"


def test_every_listed_costly_page_exists() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert names >= COSTLY


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_addresses_is_counted_as_one_client(address: str, counted: str) -> None:
    assert client_ip_address(RequestFactory().get("/", REMOTE_ADDR=address)) == counted


def test_a_forged_proxy_header_is_ignored(settings: Any) -> None:
    forged = {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "203.0.113.1"}
    assert client_ip_address(RequestFactory().get("/", **forged)) == "192.0.2.7"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        " \t" * 200_000 + "x",
        "[CAN/" * 20_000 + ": x]",
        "(a) " * 40_000,
    ],
    ids=["brackets", "blanks", "heads", "points"],
)
def test_a_text_designed_to_block_the_site_is_answered_in_time(client: Client, text: str) -> None:
    provision_with("Each Member shall act.", slug="open")
    client.force_login(DelegationFactory(role="delegate", member=MemberFactory(code="CAN", name="Canada")).user)
    assert Member.objects.filter(code="CAN").exists()
    began = time.process_time()
    form = {"text": text, "base_revision": 1, "on_behalf_of": Member.objects.get(code="CAN").pk}
    assert client.post("/provisions/open/log/check/", form).status_code == 200
    assert time.process_time() - began < 5
