"""Live streams: hints and stock within moments, resumed, and never held by a slow reader."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from fastapi import FastAPI, Header, Response

from tests.sandbox.conftest import serving
from yinuo.core.db import Database
from yinuo.core.outbox import Hint, announce
from yinuo.web import live as live_module
from yinuo.web.live import Figures, Live, Watched
from yinuo.web.streams import Protocol


@pytest.fixture(params=[Protocol, "h11"], ids=["our server", "another server"])
def protocol(request: pytest.FixtureRequest) -> type[asyncio.Protocol] | str:
    found: type[asyncio.Protocol] | str = request.param
    return found


@contextmanager
def streaming(
    database: Database,
    sellable: dict[str, int],
    *,
    protocol: type[asyncio.Protocol] | str = Protocol,
    forgotten: list[dict[str, int]] | None = None,
) -> Iterator[str]:
    """Give the address of an app with the two streams; a shop's figures have keys `shop/SKU`."""
    forgotten = [] if forgotten is None else forgotten

    def figures(watched: Watched) -> Figures:
        return {
            shop: {sku: sellable[f"{shop}/{sku}" if shop else sku] for sku in skus}
            for shop, skus in watched.items()
        }

    live = Live(
        database.url,
        read_figures=figures,
        with_bundles=lambda skus: [*skus, *(["SET-1"] if "RUG-160" in skus else [])],
        forget=lambda: forgotten.append(dict(sellable)),
    )

    app = FastAPI(lifespan=lambda _app: live.running())

    @app.get("/hints")
    async def hints(last_event_id: str | None = Header(default=None)) -> Response:
        return live.hint_stream(last_event_id)

    @app.get("/stock")
    async def stock(sku: str, shop: str | None = None) -> Response:
        return await live.stock_stream(sku.split(","), shop_id=shop)

    @app.get("/watched")
    async def watched() -> int:
        return live.watched

    with serving(app, protocol=protocol) as address:
        yield address


def told(lines: Iterator[str], event: str) -> tuple[str, dict[str, object]]:
    """Return id and data of the next event of a name."""
    number, name = "", ""
    for line in lines:
        if line.startswith("id: "):
            number = line[4:]
        elif line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: ") and name == event:
            return number, json.loads(line[6:])
    pytest.fail(f"the stream ended before {event}")


def hint(database: Database, *hints: Hint) -> None:
    with database.transaction() as session:
        announce(session, hints=hints)


def test_hint_reaches_a_reader_and_is_repeated_to_one_that_comes_back(
    database: Database, protocol: type[asyncio.Protocol] | str
) -> None:
    with streaming(database, {}, protocol=protocol) as address, httpx.Client(timeout=30) as client:
        with client.stream("GET", f"{address}/hints") as answer:
            lines = answer.iter_lines()
            hello, _ = told(lines, "hello")
            hint(database, Hint("order", "ord_1"))
            first, data = told(lines, "hint")
            assert (data["topic"], data["id"]) == ("order", "ord_1")
        hint(database, Hint("order", "ord_2"))
        headers = {"Last-Event-ID": first}
        with client.stream("GET", f"{address}/hints", headers=headers) as answer:
            _, data = told(answer.iter_lines(), "hint")
            assert data["id"] == "ord_2"
        headers = {"Last-Event-ID": "elsewhere-7"}
        with client.stream("GET", f"{address}/hints", headers=headers) as answer:
            number, _ = told(answer.iter_lines(), "reset")
            assert number.split("-")[0] == hello.split("-")[0]


def test_stock_begins_with_the_units_now_and_tells_changes_of_the_wanted_skus_only(
    database: Database, protocol: type[asyncio.Protocol] | str
) -> None:
    sellable = {"RUG-160": 5, "PILW-45": 9}
    with (
        streaming(database, sellable, protocol=protocol) as address,
        httpx.Client(timeout=30) as client,
        client.stream("GET", f"{address}/stock?sku=RUG-160") as answer,
    ):
        assert answer.headers["access-control-allow-origin"] == "*"
        lines = answer.iter_lines()
        assert told(lines, "stock")[1]["sellable"] == 5
        sellable.update({"RUG-160": 4, "PILW-45": 8})
        hint(database, Hint("stock", "PILW-45"), Hint("stock", "RUG-160"))
        _, data = told(lines, "stock")
        assert (data["sku"], data["sellable"]) == ("RUG-160", 4)


def test_a_shops_stream_tells_its_own_figures_and_those_of_bundles(
    database: Database, protocol: type[asyncio.Protocol] | str
) -> None:
    sellable = {"RUG-160": 5, "mini/RUG-160": 2, "mini/SET-1": 1, "mini/VASE-20": 8}
    with (
        streaming(database, sellable, protocol=protocol) as address,
        httpx.Client(timeout=30) as client,
        client.stream("GET", f"{address}/stock?sku=RUG-160,SET-1,VASE-20&shop=mini") as answer,
    ):
        lines = answer.iter_lines()
        first = [told(lines, "stock")[1] for _ in range(3)]
        assert [(one["sku"], one["sellable"]) for one in first] == [
            ("RUG-160", 2),
            ("SET-1", 1),
            ("VASE-20", 8),
        ]
        sellable.update({"mini/RUG-160": 1, "mini/SET-1": 0})
        hint(database, Hint("stock", "RUG-160"))
        changed = [told(lines, "stock")[1] for _ in range(2)]
        assert [(one["sku"], one["sellable"]) for one in changed] == [("RUG-160", 1), ("SET-1", 0)]
        sellable.update({"mini/RUG-160": 9, "mini/SET-1": 9, "mini/VASE-20": 4})
        hint(database, Hint("shop", "other"), Hint("shop", "mini"))  # its rules changed
        ruled = [told(lines, "stock")[1] for _ in range(3)]
        assert [one["sellable"] for one in ruled] == [9, 9, 4]


