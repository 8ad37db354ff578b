"""The product page in a real browser: stock moves by itself, an order is placed and paid."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.sandbox.conftest import running, serving
from tests.sandbox.shopping import CATALOG
from yinuo.core.db import Database
from yinuo.sandbox.settings import SandboxSettings

pytestmark = pytest.mark.browser
OPEN = {"Access-Control-Allow-Origin": "*"}


@dataclass
class StockHub:
    """A hub that shows stock and takes one unit away for each payment it hears of."""

    units: dict[str, int] = field(default_factory=lambda: {"LOVE-2026": 128, "TOWEL-01": 0})
    streams: bool = True

    def app(self) -> Starlette:
        order = "/api/shop/v1/mini/orders"
        return Starlette(
            routes=[
                Route("/api/public/stock", self.now),
                Route("/api/public/stock/stream", self.stream),
                Route(order, self.order, methods=["POST"]),
                Route(order + "/{number}", self.order),
                Route("/callbacks/wechat-pay/main", self.paid, methods=["POST"]),
            ]
        )

    async def now(self, request: Request) -> Response:
        skus = request.query_params["sku"].split(",")
        items = [{"sku": sku, "sellable": self.units[sku]} for sku in skus]
        return JSONResponse({"items": items}, headers=OPEN)

    async def stream(self, request: Request) -> Response:
        if not self.streams:
            return Response(status_code=503, headers=OPEN)
        told = dict(self.units)

        async def events() -> AsyncIterator[bytes]:
            yield b": hello\n\n"
            for _ in range(400):
                for sku, units in self.units.items():
                    if told[sku] != units:
                        told[sku] = units
                        data = json.dumps({"sku": sku, "sellable": units, "v": 1})
                        yield f"event: stock\ndata: {data}\n\n".encode()
                await asyncio.sleep(0.05)

        return StreamingResponse(events(), media_type="text/event-stream", headers=OPEN)

    async def order(self, _request: Request) -> Response:
        return JSONResponse({"order_id": "ord_1", "status": "reserved", "is_new": True})

    async def paid(self, _request: Request) -> Response:
        self.units["LOVE-2026"] -= 1
        return Response(status_code=204)


@pytest.fixture
def stock_hub() -> StockHub:
    return StockHub()


@pytest.fixture
def address(stock_hub: StockHub, database: Database) -> Iterator[str]:
    with serving(stock_hub.app()) as hub:
        settings = SandboxSettings(hub_address=hub)
        with running(settings, database) as sandbox:
            sandbox.client.put("/shop/backend/catalog", json=CATALOG)
            yield sandbox.address


@pytest.fixture
def page() -> Iterator[Page]:
    chromium = os.environ.get("YINUO_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
        browser.close()
        assert problems == []


def test_buyer_orders_and_pays_while_stock_falls_on_the_page(page: Page, address: str) -> None:
    page.goto(f"{address}/shop/p/P-LOVE-2026")
    shown = page.locator(".live .stock")
    expect(shown).to_have_text("现货 128 件")
    page.click("#buy")
    page.click("[data-step='1']")
    expect(page.locator("#total")).to_have_text("¥519.80")
    page.click("#submit-order")
    expect(page.locator("#pay-amount")).to_have_text("519.80")
    page.click("#pay-now")
    expect(page.locator("#pay-done")).to_be_visible()
    expect(shown).to_have_text("现货 127 件")
    page.click("#view-order")
    expect(page.locator("#order-status")).to_have_text("库存已锁定")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == 390


def test_stock_comes_by_polling_where_there_is_no_stream(
    page: Page, address: str, stock_hub: StockHub
) -> None:
    stock_hub.streams = False
    page.goto(f"{address}/shop/")
    shown = page.locator(".stock[data-sku='LOVE-2026']")
    expect(shown).to_have_text("现货 128 件")
    stock_hub.units["LOVE-2026"] = 3
    expect(shown).to_have_text("仅剩 3 件", timeout=60_000)


def test_product_without_stock_cannot_be_ordered(
    page: Page, address: str, stock_hub: StockHub
) -> None:
    page.goto(f"{address}/shop/p/P-TOWEL")
    expect(page.locator("#buy")).to_be_disabled()
    expect(page.locator("#buy")).to_have_text("暂时缺货")
    stock_hub.units["TOWEL-01"] = 20
    expect(page.locator("#buy")).to_be_enabled()
    expect(page.locator("#buy")).to_have_text("立即下单")


def test_bundle_shows_what_its_parts_allow(page: Page, address: str, stock_hub: StockHub) -> None:
    parts = [{"sku": "LOVE-2026", "quantity": 2}, {"sku": "TOWEL-01", "quantity": 1}]
    bundle = {"listing": "P-SET", "sku": "SET", "name": "两件套", "price_fen": 9900, "parts": parts}
    stock_hub.units["TOWEL-01"] = 100
    httpx.put(f"{address}/shop/backend/catalog", json={"products": [bundle]})
    page.goto(f"{address}/shop/p/P-SET")
    expect(page.locator(".live .stock")).to_have_text("现货 64 件")
    stock_hub.units["TOWEL-01"] = 2
    expect(page.locator(".live .stock")).to_have_text("仅剩 2 件")


def test_order_page_asks_for_the_payment_that_was_put_off(page: Page, address: str) -> None:
    page.goto(f"{address}/shop/p/P-LOVE-2026")
    page.click("#buy")
    page.click("#submit-order")
    page.click("#pay-later")
    expect(page.locator("#order-status")).to_have_text("等待付款")
    page.click("#pay")
    page.click("#pay-now")
    expect(page.locator("#pay-done")).to_be_visible()
    page.click("#pay-done [data-close]")
    expect(page.locator("#order-status")).to_have_text("库存已锁定")
