"""A hub for the WMS stand-in's tests: signs with its own few lines, builds XML as text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from lxml import etree

from tests.sandbox.conftest import FakeHub, Heard, Sandbox
from yinuo.core import clock
from yinuo.sandbox.qimen.signing import local_text
from yinuo.sandbox.qimen.system import PATH

SECRET = "yinuo-sandbox-qimen-secret"
STOCK = [
    {"warehouseCode": "WH-HZ", "itemCode": "LOVE-2026", "quantity": 10},
    {"warehouseCode": "WH-NT", "itemCode": "LOVE-2026", "quantity": 6},
    {"warehouseCode": "WH-HZ", "itemCode": "RUG-160", "quantity": 3},
]


def md5_sign(query: dict[str, str], body: bytes, secret: str = SECRET) -> str:
    text = "".join(key + query[key] for key in sorted(query) if key != "sign" and query[key])
    whole = secret.encode() + text.encode() + body + secret.encode()
    return hashlib.md5(whole).hexdigest().upper()


@dataclass
class Reply:
    """An answer, read by path."""

    root: etree._Element

    def __call__(self, path: str) -> str:
        return self.root.findtext(path) or ""

    def all(self, path: str) -> list[str]:
        return [found.text or "" for found in self.root.findall(path)]

    @property
    def flag(self) -> str:
        return self("flag")

    @property
    def code(self) -> str:
        return self("code")


@dataclass
class Gateway:
    """Calls the stand-in as the hub does."""

    sandbox: Sandbox

    def query(self, method: str, body: bytes, **given: str) -> dict[str, str]:
        query = {
            "method": method,
            "timestamp": local_text(clock.now()),
            "format": "xml",
            "app_key": "33000001",
            "v": "2.0",
            "sign_method": "md5",
            "customerId": "c1000001",
        } | given
        return query | {"sign": given.get("sign") or md5_sign(query, body)}

    def post(self, query: dict[str, str], body: bytes) -> Reply:
        answer = self.sandbox.client.post(
            f"{PATH}?{urlencode(query)}",
            content=body,
            headers={"content-type": "text/xml;charset=utf-8"},
        )
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/xml;charset=utf-8"
        return Reply(etree.fromstring(answer.content))

    def __call__(self, method: str, content: str, **given: str) -> Reply:
        body = f'<?xml version="1.0" encoding="utf-8"?><request>{content}</request>'.encode()
        return self.post(self.query(method, body, **given), body)

    def reserve(self, code: str = "YN1", warehouse: str = "WH-HZ", **units: int) -> Reply:
        return self("inventoryreserve.create", reserve_xml(code, warehouse, **units))

    def release(self, code: str = "YN1", **units: int) -> Reply:
        return self("inventoryreserve.cancel", reserve_xml(code, "", **units))

    def send(self, code: str = "YN1", **given: str) -> Reply:
        return self("deliveryorder.create", order_xml(code, **given))

    def cancel(self, code: str = "YN1") -> Reply:
        return self(
            "order.cancel",
            f"<warehouseCode>WH-HZ</warehouseCode><ownerCode>OWNER1</ownerCode>"
            f"<orderCode>{code}</orderCode><orderType>JYCK</orderType>"
            f"<cancelReason>buyer</cancelReason>",
        )

    def pend(self, action: str, code: str = "YN1") -> Reply:
        return self(
            "order.pending",
            f"<warehouseCode>WH-HZ</warehouseCode><ownerCode>OWNER1</ownerCode>"
            f"<orderCode>{code}</orderCode><actionType>{action}</actionType>",
        )

    def step(self, code: str = "YN1") -> str:
        status: str = self.sandbox.client.post(f"/control/qimen/orders/{code}/step").json()[
            "status"
        ]
        return status

    def set(self, **switches: object) -> None:
        answer = self.sandbox.client.put("/control/qimen/settings", json=switches)
        assert answer.status_code == 200, answer.text

    def stock(self, item: str = "LOVE-2026") -> dict[str, tuple[int, int]]:
        found = self.sandbox.client.get("/control/qimen/stock", params={"itemCodes": item}).json()
        return {
            one["warehouseCode"]: (one["quantity"], one["lockQuantity"]) for one in found["items"]
        }

    def hold(self, code: str = "YN1") -> str:
        state: str = self.sandbox.client.get(f"/control/qimen/holds/{code}").json()["state"]
        return state


def reserve_xml(code: str, warehouse: str, **units: int) -> str:
    lines = "".join(
        f"<itemInventory><itemCode>{item.replace('_', '-')}</itemCode>"
        f"<quantity>{quantity}</quantity></itemInventory>"
        for item, quantity in (units or {"LOVE_2026": 4}).items()
    )
    return (
        f"<orderCode>{code}</orderCode><ownerCode>OWNER1</ownerCode>"
        f"<orderSource>OTHER</orderSource><warehouseCode>{warehouse}</warehouseCode>"
        f"<itemInventories>{lines}</itemInventories>"
    )


def order_xml(
    code: str = "YN1",
    *,
    warehouse: str = "WH-HZ",
    quantity: str = "4",
    item: str = "LOVE-2026",
    head: str = "",
    mobile: str = "13800000000",
    carrier: str = "SF",
) -> str:
    return (
        f"<deliveryOrder><deliveryOrderCode>{code}</deliveryOrderCode><orderType>JYCK</orderType>"
        f"<warehouseCode>{warehouse}</warehouseCode><logisticsCode>{carrier}</logisticsCode>"
        f"<isUrgency>Y</isUrgency><payTime>2026-11-22 10:00:03</payTime>{head}"
        f"<receiverInfo><name>李四</name><mobile>{mobile}</mobile><province>上海</province>"
        f"<city>上海市</city><area>浦东新区</area><detailAddress>世纪大道100号</detailAddress>"
        f"</receiverInfo></deliveryOrder><orderLines><orderLine><orderLineNo>7</orderLineNo>"
        f"<ownerCode>OWNER1</ownerCode><itemCode>{item}</itemCode>"
        f"<inventoryType>ZP</inventoryType><planQty>{quantity}</planQty>"
        f"<actualPrice>259.90</actualPrice></orderLine></orderLines>"
    )


def reports(hub: FakeHub, method: str) -> list[Reply]:
    """Return what the hub heard by one method, each with a right and fresh signature."""
    return [
        Reply(etree.fromstring(heard.body))
        for heard in hub.at("/callbacks/qimen")
        if (query := query_of(heard))["method"] == method
        and query["sign"] == md5_sign(query, heard.body)
    ]


def query_of(heard: Heard) -> dict[str, str]:
    return dict(parse_qsl(heard.target.partition("?")[2], keep_blank_values=True))


def success(_heard: Heard) -> tuple[int, bytes]:
    return 200, b"<response><flag>success</flag><code>0</code><message/></response>"


def seeded(sandbox: Sandbox, *, step_seconds: float = 3600.0) -> Gateway:
    kept = sandbox.client.put("/control/qimen/stock", json=STOCK).json()
    assert kept == {"kept": 3, "refused": []}
    gateway = Gateway(sandbox)
    gateway.set(step_seconds=step_seconds)
    return gateway
