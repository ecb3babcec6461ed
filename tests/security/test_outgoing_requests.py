"""Tests that outgoing requests reach the intended recipient and never an internal address."""

from typing import Any

import pytest

from issues.notifications.safe_http import NotAllowed, post, require_sendable
from tests.issues.receivers import receiving


def test_webhooks_ignore_proxies_of_the_environment(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with receiving() as receiver, receiving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert post(receiver.url, b"{}", {}).status == 200
        assert (len(receiver.came), len(proxy.came)) == (1, 0)


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "127.1", "0177.0.0.1", "localhost", "localhost."])
def test_every_notation_of_the_local_address_is_recognised(host: str, settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = False
    with pytest.raises(OSError) as refused:  # noqa: PT011  # refused, or not an address to the resolver
        post(f"https://{host}/", b"{}", {})
    assert isinstance(refused.value, NotAllowed) or "Name or service" in str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://example.org/\r\nX-Forged: 1", "https://exa\tmple.org/", "https://[::1%25lo]/"]
)
def test_a_url_cannot_inject_headers(url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = False
    try:
        parts = require_sendable(url)
    except NotAllowed:
        return
    assert not {"\r", "\n", "\t"} & set(f"{parts.hostname}{parts.path}{parts.query}")
