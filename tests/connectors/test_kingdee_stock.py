"""K3's stock, by the bridge and by SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from yinuo.connectors import http
from yinuo.connectors.http import Outside, Repeats
from yinuo.connectors.kingdee_k3 import stock
from yinuo.connectors.kingdee_k3.mapping import Booked, stock_lines
from yinuo.connectors.kingdee_k3.settings import KingdeeSettings
from yinuo.connectors.kingdee_k3.stock import BridgeStock, SqlStock
from yinuo.connectors.protocols import Rejected, StockLine, Unavailable
from yinuo.connectors.testing import LocalServer, Reply, local_server
from yinuo.core import clock
from yinuo.core.errors import JsonValue

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
BASE = {
    "address": "http://127.0.0.1:9/K3API",
    "authority_code": "made-up",
    "department": "01",
    "employee": "E01",
    "warehouses": {"01": "WH-HZ"},
}
NO_PAUSE = Repeats(first_pause_seconds=0.001, longest_pause_seconds=0.002)


@contextmanager
def bridge(reply: Reply) -> Iterator[tuple[BridgeStock, LocalServer]]:
    with local_server(lambda _r: reply) as server, http.new_client() as client:
        settings = KingdeeSettings.model_validate(
            BASE | {"bridge_address": f"{server.address}/stock", "bridge_secret": "made-up-secret"}
        )
        yield (
            BridgeStock(settings, Outside("kingdee_stock", client=client, repeats=NO_PAUSE)),
            server,
        )


def item(**changes: JsonValue) -> dict[str, JsonValue]:
    return {
        "itemCode": "A",
        "stockCode": "01",
        "onHand": 10,
        "open": 3,
        "available": 7,
        "asOf": "2026-11-22T09:59:00+08:00",
    } | changes


def items(*values: dict[str, JsonValue]) -> Reply:
    return Reply(body=json.dumps({"items": values}).encode())


def test_the_bridge_is_read_as_of_its_oldest_line() -> None:
    reply = items(item(), item(stockCode="WH-NT", onHand="4.0", asOf="2026-11-22 09:58:00"))
    with clock.fixed(AT), bridge(reply) as (reader, server):
        photograph = reader.read(["A", "B"])
    assert photograph.as_of == datetime(2026, 11, 22, 1, 58, tzinfo=UTC)
    assert photograph.lines == (
        StockLine(sku="A", warehouse="WH-HZ", quantity=10, open_quantity=3, available=7),
        StockLine(sku="A", warehouse="WH-NT", quantity=4, open_quantity=3, available=7),
    )
    assert server.seen[0].query == {"itemCodes": "A,B"}
    assert server.seen[0].headers["x-bridge-secret"] == "made-up-secret"


def test_all_skus_are_one_question_and_many_are_several() -> None:
    with clock.fixed(AT), bridge(items()) as (reader, server):
        assert reader.read(None).as_of == AT
        reader.read([f"S{n}" for n in range(150)])
        assert reader.read([]).lines == ()
    assert [one.query.get("itemCodes", "").count(",") for one in server.seen] == [0, 99, 49]


@pytest.mark.parametrize(
    "reply",
    [
        items(item(onHand="ten")),
        items(item(onHand=1.5)),
        items(item(open=None)),
        items(item(available=True)),
        items(item(asOf="now")),
        Reply(body=b'{"items":{}}'),
        Reply(body=b"[]"),
        Reply(body=b"oops"),
    ],
)
def test_a_bridge_that_makes_no_sense_is_not_believed(reply: Reply) -> None:
    with bridge(reply) as (reader, server), pytest.raises(Unavailable):
        reader.read(["A"])
    assert len(server.seen) == 3


def test_a_bridge_that_refuses_is_rejected() -> None:
    with bridge(Reply(status=401)) as (reader, _server), pytest.raises(Rejected):
        reader.read(["A"])


@pytest.fixture
def account_set(database_url: str) -> str:
    """Give a database with the vendor's five tables."""
    with psycopg.connect(database_url, autocommit=True) as login:
        login.execute(
            """
            CREATE TABLE t_ICItem (FItemID bigint, FNumber text);
            CREATE TABLE t_Stock (FItemID bigint, FNumber text);
            CREATE TABLE ICInventory (FItemID bigint, FStockID bigint, FBatchNo text, FQty numeric);
            CREATE TABLE SEOrder (FInterID bigint, FStatus int, FCancellation int, FClosed int);
            CREATE TABLE SEOrderEntry (FInterID bigint, FItemID bigint, FQty numeric, FStockQty numeric);
            INSERT INTO t_ICItem VALUES (1, 'A'), (2, 'B'), (3, 'C');
            INSERT INTO t_Stock VALUES (11, '01'), (12, 'WH-NT');
            INSERT INTO ICInventory VALUES
                (1, 11, 'x', 6), (1, 11, 'y', 4), (1, 12, '', 5), (2, 11, '', 2.0000000000);
            INSERT INTO SEOrder VALUES (100, 0, 0, 0), (101, 1, 0, 0), (102, 0, 1, 0), (103, 3, 0, 1);
            INSERT INTO SEOrderEntry VALUES
                (100, 1, 8, 0), (101, 1, 10, 6), (102, 1, 50, 0), (103, 1, 50, 0), (101, 2, 3, 0),
                (101, 3, 1, 0);
            """
        )
    return database_url


