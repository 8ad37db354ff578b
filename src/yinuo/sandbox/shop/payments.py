"""The merchant's side of both payment providers: signed calls over HTTP, as a real shop makes them."""

from __future__ import annotations

import secrets
from typing import Protocol

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa

from yinuo.core import clock, tls
from yinuo.core.errors import JsonValue
from yinuo.sandbox.settings import SandboxSettings
from yinuo.sandbox.shop.model import ShopOrder, ShopRefusal
from yinuo.sandbox.wechat_pay import crypto


class _Prepaid(msgspec.Struct, frozen=True):
    prepay_id: str


class _Seen(msgspec.Struct, frozen=True):
    trade_state: str


class PaymentDown(Exception):
    """The payment provider did not answer, or not with what was asked for."""


class Provider(Protocol):
    """What a shop asks of a payment provider in the merchant's name."""

    def prepay(self, order: ShopOrder) -> str:
        """Return what the buyer's phone needs to pay an order; asking again gives the same."""

    def is_paid(self, payment_number: str) -> bool:
        """Return whether the provider has the money of a payment."""

    def close(self, payment_number: str) -> None:
        """Close an unpaid payment; raises ShopRefusal when it was paid meanwhile."""

    def refund(self, order: ShopOrder, *, number: str, amount_fen: int, reason: str) -> None:
        """Give money back under a refund number; the same number again gives nothing more."""

    def press_pay(self, payment_number: str) -> bool:
        """Press "pay" on the buyer's phone; returns whether it was paid by this press."""


class MerchantPayments:
    """The merchant's accounts with both providers; each order says with which it is paid."""

    def __init__(self, *, wechat_pay: Provider, alipay: Provider) -> None:
        self._providers = {"wechat_pay": wechat_pay, "alipay": alipay}
        self.names = tuple(self._providers)

    def of(self, order: ShopOrder) -> Provider:
        """Return the provider with which an order is paid."""
        return self._providers[order.pays_with]

    def press_pay(self, order: ShopOrder) -> bool:
        """Press "pay" on the buyer's phone; returns whether it was paid by this press."""
        return self.of(order).press_pay(order.payment_number)


def new_client() -> httpx.Client:
    """Return the client with which the shop calls a provider."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=2)
    return httpx.Client(timeout=10, trust_env=False, verify=tls.trust(), limits=limits)


class WechatPayments:
    """Asks WeChat Pay for payments and refunds."""

    def __init__(
        self, settings: SandboxSettings, key: rsa.RSAPrivateKey, client: httpx.Client
    ) -> None:
        self._address = settings.address + "/wechat-pay"
        self._account = settings.wechat_pay
        self._key = key
        account = settings.shop.payment_account
        self._notify_url = f"{settings.hub_address}/callbacks/wechat-pay/{account}"
        self._client = client

    def prepay(self, order: ShopOrder) -> str:
        """Return the prepay id of an order; asking again gives the same."""
        body: dict[str, JsonValue] = {
            "appid": self._account.appid,
            "mchid": self._account.mchid,
            "description": order.lines[0].name[:120],
            "out_trade_no": order.payment_number,
            "notify_url": self._notify_url,
            "amount": {"total": order.total_fen, "currency": "CNY"},
            "payer": {"openid": order.buyer_id},
        }
        answer = self._call("POST", "/v3/pay/transactions/jsapi", body)
        return msgspec.json.decode(answer, type=_Prepaid).prepay_id

    def is_paid(self, payment_number: str) -> bool:
        """Return whether the provider has the money of a payment."""
        path = f"/v3/pay/transactions/out-trade-no/{payment_number}?mchid={self._account.mchid}"
        seen = msgspec.json.decode(self._call("GET", path, None), type=_Seen)
        return seen.trade_state in {"SUCCESS", "REFUND"}

    def close(self, payment_number: str) -> None:
        """Close an unpaid payment; raises ShopRefusal when it was paid meanwhile."""
        path = f"/v3/pay/transactions/out-trade-no/{payment_number}/close"
        self._call("POST", path, {"mchid": self._account.mchid})

    def refund(self, order: ShopOrder, *, number: str, amount_fen: int, reason: str) -> None:
        """Give money back under a refund number; the same number again gives nothing more."""
        amount: dict[str, JsonValue] = {
            "refund": amount_fen,
            "total": order.total_fen,
            "currency": "CNY",
        }
        body: dict[str, JsonValue] = {
            "out_trade_no": order.payment_number,
            "out_refund_no": number,
            "reason": reason,
            "notify_url": self._notify_url,
            "amount": amount,
        }
        self._call("POST", "/v3/refund/domestic/refunds", body)

    def press_pay(self, payment_number: str) -> bool:
        """Press "pay" on the buyer's phone; returns whether it was paid by this press."""
        body = msgspec.json.encode({"out_trade_no": payment_number})
        try:
            answer = self._client.post(f"{self._address}/buyer/pay", content=body)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    def _call(self, method: str, path: str, body: dict[str, JsonValue] | None) -> bytes:
        content = b"" if body is None else msgspec.json.encode(body)
        timestamp, nonce = str(int(clock.now().timestamp())), secrets.token_hex(16)
        text = crypto.request_text(method, path, timestamp, nonce, content)
        headers = {
            "Authorization": crypto.authorization(
                self._key,
                text,
                mchid=self._account.mchid,
                serial=self._account.merchant_serial,
                timestamp=timestamp,
                nonce=nonce,
            ),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Wechatpay-Serial": self._account.public_key_id,
        }
        try:
            answer = self._client.request(
                method, self._address + path, content=content, headers=headers
            )
        except httpx.HTTPError:
            raise PaymentDown from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise PaymentDown
        if answer.status_code >= 400:
            raise ShopRefusal("payment_refused", "支付平台拒绝了请求", status=409)
        return answer.content
