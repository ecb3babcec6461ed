"""Tests that webhooks are sent only to public addresses, over TLS with a valid certificate."""

import socket
from typing import Any

import pytest
from django.test import Client

from issues.models import Webhook
from issues.notifications import safe_http
from issues.notifications.safe_http import NotAllowed, is_public, post
from tests.factories import UserFactory
from tests.issues.receivers import Receiver

pytestmark = pytest.mark.django_db

INSIDE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.9", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1"),
    *("::ffff:8.8.8.8", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:a9fe:a9fe::", "2001:db8::1", "100::1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_is_sent_to_a_non_public_ip_address(
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
def test_public_ip_addresses_are_recognised(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "ftp://example.org/", "https://", "https:///x", "https://user:pass@example.org/"),
        *("https://user@example.org/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest"),
        *("https://example.org:99999/", "https://[::1", f"https://{'x' * 70}.org/", "javascript:alert(1)"),
    ],
)
def test_an_unusable_url_is_refused_when_it_is_entered(url: str, settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = False
    with pytest.raises(NotAllowed):
        safe_http.require_sendable(url)
    browser = Client()
    browser.force_login(UserFactory())
    assert browser.post("/webhooks/", {"url": url}).status_code == 422
    assert not Webhook.objects.exists()


def test_the_host_name_is_resolved_once_and_the_connection_uses_that_ip_address(
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
