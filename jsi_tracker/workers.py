"""A gunicorn worker that limits how long a slow client can occupy a thread.

The gthread worker waits for a request without a time limit, so if there are as many slow clients as threads, they block
the site for everyone. A buffering proxy prevents that; without one, this worker sets a time limit.
"""

import socket
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from gunicorn.workers.gthread import ThreadWorker

# A request including its body may take this many times as long as its head alone.
BODY_FACTOR = 12


class TimedThreadWorker(ThreadWorker):
    """A thread worker that ends requests that arrive too slowly; SLOWEST_REQUEST is the limit in seconds.

    Use it with `--worker-class jsi_tracker.workers.TimedThreadWorker`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadlines: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """Handle a connection, with a deadline for the head of its request."""
        self._deadlines[conn] = time.monotonic() + settings.SLOWEST_REQUEST
        try:
            return super().handle(conn)
        finally:
            self._deadlines.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Handle a request whose head has arrived, with a later deadline for its body."""
        self._deadlines[conn] = time.monotonic() + settings.SLOWEST_REQUEST * BODY_FACTOR
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Stop reading from connections past their deadline; responses in progress continue.

        The main thread calls this once a second.
        """
        super().murder_pending()
        now = time.monotonic()
        for conn, deadline in list(self._deadlines.items()):
            if deadline < now:
                with suppress(OSError):  # the client has already closed the connection
                    conn.sock.shutdown(socket.SHUT_RD)
