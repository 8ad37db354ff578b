"""A synchronous HTTP client that talks to an app in this process, as a browser or program would."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import anyio.from_thread
import httpx
from fastapi import FastAPI


class _InProcess(httpx.BaseTransport):
    def __init__(self, app: FastAPI, address: str) -> None:
        self._portals = contextlib.ExitStack()
        self._portal = self._portals.enter_context(anyio.from_thread.start_blocking_portal())
        self._inner = httpx.ASGITransport(app=app, client=(address, 50_000))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        request.stream = httpx.ByteStream(await _whole(request))
        answer = await self._inner.handle_async_request(request)
        body = await answer.aread()
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=body, request=request
        )

    def close(self) -> None:
        self._portals.close()


async def _whole(request: httpx.Request) -> bytes:
    return request.read()


class Client(httpx.Client):
    """`with Client(app) as client:`; cookies are kept, changes carry the console's header."""

    def __init__(self, app: FastAPI, *, address: str = "203.0.113.7", console: bool = True) -> None:
        super().__init__(
            transport=_InProcess(app, address),
            base_url="http://testserver",
            headers={"X-Yinuo-Console": "1"} if console else {},
        )

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        super().__exit__(exc_type, exc, traceback)


@contextlib.contextmanager
def clients(app: FastAPI, count: int) -> Iterator[list[Client]]:
    """Give several clients, each with cookies of its own."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Client(app)) for _ in range(count)]
