"""A gunicorn worker that limits the time for which a slow client can occupy a thread.

Because the gthread worker waits for requests without a time limit, slow clients could occupy all threads and block the
site for other users. A buffering proxy prevents this problem. Without such a proxy, this worker sets a time limit.
"""

import socket
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from gunicorn.workers.gthread import ThreadWorker

# The ratio of the time limit for a whole request to the time limit for its head.
BODY_FACTOR = 12


class TimedThreadWorker(ThreadWorker):
    """A thread worker that ends requests that arrive too slowly.

    SLOWEST_REQUEST is the time limit, in seconds, for the head of a request. Select the worker with
    `--worker-class jsi_tracker.workers.TimedThreadWorker`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadlines: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """Set a deadline for the head of the next request, and handle the connection."""
        self._deadlines[conn] = time.monotonic() + settings.SLOWEST_REQUEST
        try:
            return super().handle(conn)
        finally:
            self._deadlines.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Set a new deadline for the body of a request whose head has arrived, and handle the request."""
        self._deadlines[conn] = time.monotonic() + settings.SLOWEST_REQUEST * BODY_FACTOR
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Stop reading from connections whose deadline has passed. Responses in progress continue.

        The main thread calls this method once a second.
        """
        super().murder_pending()
        now = time.monotonic()
        for conn, deadline in list(self._deadlines.items()):
            if deadline < now:
                with suppress(OSError):  # the client has already closed the connection
                    conn.sock.shutdown(socket.SHUT_RD)
