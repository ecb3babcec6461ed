"""Send POST requests to URLs that users entered. The requests must not reach any server inside this network (SSRF).

- The host name is resolved once. All its IP addresses must be public, and the connection goes to one of them. An
  attacker therefore gains nothing from a host name that resolves to another address a moment later.
- Redirects are not followed, and proxies are not used.
- The time for the whole exchange and the size of the response are limited.
"""

import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

# The time limit, in seconds, for the whole exchange from connecting to reading the last byte.
TIMEOUT = 10.0
# The maximum number of bytes that are read from the response body. The delivery log shows the same number of bytes.
EXCERPT_SIZE = 1000
# Addresses that the standard library considers global but that must not be reached, such as protocol assignments and
# 6to4 relays.
SPECIAL_NETWORKS = [ipaddress.ip_network(network) for network in ("192.0.0.0/24", "192.88.99.0/24")]
# The rest of IPv6 is reserved or maps to IPv4 addresses.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


class NotAllowed(OSError):
    """Raised for a URL to which the site does not send requests. The message gives the reason."""


@dataclass(frozen=True)
class Response:
    """The HTTP status and the beginning of the body of a response."""

    status: int
    excerpt: str


def require_sendable(url: str) -> SplitResult:
    """Return the parts of `url`, without resolving its host.

    Raise NotAllowed if requests to the URL are never allowed.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError:
        raise NotAllowed("The URL is invalid.") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOKS_TO_LOOPBACK):
        raise NotAllowed("The URL must begin with https://.")
    if not host or parts.username is not None or parts.password is not None:
        raise NotAllowed("The URL must contain a host and must not contain a user name or password.")
    try:
        literal = str(ipaddress.ip_address(host))
    except ValueError:
        return parts
    _require_public([literal], parts.scheme)
    return parts


def is_public(ip_address: str) -> bool:
    """Return whether an IP address belongs to the public internet."""
    ip = ipaddress.ip_address(ip_address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        return ip in GLOBAL_UNICAST and ip.is_global and ip.sixtofour is None and ip.teredo is None
    special = ip.is_multicast or ip.is_reserved or any(ip in network for network in SPECIAL_NETWORKS)
    return ip.is_global and not special


def post(url: str, body: bytes, headers: dict[str, str]) -> Response:
    """Send `body`, and return the response regardless of its status. Raise OSError if there is no response."""
    parts = require_sendable(url)
    assert parts.hostname is not None  # checked by require_sendable
    host = parts.hostname.encode("idna").decode()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    ip_address = _resolve(host, port, parts.scheme)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    connection = _PinnedConnection(host, port, ip_address, context)
    timer = threading.Timer(TIMEOUT, connection.abort)
    timer.daemon = True
    timer.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        excerpt = response.read(EXCERPT_SIZE).decode("utf-8", "replace").replace("\x00", "")
        if not connection.aborted:  # an aborted response would otherwise look complete
            return Response(response.status, excerpt)
    except (OSError, HTTPException, ValueError) as error:
        if not connection.aborted and not isinstance(error, TimeoutError):
            raise OSError(str(error) or type(error).__name__) from error
    finally:
        timer.cancel()
        connection.close()
    raise TimeoutError(f"The response was not complete after {TIMEOUT:g} seconds.")


class _PinnedConnection(HTTPConnection):
    """A connection to a fixed IP address, even if the host name later resolves to another address.

    TLS verifies the host name.
    """

    def __init__(self, host: str, port: int, ip_address: str, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._ip_address = ip_address
        self._context = context
        self.aborted = False

    def connect(self) -> None:
        """Connect to the IP address that was checked."""
        self.sock = socket.create_connection((self._ip_address, self.port), self.timeout)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)

    def abort(self) -> None:
        """End the connection from another thread, so that the thread reading from it stops waiting."""
        self.aborted = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                self.sock.close()


def _resolve(host: str, port: int, scheme: str) -> str:
    """Return the IP address to which to connect. Raise NotAllowed if any address of the host is not public."""
    results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ip_addresses = [str(result[4][0]) for result in results]
    _require_public(ip_addresses, scheme)
    return ip_addresses[0]


def _require_public(ip_addresses: list[str], scheme: str) -> None:
    loopback = all(ipaddress.ip_address(ip_address).is_loopback for ip_address in ip_addresses)
    if settings.WEBHOOKS_TO_LOOPBACK and loopback:
        return
    if scheme != "https" or not all(is_public(ip_address) for ip_address in ip_addresses):
        raise NotAllowed("The host is not on the public internet.")