def sql_reader(url: str) -> SqlStock:
    settings = KingdeeSettings.model_validate(BASE | {"stock": "sql", "sql_url": url})
    with http.new_client() as client:  # SQL needs none
        return SqlStock(settings, Outside("kingdee_stock", client=client, repeats=NO_PAUSE))


def test_sql_reads_on_hand_and_open_demand_together(account_set: str) -> None:
    with clock.fixed(AT):
        photograph = sql_reader(account_set).read(["A", "B", "nothing' OR 1=1 --"])
    assert photograph.as_of == AT
    assert photograph.lines == (
        StockLine(sku="A", warehouse="WH-HZ", quantity=10, open_quantity=10, available=0),
        StockLine(sku="A", warehouse="WH-NT", quantity=5, open_quantity=2, available=3),
        StockLine(sku="B", warehouse="WH-HZ", quantity=2, open_quantity=3, available=-1),
    )


def test_sql_reads_everything(account_set: str) -> None:
    assert {line.sku for line in sql_reader(account_set).read(None).lines} == {"A", "B"}


def test_the_sql_login_writes_nothing(account_set: str) -> None:
    settings = KingdeeSettings.model_validate(BASE | {"stock": "sql", "sql_url": account_set})
    with pytest.raises(Rejected) as caught:
        stock.query(settings, "DELETE FROM t_Stock RETURNING FItemID", ())
    assert caught.value.details["outside_code"] == "25006"  # read-only transaction


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:made-up-password@127.0.0.1:9/x", Unavailable),
        ("oracle://u:made-up-password@127.0.0.1:9/x", Rejected),
        ("mssql://u:made-up-password@127.0.0.1:9/x", (Unavailable, Rejected)),
    ],
)
def test_a_database_that_is_not_there_says_nothing_of_its_address(
    url: str, expected: type[Exception] | tuple[type[Exception], ...]
) -> None:
    with pytest.raises(expected) as caught:
        sql_reader(url).read(["A"])
    told = f"{caught.value!r} {getattr(caught.value, 'details', '')} {caught.value.__cause__}"
    assert "made-up-password" not in told


def test_a_missing_table_is_rejected(database_url: str) -> None:
    with pytest.raises(Rejected) as caught:
        sql_reader(database_url).read(["A"])
    assert caught.value.details["outside_code"] == "42P01"


def test_open_demand_is_laid_on_the_fullest_stock_first() -> None:
    settings = KingdeeSettings.model_validate(BASE | {"bridge_address": "http://x"})
    booked = [Booked(sku="A", stock="n", units=4), Booked(sku="A", stock="m", units=9)]
    laid = {
        line.warehouse: (line.open_quantity, line.available)
        for line in stock_lines(booked, {"A": 15}, settings)
    }
    assert laid == {"m": (9, 0), "n": (6, -2)}


def test_a_reader_needs_its_address() -> None:
    for changes in ({}, {"stock": "sql"}):
        with pytest.raises(ValueError, match="needs"):
            KingdeeSettings.model_validate(BASE | changes)
