"""The merchant's side of Alipay: calls of the gateway, signed with the app's key."""

from __future__ import annotations

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.core.money import Fen, fen_to_yuan
from yinuo.sandbox.alipay.gate import signed_text
from yinuo.sandbox.alipay.model import vendor_time
from yinuo.sandbox.settings import SandboxSettings
from yinuo.sandbox.shop.model import ShopOrder, ShopRefusal
from yinuo.sandbox.shop.payments import PaymentDown
from yinuo.sandbox.wechat_pay import crypto


class _Node(msgspec.Struct, frozen=True):
    code: str
    sub_code: str = ""
    trade_no: str = ""
    send_pay_date: str = ""


class AlipayPayments:
    """Asks Alipay for payments and refunds."""

    def __init__(
        self, settings: SandboxSettings, key: rsa.RSAPrivateKey, client: httpx.Client
    ) -> None:
        self._address = settings.address + "/alipay"
        self._app_id = settings.alipay.app_id
        self._key = key
        account = settings.shop.payment_account
        self._notify_url = f"{settings.hub_address}/callbacks/alipay/{account}"
        self._client = client

    def prepay(self, order: ShopOrder) -> str:
        """Return the number that the buyer's phone pays; asking again gives the same."""
        content: dict[str, JsonValue] = {
            "out_trade_no": order.payment_number,
            "total_amount": fen_to_yuan(Fen(order.total_fen)),
            "subject": order.lines[0].name[:120],
            "buyer_open_id": order.buyer_id,
            "product_code": "JSAPI_PAY",
        }
        return self._call("alipay.trade.create", content).trade_no

    def is_paid(self, payment_number: str) -> bool:
        """Return whether Alipay has, or had, the money of a payment."""
        return (
            self._call("alipay.trade.query", {"out_trade_no": payment_number}).send_pay_date != ""
        )

    def close(self, payment_number: str) -> None:
        """Close an unpaid payment; raises ShopRefusal when it was paid meanwhile."""
        self._call("alipay.trade.close", {"out_trade_no": payment_number})

    def refund(self, order: ShopOrder, *, number: str, amount_fen: int, reason: str) -> None:
        """Give money back under a refund number; the same number again gives nothing more."""
        content: dict[str, JsonValue] = {
            "out_trade_no": order.payment_number,
            "out_request_no": number,
            "refund_amount": fen_to_yuan(Fen(amount_fen)),
            "refund_reason": reason,
        }
        self._call("alipay.trade.refund", content)

    def press_pay(self, payment_number: str) -> bool:
        """Press "pay" on the buyer's phone; returns whether it was paid by this press."""
        body = msgspec.json.encode({"out_trade_no": payment_number})
        try:
            answer = self._client.post(f"{self._address}/buyer/pay", content=body)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    def _call(self, method: str, content: dict[str, JsonValue]) -> _Node:
        fields = {
            "app_id": self._app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": vendor_time(clock.now()),
            "version": "1.0",
            "notify_url": self._notify_url,
            "biz_content": msgspec.json.encode(content).decode(),
        }
        fields["sign"] = crypto.sign(self._key, signed_text(fields, without=("sign",)))
        try:
            answer = self._client.post(f"{self._address}/gateway.do", data=fields)
        except httpx.HTTPError:
            raise PaymentDown from None
        if answer.status_code != 200:
            raise PaymentDown
        told = msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw])
        node = msgspec.json.decode(told[f"{method.replace('.', '_')}_response"], type=_Node)
        if node.code == "20000" or node.sub_code == "ACQ.SYSTEM_ERROR":
            raise PaymentDown
        if node.code != "10000":
            raise ShopRefusal("payment_refused", "支付平台拒绝了请求", status=409)
        return node
