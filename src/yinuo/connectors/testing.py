"""For tests of connectors: a real HTTP server in a thread that answers, stalls or hangs up.

A connector's behaviour under failures is tested against real sockets, not against a patched
client: the difference between "not sent" and "sent, no answer" exists only there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as the server got it; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Return the path without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """Return the query, decoded."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server does: answer, first wait, or hang up without a word."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_seconds: float = 0.0
    hangs_up: bool = False


@dataclass
class LocalServer:
    """A running server; `seen` grows by each request."""

    address: str
    seen: list[Received]


@contextmanager
def local_server(answer: Callable[[Received], Reply]) -> Iterator[LocalServer]:
    """Give a server on a free local port that answers as told while the block runs."""
    seen: list[Received] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            received = Received(
                method=self.command,
                target=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length),
            )
            seen.append(received)
            reply = answer(received)
            over.wait(reply.wait_seconds)
            if reply.hangs_up:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = _take  # noqa: N815 - the names that http.server looks up

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Stay quiet."""

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, BrokenPipeError):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield LocalServer(address=f"http://127.0.0.1:{server.server_address[1]}", seen=seen)
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
