"""What the warehouse reports, as its XML, signed as the gateway does."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx

from tests.workflows.world import World, outside_number, settings_tables
from yinuo.connectors.qimen import signing
from yinuo.core import clock

PATH = "/callbacks/qimen"


def confirmed(
    world: World,
    number: str,
    *parcels: tuple[str, dict[str, int]],
    key: str,
    is_final: bool = True,
    code: str = "",
) -> str:
    """Return a shipment report of parcels: waybill and units per SKU."""
    packages = "".join(
        f"<package><logisticsCode>SF</logisticsCode><expressCode>{waybill}</expressCode>"
        f"<weight>1.25</weight><items>{_items(units)}</items></package>"
        for waybill, units in parcels
    )
    return (
        "<request><deliveryOrder>"
        f"<deliveryOrderCode>{code or outside_number(world, number)}</deliveryOrderCode>"
        "<deliveryOrderId>W1</deliveryOrderId><warehouseCode>WH-HZ</warehouseCode>"
        "<orderType>JYCK</orderType><status>DELIVERED</status>"
        f"<outBizCode>{key}</outBizCode><confirmType>{0 if is_final else 1}</confirmType>"
        f"<operateTime>{signing.to_local_text(clock.now())}</operateTime></deliveryOrder>"
        f"<packages>{packages}</packages></request>"
    )


def _items(units: dict[str, int]) -> str:
    return "".join(
        f"<item><itemCode>{sku}</itemCode><quantity>{many}</quantity></item>"
        for sku, many in units.items()
    )


def progressed(world: World, number: str, status: str) -> str:
    """Return a progress report."""
    return (
        f"<request><order><orderCode>{outside_number(world, number)}</orderCode>"
        "<orderId>W1</orderId><orderType>JYCK</orderType><warehouseCode>WH-HZ</warehouseCode>"
        f"</order><process><processStatus>{status}</processStatus>"
        f"<operateTime>{signing.to_local_text(clock.now())}</operateTime></process></request>"
    )


def changed(sku: str, units: int, *, key: str, order_code: str = "", kind: str = "ZP") -> str:
    """Return a report that stock changed in the Hangzhou warehouse."""
    return (
        "<request><items><item><ownerCode>OWNER1</ownerCode><warehouseCode>WH-HZ</warehouseCode>"
        f"<orderCode>{order_code}</orderCode><outBizCode>{key}</outBizCode>"
        f"<itemCode>{sku}</itemCode><inventoryType>{kind}</inventoryType>"
        f"<quantity>{units}</quantity><changeTime>{signing.to_local_text(clock.now())}"
        "</changeTime></item></items></request>"
    )


def report(world: World, method: str, body: str, *, age: int = 0, **changes: str) -> httpx.Response:
    """Deliver a report, signed now; `changes` replace parts of the query after signing."""
    at: datetime = clock.now() - timedelta(seconds=age)
    query = {
        "method": method,
        "timestamp": signing.to_local_text(at),
        "format": "xml",
        "app_key": "33000001",
        "v": "2.0",
        "sign_method": "md5",
        "customerId": "c1000001",
    }
    secret = str(settings_tables()["qimen"]["secret"])
    query["sign"] = signing.sign(query, body.encode(), secret=secret)
    return world.client.post(
        f"{PATH}?{urlencode({**query, **changes})}",
        content=body.encode(),
        headers={"content-type": "text/xml;charset=utf-8"},
    )


def is_taken(answer: httpx.Response) -> bool:
    """Tell whether the warehouse need not report again."""
    return answer.status_code == 200 and "<flag>success</flag>" in answer.text
