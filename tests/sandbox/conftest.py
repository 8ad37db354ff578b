"""A whole sandbox on a real port, and a hub that writes down what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from yinuo.core.db import Database
from yinuo.sandbox.app import create
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.settings import AlipaySettings, SandboxSettings, WechatPaySettings
from yinuo.sandbox.wechat_pay.crypto import make_private_key


def free_port() -> socket.socket:
    """Return a socket on a free port; named as TCP, else the server leaves Nagle's delay on."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


class _Prompt(uvicorn.Server):
    """A server that looks ten times as often whether it should stop."""

    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks // 10):
            ticks += 1
            await asyncio.sleep(0.01)


@contextlib.contextmanager
def serving(
    app: ASGIApp,
    listener: socket.socket | None = None,
    *,
    protocol: type[asyncio.Protocol] | str = "auto",
) -> Iterator[str]:
    """Give the address of an application that listens on a free port while the block runs."""
    listener = listener or free_port()
    port = listener.getsockname()[1]
    config = uvicorn.Config(
        app, http=protocol, log_config=None, lifespan="on", timeout_graceful_shutdown=1
    )
    server = _Prompt(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=15)
        listener.close()


def until(claim: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Wait until the claim holds; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


@dataclass
class Heard:
    """One request that the stand-in for the hub took."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class FakeHub:
    """A hub that answers what `answer` says and keeps everything it hears."""

    address: str = ""
    heard: list[Heard] = field(default_factory=list)
    answer: Callable[[Heard], tuple[int, bytes]] = lambda _heard: (200, b"{}")
    delay: float = 0.0

    async def take(self, request: Request) -> Response:
        query = request.url.query
        heard = Heard(
            method=request.method,
            target=request.url.path + (f"?{query}" if query else ""),
            headers=dict(request.headers),
            body=await request.body(),
            at=time.monotonic(),
        )
        self.heard.append(heard)
        if self.delay:
            await asyncio.sleep(self.delay)
        status, body = self.answer(heard)
        return Response(body, status_code=status, media_type="application/json")

    def at(self, prefix: str) -> list[Heard]:
        """Return what was heard under a path."""
        return [heard for heard in self.heard if heard.target.startswith(prefix)]


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    fake = FakeHub()
    methods = ["GET", "POST", "PUT", "DELETE"]
    with serving(Starlette(routes=[Route("/{path:path}", fake.take, methods=methods)])) as address:
        fake.address = address
        yield fake


@dataclass
class Sandbox:
    """A running sandbox, with a client that keeps no connection for the next request."""

    address: str
    kernel: Kernel
    client: httpx.Client

    def set_faults(self, system: str, *faults: dict[str, object]) -> None:
        answer = self.client.put(f"/control/systems/{system}/faults", json={"faults": list(faults)})
        assert answer.status_code == 200, answer.text

    def faults(self, system: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self.client.get(
            f"/control/systems/{system}/faults"
        ).json()["faults"]
        return found

    def calls(self, system: str) -> list[dict[str, object]]:
        items: list[dict[str, object]] = self.client.get(f"/control/systems/{system}/calls").json()[
            "items"
        ]
        return items


@contextlib.contextmanager
def running(settings: SandboxSettings, database: Database) -> Iterator[Sandbox]:
    """Give a sandbox that listens while the block runs; run it again for a restart."""
    listener = free_port()
    own = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create(settings.model_copy(update={"address": own}), database=database)
    with serving(app, listener) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield Sandbox(address=address, kernel=app.state.kernel, client=client)


@pytest.fixture
def settings(hub: FakeHub) -> SandboxSettings:
    keys = made_keys()
    return SandboxSettings(
        hub_address=hub.address,
        wechat_pay=WechatPaySettings(platform_private_key=keys[0], merchant_private_key=keys[1]),
        alipay=AlipaySettings(alipay_private_key=keys[2], app_private_key=keys[3]),
    )


@cache
def made_keys() -> list[str]:
    """Return four keys made for this run of the tests; making one takes as long as a test."""
    return [make_private_key() for _ in range(4)]


@pytest.fixture
def sandbox(settings: SandboxSettings, database: Database) -> Iterator[Sandbox]:
    with running(settings, database) as running_sandbox:
        yield running_sandbox
