"""gunicorn's threads, for which a client that sends slowly keeps no thread from the others for long.

gthread waits for a request for as long as its client likes; as many slow clients as there are threads keep a site shut
for everybody. A proxy that buffers requests prevents that; where none stands in front, this sets an end.
"""

import socket
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from gunicorn.workers.gthread import ThreadWorker

# A text that is sent may take longer than the few lines before it, by so much.
BODY = 12


class PatientThreads(ThreadWorker):
    """To be named as `--worker-class jsi_tracker.workers.PatientThreads`; SLOWEST_REQUEST says how patient."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ends: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        self._ends[conn] = time.monotonic() + settings.SLOWEST_REQUEST
        try:
            return super().handle(conn)
        finally:
            self._ends.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> Any:
        self._ends[conn] = time.monotonic() + settings.SLOWEST_REQUEST * BODY
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Close what waits for too long; the main thread comes by once a second. What is being answered goes on."""
        super().murder_pending()
        now = time.monotonic()
        for conn, end in list(self._ends.items()):
            if end < now:
                with suppress(OSError):  # its client has gone already
                    conn.sock.shutdown(socket.SHUT_RD)
