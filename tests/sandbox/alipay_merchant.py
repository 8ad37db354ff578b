"""A merchant of Alipay: signs by its own lines of code, reads what it is sent."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tests.sandbox.conftest import FakeHub, Heard, Sandbox
from yinuo.sandbox.alipay.system import Alipay

NUMBER = "YN20261122000002"


class AlipayMerchant:
    """Calls the stand-in as the merchant does."""

    def __init__(self, sandbox: Sandbox, hub: FakeHub) -> None:
        system = sandbox.kernel.systems["alipay"]
        assert isinstance(system, Alipay)
        self.keys = system.keys
        self.settings = system.settings
        self.sandbox = sandbox
        self.notify_url = f"{hub.address}/callbacks/alipay/main"

    def call(self, method: str, content: object, **changes: str) -> httpx.Response:
        fields = {
            "app_id": self.settings.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M:%S}",
            "version": "1.0",
            "notify_url": self.notify_url,
            "biz_content": json.dumps(content, ensure_ascii=False),
        }
        text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if value)
        raw = self.keys.app.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        fields |= {"sign": base64.b64encode(raw).decode()} | changes
        return self.sandbox.client.post("/alipay/gateway.do", data=fields)

    def node(self, method: str, content: object, **changes: str) -> dict[str, str]:
        answer = self.call(method, content, **changes)
        assert answer.status_code == 200, answer.text
        name = method.replace(".", "_") + "_response"
        node: dict[str, str] = answer.json()[name]
        return node

    def create(self, number: str = NUMBER, amount: str = "259.90") -> str:
        content = {
            "out_trade_no": number,
            "total_amount": amount,
            "subject": "北欧风地毯,大",
            "buyer_id": "2088000000000001",
        }
        node = self.node("alipay.trade.create", content)
        assert node["code"] == "10000", node
        return node["trade_no"]

    def press(self, **press: object) -> httpx.Response:
        return self.sandbox.client.post("/alipay/buyer/pay", json=press)

    def pay(self, number: str = NUMBER, *, amount: str = "259.90", **press: object) -> None:
        self.create(number, amount)
        answer = self.press(out_trade_no=number, **press)
        assert answer.status_code == 200, answer.text

    def refund(self, number: str, amount: str, *, payment: str = NUMBER) -> dict[str, str]:
        content = {"out_trade_no": payment, "out_request_no": number, "refund_amount": amount}
        return self.node("alipay.trade.refund", content)

    def fields(self, heard: Heard) -> dict[str, str]:
        """Return the fields of a notification after checking its signature by own lines."""
        fields = dict(parse_qsl(heard.body.decode(), keep_blank_values=True))
        sign = base64.b64decode(fields.pop("sign"))
        assert fields.pop("sign_type") == "RSA2"
        text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if value)
        self.keys.alipay.public_key().verify(
            sign, text.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        return fields


def answers_success(hub: FakeHub) -> None:
    """Let the hub take every notification."""
    hub.answer = lambda _heard: (200, b"success")
