"""The web application: routes of all modules, one form of errors, the live side, the console.

`create_app` takes its parts, so that tests give their own; `serve` makes them from the settings
and is what a web process runs.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from yinuo.channels import service as channels
from yinuo.core import clock, config, logs
from yinuo.core.db import Database
from yinuo.core.errors import NotFound
from yinuo.web import (
    addresses,
    addresses_learning,
    addresses_queue,
    audit,
    callbacks,
    catalog,
    certificates,
    channel_board,
    connectors,
    errors,
    events,
    health,
    imports,
    messages,
    notices,
    observing,
    orders,
    payment_bills,
    public,
    sandboxes,
    session,
    shop,
    shops,
    stock,
    stock_repair,
    submitted_orders,
    summaries,
    today,
    tokens,
    users,
    work_items,
    work_items_bulk,
)
from yinuo.web.live import Figures, Live, Watched
from yinuo.workflows import start_up
from yinuo.workflows.hub import Hub

STATIC = Path(__file__).parent / "static"
API_ROUTERS = (
    session.router,
    users.router,
    tokens.router,
    audit.router,
    orders.router,
    today.router,
    addresses.router,
    addresses_queue.router,
    addresses_learning.router,
    messages.router,
    imports.router,
    submitted_orders.router,
    shops.router,
    observing.router,
    stock_repair.router,
    stock.router,
    channel_board.router,
    work_items_bulk.router,
    work_items.router,
    payment_bills.router,
    certificates.router,
    summaries.router,
    notices.router,
    catalog.router,
    connectors.router,
    sandboxes.router,
    events.router,
)
# What a page of ours may load: itself only. antd writes styles at run time.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; worker-src 'self'; frame-ancestors 'none'"
)

# A hundred times the usual: a collection in the middle of a rush makes all callers wait.
GC_THRESHOLD = (70_000, 20, 20)


def create_app(shared: Hub, *, trusted_proxies: list[str] | None = None) -> FastAPI:
    """Return the application over the shared parts; the caller starts and closes those."""
    shelf = channels.Shelf()
    live = Live(
        shared.database.url.replace("+psycopg", ""),
        read_figures=lambda watched: _figures(shared.database, shelf, watched),
        with_bundles=lambda skus: _with_bundles(shared.database, shelf, skus),
        forget=shelf.forget,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with live.running():
            yield

    app = FastAPI(
        title="Yinuo (一诺)",
        version="1",
        lifespan=lifespan,
        separate_input_output_schemas=False,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.database = shared.database
    app.state.hub = shared
    app.state.live = live
    app.state.trusted_proxies = trusted_proxies or []
    errors.install(app)
    # First, as the router looks from the top: nothing is asked for so often, and so urgently.
    app.router.routes[:0] = callbacks.routes
    for router in API_ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(public.router)
    app.include_router(shop.router)
    app.include_router(health.router)
    _add_console(app)
    return app


def _figures(database: Database, shelf: channels.Shelf, watched: Watched) -> Figures:
    with database.read() as reading:
        return shelf.figures(reading, watched, now=clock.now())


def _with_bundles(database: Database, shelf: channels.Shelf, skus: list[str]) -> list[str]:
    with database.read() as reading:
        return shelf.with_bundles(reading, skus)


class _Assets(StaticFiles):
    """Built files whose names change with their content, compressed ones where there are twins."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, its .gz twin when the client takes it."""
        accepts = dict(scope["headers"]).get(b"accept-encoding", b"")
        if b"gzip" in accepts and (STATIC / "assets" / f"{path}.gz").is_file():
            plain = await super().get_response(path, scope)
            packed = FileResponse(STATIC / "assets" / f"{path}.gz", media_type=plain.media_type)
            packed.headers["Content-Encoding"] = "gzip"
            packed.headers["Vary"] = "Accept-Encoding"
            response: Response = packed
        else:
            response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _add_console(app: FastAPI) -> None:
    if (STATIC / "assets").is_dir():
        app.mount("/assets", _Assets(directory=STATIC / "assets"), name="assets")

    async def console(request: Request) -> Response:
        path = str(request.path_params.get("path", ""))
        if path.startswith(("api/", "callbacks/")):
            raise NotFound
        named = (STATIC / path).resolve()
        if path and named.is_file() and named.is_relative_to(STATIC.resolve()):
            return FileResponse(named, headers={"Cache-Control": "no-cache"})
        page = STATIC / "index.html"
        if not page.is_file():
            return PlainTextResponse(
                "The console is not built: run `make console`.", status_code=404
            )
        return FileResponse(
            page,
            headers={"Cache-Control": "no-cache", "Content-Security-Policy": PAGE_POLICY},
        )

    app.router.routes.append(Route("/{path:path}", console, methods=["GET", "HEAD"]))


def serve() -> FastAPI:
    """Return the application of a web process, made from the settings."""
    settings = config.settings()
    logs.configure(level=settings.log_level, as_json=settings.log_json)
    shared = start_up.open_hub(settings, application_name="yinuo-web")
    app = create_app(shared, trusted_proxies=settings.trusted_proxies)
    inner = app.router.lifespan_context

    @contextlib.asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[None]:
        # What was loaded so far stays: the collector need not look at it with every payment.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLD)
        async with inner(running):
            yield
        start_up.close_hub(shared)

    app.router.lifespan_context = lifespan
    return app
