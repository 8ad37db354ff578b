"""A merchant of the payment provider: signs by its own lines of code, opens what it is sent."""

from __future__ import annotations

import base64
import json
import time

import httpx
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.sandbox.conftest import FakeHub, Heard, Sandbox
from yinuo.sandbox.wechat_pay import crypto
from yinuo.sandbox.wechat_pay.system import WechatPay


class Merchant:
    """Calls the stand-in as the merchant does, signing by its own lines of code."""

    def __init__(self, sandbox: Sandbox, hub: FakeHub) -> None:
        system = sandbox.kernel.systems["wechat-pay"]
        assert isinstance(system, WechatPay)
        self.key = system.keys.merchant
        self.platform = system.keys.platform.public_key()
        self.settings = system.settings
        self.sandbox = sandbox
        self.notify_url = f"{hub.address}/callbacks/wechat-pay/main"

    def call(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        signed_target: str | None = None,
        age: int = 0,
        **parts: str,
    ) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        timestamp = str(int(time.time()) - age)
        text = crypto.request_text(method, signed_target or target, timestamp, "n0nce", content)
        header = crypto.authorization(
            self.key,
            text,
            mchid=parts.get("mchid", self.settings.mchid),
            serial=parts.get("serial", self.settings.merchant_serial),
            timestamp=timestamp,
            nonce="n0nce",
        )
        sent = {"Authorization": header, "Content-Type": "application/json"} | (headers or {})
        return self.sandbox.client.request(
            method, f"/wechat-pay{target}", content=content, headers=sent
        )

    def order(self, number: str = "YN20261122000001", total: int = 25990) -> dict[str, object]:
        return {
            "appid": self.settings.appid,
            "mchid": self.settings.mchid,
            "description": "情人节礼盒",
            "out_trade_no": number,
            "notify_url": self.notify_url,
            "amount": {"total": total, "currency": "CNY"},
            "payer": {"openid": "oSANDBOX0001"},
        }

    def prepay(self, number: str = "YN20261122000001", total: int = 25990) -> str:
        answer = self.call("POST", "/v3/pay/transactions/jsapi", self.order(number, total))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["prepay_id"])

    def query(self, number: str = "YN20261122000001") -> httpx.Response:
        target = f"/v3/pay/transactions/out-trade-no/{number}?mchid={self.settings.mchid}"
        return self.call("GET", target)

    def press(self, **press: object) -> httpx.Response:
        return self.sandbox.client.post("/wechat-pay/buyer/pay", json=press)

    def pay(self, number: str = "YN20261122000001", **press: object) -> None:
        self.prepay(number)
        answer = self.press(out_trade_no=number, **press)
        assert answer.status_code == 200, answer.text

    def refund(self, number: str, refund: int, *, total: int = 25990) -> httpx.Response:
        body = {
            "out_trade_no": "YN20261122000001",
            "out_refund_no": number,
            "notify_url": self.notify_url,
            "amount": {"refund": refund, "total": total, "currency": "CNY"},
        }
        return self.call("POST", "/v3/refund/domestic/refunds", body)

    def is_genuine(self, heard: Heard) -> bool:
        text = (
            f"{heard.headers['wechatpay-timestamp']}\n{heard.headers['wechatpay-nonce']}\n".encode()
            + heard.body
            + b"\n"
        )
        return crypto.is_signed(self.platform, text, heard.headers["wechatpay-signature"])

    def opened(self, heard: Heard) -> dict[str, object]:
        resource = json.loads(heard.body)["resource"]
        plain = AESGCM(self.settings.apiv3_key.encode()).decrypt(
            resource["nonce"].encode(),
            base64.b64decode(resource["ciphertext"]),
            resource["associated_data"].encode(),
        )
        opened: dict[str, object] = json.loads(plain)
        return opened