def test_a_change_of_the_catalog_or_a_warehouse_is_forgotten_and_told_of_everything(
    database: Database,
) -> None:
    sellable, forgotten = {"RUG-160": 5, "mini/SET-1": 2}, list[dict[str, int]]()
    with (
        streaming(database, sellable, forgotten=forgotten) as address,
        httpx.Client(timeout=30) as client,
        client.stream("GET", f"{address}/stock?sku=RUG-160") as any_shop,
        client.stream("GET", f"{address}/stock?sku=SET-1&shop=mini") as mini,
    ):
        streams = [any_shop.iter_lines(), mini.iter_lines()]
        assert [told(lines, "stock")[1]["sellable"] for lines in streams] == [5, 2]
        for units, topic in ((4, "catalog"), (3, "warehouse")):
            sellable.update({"RUG-160": units, "mini/SET-1": units})
            hint(database, Hint(topic, "whichever"))
            assert [told(lines, "stock")[1]["sellable"] for lines in streams] == [units, units]
            assert forgotten[-1]["RUG-160"] == units
        before = len(forgotten)
        sellable["RUG-160"] = 1
        hint(database, Hint("stock", "RUG-160"))
        assert told(streams[0], "stock")[1]["sellable"] == 1
        assert len(forgotten) == before


def test_every_web_process_hears_what_any_of_them_changed(
    database: Database, protocol: type[asyncio.Protocol] | str
) -> None:
    """Two processes share a database and nothing else; a change is told by both, once each."""
    sellable = {"RUG-160": 5}
    with (
        streaming(database, sellable, protocol=protocol) as first,
        streaming(database, sellable, protocol=protocol) as second,
        httpx.Client(timeout=30) as client,
        client.stream("GET", f"{first}/stock?sku=RUG-160") as one,
        client.stream("GET", f"{second}/stock?sku=RUG-160") as other,
    ):
        streams = [one.iter_lines(), other.iter_lines()]
        assert [told(lines, "stock")[1]["sellable"] for lines in streams] == [5, 5]
        for units in (4, 3):
            sellable["RUG-160"] = units
            hint(database, Hint("stock", "RUG-160"))
            assert [told(lines, "stock")[1]["sellable"] for lines in streams] == [units, units]


def test_a_reader_that_stops_reading_holds_nobody(
    database: Database, protocol: type[asyncio.Protocol] | str
) -> None:
    """Its socket fills up while another reader is told everything, to the last change."""
    many, size = 3000, 2000
    with streaming(database, {}, protocol=protocol) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.socket() as stuck, httpx.Client(timeout=30) as client:
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stuck.connect((host, int(port)))
            stuck.sendall(b"GET /hints HTTP/1.1\r\nHost: test\r\n\r\n")
            assert stuck.recv(12) == b"HTTP/1.1 200"  # and it never reads again
            with client.stream("GET", f"{address}/hints") as answer:
                lines = answer.iter_lines()
                told(lines, "hello")
                for first in range(0, many, 50):
                    names = [f"{number:0{size}}" for number in range(first, first + 50)]
                    with database.transaction() as session:
                        announce(session, hints=[Hint("order", name) for name in names])
                    for name in names:
                        assert told(lines, "hint")[1]["id"] == name


def test_a_sign_of_life_goes_to_those_for_whom_there_is_nothing_else(
    database: Database, protocol: type[asyncio.Protocol] | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "PING_SECONDS", 0.1)
    with (
        streaming(database, {"RUG-160": 5}, protocol=protocol) as address,
        httpx.Client(timeout=30) as client,
        client.stream("GET", f"{address}/stock?sku=RUG-160") as answer,
    ):
        lines = answer.iter_lines()
        assert told(lines, "stock")[1]["sellable"] == 5
        assert next(line for line in lines if line.startswith(":")) == ": ping"


def test_a_client_of_the_old_protocol_is_told_without_chunks(database: Database) -> None:
    with streaming(database, {}) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as old:
            old.sendall(b"GET /hints HTTP/1.0\r\nHost: test\r\n\r\n")
            heard = b""
            while b"hello" not in heard:
                heard += old.recv(4096)
            assert b"chunked" not in heard.lower()
            hint(database, Hint("order", "ord_9"))
            while b"ord_9" not in heard:
                heard += old.recv(4096)
            assert heard.endswith(b"}\n\n")


def test_a_server_that_stops_ends_its_streams_without_a_word(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(httpx.Client(timeout=30))
        with streaming(database, {}) as address:
            answer = stack.enter_context(client.stream("GET", f"{address}/hints"))
            lines = answer.iter_lines()
            told(lines, "hello")
        with contextlib.suppress(httpx.RemoteProtocolError):  # cut, not ended: it comes back
            assert [line for line in lines if line.startswith("data:")] == []
    assert [one for one in caplog.records if one.levelname in {"WARNING", "ERROR"}] == []


def test_nothing_is_read_for_pages_that_were_closed(
    database: Database, protocol: type[asyncio.Protocol] | str
) -> None:
    sellable = {"RUG-160": 5, "mini/RUG-160": 2}
    with (
        streaming(database, sellable, protocol=protocol) as address,
        httpx.Client(timeout=30) as client,
    ):
        pages = [f"{address}/stock?sku=RUG-160", f"{address}/stock?sku=RUG-160&shop=mini"]
        for page in (*pages, pages[1]):
            with client.stream("GET", page) as answer:
                told(answer.iter_lines(), "stock")
        end = time.monotonic() + 60
        while client.get(f"{address}/watched").json() and time.monotonic() < end:
            time.sleep(0.02)
        assert client.get(f"{address}/watched").json() == 0
