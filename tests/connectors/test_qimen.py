"""Qimen: signatures, exact XML out, what answers mean."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

import pytest

from tests.connectors.vectors import VECTORS
from yinuo.connectors import http
from yinuo.connectors.http import Outside, Repeats, Timeouts
from yinuo.connectors.protocols import (
    Busy,
    Cancelled,
    HealthState,
    HeldStock,
    HoldRequest,
    OutcomeUnknown,
    Receiver,
    Region,
    Rejected,
    SentOrder,
    SkuQuantity,
    StockLine,
    Unavailable,
    WarehouseLine,
    WarehouseOrder,
)
from yinuo.connectors.qimen import mapping, signing
from yinuo.connectors.qimen.connector import QimenAlreadyPicking, QimenConnector
from yinuo.connectors.qimen.mapping import Meaning
from yinuo.connectors.qimen.settings import QimenSettings
from yinuo.connectors.qimen.xml import text
from yinuo.connectors.testing import LocalServer, Received, Reply, local_server
from yinuo.core import clock
from yinuo.core.money import Fen

VECTOR = VECTORS["qimen"]
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SETTINGS = QimenSettings.model_validate(
    {
        "app_key": "33000001",
        "secret": VECTOR["secret"],
        "customer_id": "c1000001",
        "owner_code": "OWNER1",
        "warehouses": ["WH-HZ"],
    }
)
RECEIVER = Receiver(
    name="李四",
    phone="13800000000",
    province="上海",
    city="上海市",
    district="浦东新区",
    detail="世纪大道100号",
)
ORDER = WarehouseOrder(
    number="YN20261122000001",
    warehouse="WH-HZ",
    carrier="SF",
    is_urgent=True,
    placed_at=AT,
    paid_at=AT,
    payment_reference="4200000000202611220000000001",
    shop_name="一诺家居",
    buyer_nick="小李",
    total_fen=Fen(25990),
    items_fen=Fen(26990),
    discount_fen=Fen(1500),
    freight_fen=Fen(500),
    receiver=RECEIVER,
    lines=(
        WarehouseLine(
            line_number="1",
            sku="LOVE-2026",
            name="情人节礼盒",
            quantity=1,
            unit_price_fen=Fen(26990),
        ),
    ),
)
HOLD = HoldRequest(
    number="YN1",
    warehouse="WH-HZ",
    region=Region(province="上海", city="上海市", district="浦东新区"),
    lines=(SkuQuantity(sku="A", quantity=2), SkuQuantity(sku="A", quantity=1)),
)
OK = b"<response><flag>success</flag><code>0</code><message/></response>"


def failure(code: str, message: str, more: str = "") -> bytes:
    return (
        f"<response><flag>failure</flag><code>{code}</code><message>{message}</message>{more}"
        "</response>"
    ).encode()


@contextmanager
def warehouse(
    answer: Callable[[Received], Reply] | bytes,
) -> Iterator[tuple[QimenConnector, LocalServer]]:
    reply = (lambda _r: Reply(body=answer)) if isinstance(answer, bytes) else answer
    with local_server(reply) as server, http.new_client() as client:
        outside = Outside(
            "qimen",
            client=client,
            timeouts=Timeouts(connect=5, read=1.5, total=6),
            repeats=Repeats(first_pause_seconds=0.001, longest_pause_seconds=0.002),
        )
        settings = SETTINGS.model_copy(update={"address": f"{server.address}/router"})
        yield QimenConnector(settings, outside), server


def test_requests_are_signed_over_their_exact_bytes() -> None:
    with clock.fixed(AT), warehouse(OK) as (connector, server):
        connector.send_order(ORDER)
    seen = server.seen[0]
    query = dict(parse_qsl(seen.target.partition("?")[2]))
    assert query["method"] == "deliveryorder.create"
    assert query["timestamp"] == "2026-11-22 10:00:00"
    assert query["customerId"] == "c1000001"
    assert signing.is_signed(query, seen.body, secret=VECTOR["secret"])
    assert seen.headers["content-type"] == "text/xml;charset=utf-8"


def test_a_delivery_order_has_exact_yuan_and_the_standards_sums() -> None:
    root = mapping.order_xml(ORDER, SETTINGS, now=AT)
    head = root.find("deliveryOrder")
    amounts = {
        name: text(head, name)
        for name in [
            "totalAmount",
            "itemAmount",
            "discountAmount",
            "freight",
            "arAmount",
            "gotAmount",
        ]
    }
    assert amounts == {
        "totalAmount": "259.90",
        "itemAmount": "269.90",
        "discountAmount": "15.00",
        "freight": "5.00",
        "arAmount": "0.00",
        "gotAmount": "259.90",
    }
    assert text(head, "payTime") == "2026-11-22 10:00:00"
    assert text(head, "receiverInfo/area") == "浦东新区"
    assert text(root, "orderLines/orderLine/planQty") == "1"
    assert text(root, "orderLines/orderLine/actualPrice") == "269.90"


def test_amounts_that_disagree_are_not_sent() -> None:
    wrong = dataclasses.replace(ORDER, total_fen=Fen(25991))
    with warehouse(OK) as (connector, server), pytest.raises(mapping.AmountsDisagree):
        connector.send_order(wrong)
    assert server.seen == []


def test_a_hold_names_each_sku_once() -> None:
    root = mapping.hold_xml(HOLD, SETTINGS)
    items = root.findall("itemInventories/itemInventory")
    assert [(text(one, "itemCode"), text(one, "quantity")) for one in items] == [("A", "3")]
    assert text(root, "warehouseCode") == "WH-HZ"


def test_a_hold_is_placed() -> None:
    body = (
        b"<response><flag>success</flag><isRetry>N</isRetry><itemInventories><itemInventory>"
        b"<itemCode>A</itemCode><quantity>3</quantity><warehouseCode>WH-HZ</warehouseCode>"
        b"</itemInventory></itemInventories></response>"
    )
    with warehouse(body) as (connector, server):
        assert connector.place_hold(HOLD) == HeldStock(number="YN1", is_repeat=False)
    assert len(server.seen) == 1


@pytest.mark.parametrize("flag", ["success", "failure"])
def test_a_duplicate_number_is_a_repeat_whatever_the_flag(flag: str) -> None:
    body = f"<response><flag>{flag}</flag><message>单号重复</message></response>".encode()
    with warehouse(body) as (connector, _server):
        assert connector.place_hold(HOLD).is_repeat
        assert connector.send_order(ORDER).is_repeat


def test_a_partial_hold_is_given_back_and_refused() -> None:
    part = (
        b"<response><flag>success</flag><itemInventories><itemInventory><itemCode>A</itemCode>"
        b"<quantity>2</quantity></itemInventory></itemInventories></response>"
    )

    def answer(received: Received) -> Reply:
        return Reply(body=part if received.query["method"].endswith("create") else OK)

    with warehouse(answer) as (connector, server), pytest.raises(mapping.PartlyHeld):
        connector.place_hold(HOLD)
    assert [one.query["method"] for one in server.seen] == [
        "inventoryreserve.create",
        "inventoryreserve.cancel",
    ]
    assert b"<quantity>2</quantity>" in server.seen[1].body


def test_is_retry_asks_to_come_again() -> None:
    body = failure("busy", "", "<isRetry>Y</isRetry>")
    with warehouse(body) as (connector, server), pytest.raises(Busy):
        connector.place_hold(HOLD)
    assert len(server.seen) == 1


def test_a_shortage_is_rejected_with_the_warehouses_words() -> None:
    body = failure("inventory-not-enough", "库存不足: A 需3 可用1")
    with warehouse(body) as (connector, _server), pytest.raises(Rejected) as caught:
        connector.place_hold(HOLD)
    assert caught.value.details == {
        "connector": "qimen",
        "operation": "inventoryreserve.create",
        "outside_code": "inventory-not-enough",
        "outside_message": "库存不足: A 需3 可用1",
    }


def test_a_refusal_that_echoes_the_receiver_is_cleaned() -> None:
    body = failure("bad-address", "收货人李四 13800000000 的地址 世纪大道100号 无法配送")
    with warehouse(body) as (connector, _server), pytest.raises(Rejected) as caught:
        connector.send_order(ORDER)
    told = str(caught.value.details)
    assert "李四" not in told
    assert "13800000000" not in told
    assert "世纪大道" not in told


@pytest.mark.parametrize(
    ("code", "message"),
    [("reserve-not-found", "预占单不存在"), ("x", "预占已释放")],
)
def test_releasing_what_is_gone_is_fine(code: str, message: str) -> None:
    with warehouse(failure(code, message)) as (connector, _server):
        connector.release_hold("YN1", "WH-HZ", lines=HOLD.lines)


def test_a_line_that_failed_inside_a_success_is_a_failure() -> None:
    body = (
        b"<response><flag>success</flag><itemInventories><itemInventory><itemCode>A</itemCode>"
        b"<flag>failure</flag><code>E9</code><message>no</message></itemInventory>"
        b"</itemInventories></response>"
    )
    with warehouse(body) as (connector, _server), pytest.raises(Rejected) as caught:
        connector.release_hold("YN1", "WH-HZ", lines=HOLD.lines)
    assert caught.value.details["outside_code"] == "E9"


def test_a_used_hold_cannot_be_released() -> None:
    body = failure("reserve-used", "预占库存已被发货单使用")
    with warehouse(body) as (connector, _server), pytest.raises(mapping.HoldUsed):
        connector.release_hold("YN1", "WH-HZ", lines=HOLD.lines)


def test_a_sent_order_has_the_warehouses_number() -> None:
    body = OK.replace(b"<message/>", b"<message/><deliveryOrderId>W77</deliveryOrderId>")
    with warehouse(body) as (connector, _server):
        sent = connector.send_order(ORDER)
    assert sent == SentOrder(number=ORDER.number, outside_id="W77", is_repeat=False)


def test_a_cancelled_number_is_not_taken_for_a_repeat() -> None:
    body = failure("order-canceled", "单号 YN1 已取消，不能重复使用")
    with warehouse(body) as (connector, _server), pytest.raises(Rejected):
        connector.send_order(ORDER)


@pytest.mark.parametrize("reply", [Reply(hangs_up=True), Reply(wait_seconds=30), Reply(body=b"?")])
def test_sending_without_an_answer_has_an_unknown_outcome(reply: Reply) -> None:
    with warehouse(lambda _r: reply) as (connector, server), pytest.raises(OutcomeUnknown):
        connector.send_order(ORDER)
    assert len(server.seen) == 1


def test_cancelling_before_picking_and_again() -> None:
    replies = iter([OK, failure("x", "订单已取消"), failure("y", "单据不存在")])
    with warehouse(lambda _r: Reply(body=next(replies))) as (connector, _server):
        told = [
            connector.cancel_order("YN1", "WH-HZ", outside_id="W1", reason="买家取消")
            for _ in range(3)
        ]
    assert told == [
        Cancelled(number="YN1"),
        Cancelled(number="YN1", is_repeat=True),
        Cancelled(number="YN1", is_repeat=True),
    ]


def test_cancelling_after_picking_began_is_refused() -> None:
    body = failure("already-picking", "已开始拣货，不能取消（PICK）")
    with warehouse(body) as (connector, _server), pytest.raises(QimenAlreadyPicking) as caught:
        connector.cancel_order("YN1", "WH-HZ", outside_id="", reason="x")
    assert caught.value.code == "qimen.already_picking"


def test_stock_sums_batches_and_counts_frozen_units() -> None:
    def item(sku: str, quantity: str, lock: str, kind: str = "ZP") -> str:
        return (
            f"<item><warehouseCode>WH-HZ</warehouseCode><itemCode>{sku}</itemCode>"
            f"<inventoryType>{kind}</inventoryType><quantity>{quantity}</quantity>"
            f"<lockQuantity>{lock}</lockQuantity></item>"
        )

    items = (
        item("A", "5", "2") + item("A", "1", "0") + item("B", "7.0", "") + item("A", "9", "0", "CC")
    )
    body = f"<response><flag>success</flag><items>{items}</items></response>".encode()
    with clock.fixed(AT), warehouse(body) as (connector, _server):
        photograph = connector.read_stock("WH-HZ", ["A", "B", "C"])
    assert photograph.as_of == AT
    assert photograph.lines == (
        StockLine(sku="A", warehouse="WH-HZ", quantity=8, available=6, locked=2),
        StockLine(sku="B", warehouse="WH-HZ", quantity=7, available=7, locked=0),
    )


def test_many_skus_are_asked_for_in_parts() -> None:
    with warehouse(OK) as (connector, server):
        connector.read_stock("WH-HZ", [f"S{n}" for n in range(120)])
    assert [
        len(ET.fromstring(one.body).findall("criteriaList/criteria")) for one in server.seen
    ] == [
        50,
        50,
        20,
    ]


@pytest.mark.parametrize("quantity", ["many", "1.5", "", "1e3", "１"])
def test_a_quantity_that_is_none_is_not_guessed(quantity: str) -> None:
    body = (
        "<response><flag>success</flag><items><item><itemCode>A</itemCode>"
        f"<quantity>{quantity or 'x'}</quantity></item></items></response>"
    ).encode()
    with warehouse(body) as (connector, server), pytest.raises(Unavailable):
        connector.read_stock("WH-HZ", ["A"])
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("sub_code", "expected"),
    [("isv.invalid-signature", Rejected), ("isp.service-unavailable", Busy)],
)
def test_the_gateways_own_errors(sub_code: str, expected: type[Exception]) -> None:
    body = (
        f"<error_response><code>15</code><msg>Remote</msg><sub_code>{sub_code}</sub_code>"
        "</error_response>"
    ).encode()
    with warehouse(body) as (connector, _server), pytest.raises(expected):
        connector.send_order(ORDER)


def test_check_tells_health() -> None:
    with warehouse(OK) as (connector, _server):
        assert connector.check().state is HealthState.OK
    with warehouse(failure("sign", "invalid signature")) as (connector, _server):
        assert connector.check().state is HealthState.DEGRADED
    with warehouse(lambda _r: Reply(status=500)) as (connector, _server):
        assert connector.check().state is HealthState.DOWN


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("", "订单已存在", Meaning.REPEAT),
        ("DUPLICATE_ORDER", "", Meaning.REPEAT),
        ("", "order already exists", Meaning.REPEAT),
        ("", "发货单号重复，已接收 (duplicate deliveryOrderCode)", Meaning.REPEAT),
        ("", "发货单 YN1 不存在", Meaning.NOT_FOUND),
        ("reserve-not-found", "", Meaning.NOT_FOUND),
        ("item-not-found", "商品不存在: A", Meaning.OTHER),
        ("warehouse-not-found", "仓库不存在: WH-XX", Meaning.OTHER),
        ("owner-not-found", "货主不存在", Meaning.OTHER),
        ("", "订单行重复", Meaning.OTHER),
        ("", "订单的商品不存在", Meaning.OTHER),
        ("", "商品编码重复", Meaning.OTHER),
        ("", "已出库，不能取消", Meaning.PICKING),
        ("cancel-refused", "仓库拒绝取消", Meaning.OTHER),
        ("0", "", Meaning.OTHER),
    ],
)
def test_codes_and_messages_have_meanings(code: str, message: str, expected: Meaning) -> None:
    assert mapping.meaning(code, message) is expected


def test_personal_data_stays_out_of_repr() -> None:
    told = f"{ORDER!r} {RECEIVER!r}"
    for value in ["李四", "13800000000", "世纪大道", "小李"]:
        assert value not in told
