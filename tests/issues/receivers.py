"""A receiver of webhooks on a real server, which can also be made to misbehave."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """A server that stops without waiting for open requests and does not report senders that have disconnected."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, *args: Any) -> None:
        """Suppress the message."""


class Receiver:
    """The requests received and the configured response. `behaviour` is a status, "slow", "drip" or "redirect"."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.behaviour: int | str = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
                receiver.answer(self)

            def log_message(self, *args: Any) -> None:
                """Suppress the message."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Send the response that `behaviour` determines."""
        if self.behaviour == "slow":
            time.sleep(6)
        if self.behaviour == "drip":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _ in range(60):
                handler.wfile.write(b"X")
                handler.wfile.flush()
                time.sleep(0.1)
        status = self.behaviour if isinstance(self.behaviour, int) else 302 if self.behaviour == "redirect" else 200
        handler.send_response(status)
        if self.behaviour == "redirect":
            handler.send_header("Location", self.url)
        handler.end_headers()
        handler.wfile.write(b"Received." if status == 200 else b"x" * 5000)

    @property
    def said(self) -> list[dict[str, Any]]:
        """The payloads received, in order."""
        return [json.loads(body) for _, body in self.came]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver for the duration of the context, and yield it."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()
