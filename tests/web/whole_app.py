"""The whole product's app in this process, without its lifespan: nothing listens, nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response

from yinuo.core.db import Database
from yinuo.web.app import create_app
from yinuo.workflows import start_up


class _ShortLive:
    """Stands for the live side: a stream that ends at once, since this client reads to the end."""

    def hint_stream(self, *_: object, **__: object) -> Response:
        return PlainTextResponse(": ping", media_type="text/event-stream")

    async def stock_stream(self, *_: object, **__: object) -> Response:
        return self.hint_stream()


@contextmanager
def whole_app(database: Database) -> Iterator[FastAPI]:
    """Give the app over a database."""
    shared = start_up.share(database)
    try:
        app = create_app(shared)
        app.state.live = _ShortLive()
        yield app
    finally:
        start_up.close_hub(shared)
