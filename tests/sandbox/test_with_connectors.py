"""The hub's own connectors against the K3 and WMS stand-ins: two writings of one protocol."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest

from tests.sandbox.conftest import FakeHub, Sandbox, until
from tests.sandbox.k3_client import STOCK as BOOKS
from tests.sandbox.qimen_client import seeded, success
from yinuo.connectors import protocols
from yinuo.connectors.http import Outside
from yinuo.connectors.kingdee_k3.connector import KingdeeConnector
from yinuo.connectors.kingdee_k3.settings import KingdeeSettings
from yinuo.connectors.kingdee_k3.stock import BridgeStock, SqlStock
from yinuo.connectors.qimen.connector import QimenConnector
from yinuo.connectors.qimen.settings import QimenSettings
from yinuo.core.money import Fen
from yinuo.sandbox.kingdee.store.schema import reader_url

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LINES = (protocols.SkuQuantity(sku="LOVE-2026", quantity=3),)
HOLD = protocols.HoldRequest(
    number="YN1",
    warehouse="WH-HZ",
    region=protocols.Region(province="上海", city="上海市", district="浦东新区", town=""),
    lines=LINES,
)
ORDER = protocols.WarehouseOrder(
    number="YN1",
    warehouse="WH-HZ",
    carrier="SF",
    is_urgent=True,
    placed_at=AT,
    paid_at=AT,
    payment_reference="P1",
    shop_name="一诺家居",
    buyer_nick="nick",
    total_fen=Fen(77970),
    items_fen=Fen(77970),
    discount_fen=Fen(0),
    freight_fen=Fen(0),
    receiver=protocols.Receiver(
        name="李四",
        phone="13800000000",
        province="上海",
        city="上海市",
        district="浦东新区",
        town="",
        detail="世纪大道100号",
    ),
    lines=(
        protocols.WarehouseLine(
            line_number="1",
            sku="LOVE-2026",
            name="情人节礼盒",
            quantity=3,
            unit_price_fen=Fen(25990),
        ),
    ),
)
DOCUMENT = protocols.SalesDocument(
    number="YN1",
    shop_code="mini",
    placed_at=AT,
    deliver_by=AT + timedelta(days=2),
    lines=(
        protocols.SalesLine(
            sku="LOVE-2026",
            name="情人节礼盒",
            unit="个",
            quantity=3,
            unit_price_fen=Fen(25990),
            amount_fen=Fen(77970),
        ),
    ),
)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


def qimen(
    sandbox: Sandbox, client: httpx.Client, sign_method: str = "md5", prefix: str = ""
) -> QimenConnector:
    settings = QimenSettings.model_validate(
        {
            "mode": "sandbox",
            "address": f"{sandbox.address}/qimen/router/qimen/service",
            "app_key": "33000001",
            "secret": "yinuo-sandbox-qimen-secret",
            "customer_id": "c1000001",
            "owner_code": "OWNER1",
            "warehouses": ["WH-HZ", "WH-NT"],
            "sign_method": sign_method,
            "method_prefix": prefix,
        }
    )
    return QimenConnector(settings, Outside("qimen", client=client))


@pytest.mark.parametrize(
    ("sign_method", "prefix"), [("md5", ""), ("hmac", "taobao.qimen."), ("hmac-sha256", "")]
)
def test_a_warehouse_order_goes_all_the_way(
    sandbox: Sandbox, hub: FakeHub, client: httpx.Client, sign_method: str, prefix: str
) -> None:
    hub.answer = success
    wms = seeded(sandbox)
    connector = qimen(sandbox, client, sign_method, prefix)
    assert [connector.place_hold(HOLD).is_repeat for _ in range(2)] == [False, True]
    connector.release_hold("YN1", "WH-HZ", lines=LINES)
    connector.release_hold("YN1", "WH-HZ", lines=LINES)
    connector.release_hold("NOBODY", "WH-HZ", lines=LINES)
    assert wms.stock()["WH-HZ"] == (10, 0)
    assert not connector.place_hold(HOLD).is_repeat
    sent, again = connector.send_order(ORDER), connector.send_order(ORDER)
    assert (sent.outside_id, sent.is_repeat) == ("WMS0000000001", False)
    assert (again.outside_id, again.is_repeat) == ("WMS0000000001", True)
    assert [wms.step() for _ in range(4)][-1] == "DELIVERED"
    until(lambda: len(hub.at("/callbacks/qimen")) == 7)
    notices = [
        connector.parse_callback(dict(parse_qsl(heard.target.partition("?")[2])), heard.body)
        for heard in hub.at("/callbacks/qimen")
    ]
    (shipped,) = (one for one in notices if isinstance(one, protocols.ShipmentConfirmed))
    assert (shipped.number, shipped.status, shipped.is_final) == ("YN1", "DELIVERED", True)
    assert [(one.carrier, one.waybill) for one in shipped.packages] == [("SF", "SF1000000000001")]
    (changed,) = (one for one in notices if isinstance(one, protocols.StockChanged))
    assert [(one.sku, one.quantity_delta, one.order_code) for one in changed.changes] == [
        ("LOVE-2026", -3, "YN1")
    ]
    with pytest.raises(protocols.AlreadyPicking):
        connector.cancel_order("YN1", "WH-HZ", outside_id=sent.outside_id, reason="buyer")
    photograph = connector.read_stock("WH-HZ", ["LOVE-2026", "NOBODY"])
    assert [(one.sku, one.quantity, one.locked) for one in photograph.lines] == [
        ("LOVE-2026", 7, 0)
    ]


def test_a_sales_document_is_made_once_and_both_stock_readers_agree(
    sandbox: Sandbox, client: httpx.Client, database_url: str
) -> None:
    sandbox.client.put("/control/kingdee/stock", json=BOOKS)
    settings = KingdeeSettings.model_validate(
        {
            "mode": "sandbox",
            "address": f"{sandbox.address}/kingdee/K3API",
            "authority_code": "yinuo-sandbox-authority-code",
            "department": "01",
            "employee": "E01",
            "bridge_address": f"{sandbox.address}/kingdee/bridge/stock",
            "bridge_secret": "yinuo-sandbox-bridge-secret-001",
            "sql_url": reader_url(database_url),
        }
    )
    outside = Outside("kingdee_k3", client=client)
    bridge, sql = BridgeStock(settings, outside), SqlStock(settings, outside)
    connector = KingdeeConnector(settings, outside, stock=bridge)
    assert connector.find_document("YN1") is None
    first, again = connector.post_document(DOCUMENT), connector.post_document(DOCUMENT)
    assert (first, again) == (again, first)
    assert (first.bill_number, first.is_audited) == ("SEORD000001", False)
    for reader in (bridge, sql):
        assert [
            (one.sku, one.warehouse, one.quantity, one.open_quantity, one.available)
            for one in reader.read(["LOVE-2026"]).lines
        ] == [("LOVE-2026", "WH-HZ", 100, 3, 97), ("LOVE-2026", "WH-NT", 40, 0, 40)]
    connector.cancel_document("YN1")
    connector.cancel_document("YN1")
    assert connector.find_document("YN1") is None
