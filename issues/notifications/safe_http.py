"""Sending something to an address that a person typed, so that nothing inside this network can be reached by it.

The name is looked up once, every address that it has must be a public one, and that very address is connected to: a
name that means something else a moment later gains nothing. Redirects are not followed, no proxy is used, and time
and size of the answer are bounded.
"""

import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

# Seconds for all of it, from connecting to the last byte that is read.
LONGEST = 10.0
# As many bytes of an answer are read as the log shows.
EXCERPT = 1000
# What the standard library takes for public, and is not to be reached: protocol assignments, relays of 6to4.
SPECIAL = [ipaddress.ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24")]
# Everything else of IPv6 is special, or leads to IPv4 addresses.
UNICAST = ipaddress.ip_network("2000::/3")


class NotAllowed(OSError):
    """The address is none that this site sends to. Says why."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status of HTTP and how the body begins."""

    status: int
    excerpt: str


def require_sendable(url: str) -> SplitResult:
    """Return the parts of an address; raises NotAllowed for one that can never be sent to. Looks nothing up."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError:
        raise NotAllowed("This is no address.") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOKS_TO_LOOPBACK):
        raise NotAllowed("The address has to begin with https://.")
    if not host or parts.username is not None or parts.password is not None:
        raise NotAllowed("The address has to name a host, without user and password.")
    try:
        literal = str(ipaddress.ip_address(host))
    except ValueError:
        return parts
    _require_public([literal], parts.scheme)
    return parts


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        return ip in UNICAST and ip.is_global and ip.sixtofour is None and ip.teredo is None
    special = ip.is_multicast or ip.is_reserved or any(ip in network for network in SPECIAL)
    return ip.is_global and not special


def _require_public(addresses: list[str], scheme: str) -> None:
    if settings.WEBHOOKS_TO_LOOPBACK and all(ipaddress.ip_address(one).is_loopback for one in addresses):
        return
    if scheme != "https" or not all(is_public(one) for one in addresses):
        raise NotAllowed("The host is not on the public internet.")


def _looked_up(host: str, port: int, scheme: str) -> str:
    """Return the one address to connect to; raises NotAllowed where any that the name has is not public."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    _require_public(addresses, scheme)
    return addresses[0]


class _Pinned(HTTPConnection):
    """A connection to one IP address, whatever the name means meanwhile; over TLS the certificate is the name's."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=LONGEST)
        self._address = address
        self.was_cut = False
        self._context = context

    def connect(self) -> None:
        """Connect to the address that was looked at."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """End it from another thread: whoever waits for a byte waits no more."""
        self.was_cut = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                self.sock.close()


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send `body`; return the answer, whatever its status. Raises OSError (NotAllowed, timeouts) without one."""
    parts = require_sendable(url)
    assert parts.hostname is not None  # it was required
    host = parts.hostname.encode("idna").decode()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _looked_up(host, port, parts.scheme)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    connection = _Pinned(host, port, address, context)
    timer = threading.Timer(LONGEST, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        excerpt = response.read(EXCERPT).decode("utf-8", "replace").replace("\x00", "")
        if not connection.was_cut:  # what was cut looks like an answer that is over
            return Answer(response.status, excerpt)
    except (OSError, HTTPException, ValueError) as error:
        if not connection.was_cut and not isinstance(error, TimeoutError):
            raise OSError(str(error) or type(error).__name__) from error
    finally:
        timer.cancel()
        connection.close()
    raise TimeoutError(f"No whole answer within {LONGEST:g} seconds.")
