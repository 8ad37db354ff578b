"""Made-up keys and a made-up Alipay that signs forms and answers as the real one does."""

from __future__ import annotations

import base64
import json
from functools import cache
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.connectors.wechat_pay_keys import private_pem, public_pem
from yinuo.connectors.alipay.settings import AlipaySettings

FORM = {
    "gmt_create": "2026-11-22 10:00:00",
    "charset": "utf-8",
    "subject": "北欧风地毯 + 抱枕 & 花瓶",
    "buyer_id": "2088000000000001",
    "invoice_amount": "259.90",
    "notify_id": "2026112200222100000000000000000007",
    "fund_bill_list": '[{"amount":"259.90","fundChannel":"ALIPAYACCOUNT"}]',
    "notify_type": "trade_status_sync",
    "trade_status": "TRADE_SUCCESS",
    "receipt_amount": "259.90",
    "app_id": "2021000000000001",
    "buyer_pay_amount": "249.90",
    "seller_id": "2088000000000009",
    "gmt_payment": "2026-11-22 10:00:03",
    "notify_time": "2026-11-22 10:00:04",
    "version": "1.0",
    "out_trade_no": "YN20261122000002",
    "total_amount": "259.90",
    "trade_no": "2026112222001400000000000002",
    "passback_params": "",
    "sign_type": "RSA2",
}
REFUND = {
    "gmt_refund": "2026-11-22 12:00:00.512",
    "refund_fee": "50.00",
    "out_biz_no": "R-1",
    "notify_time": "2026-11-22 12:00:01",
    "notify_id": "2026112200222100000000000000000008",
}


@cache
def alipay_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def app_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def settings(**changes: object) -> AlipaySettings:
    values: dict[str, object] = {
        "app_id": "2021000000000001",
        "seller_id": "2088000000000009",
        "app_private_key": private_pem(app_key()),
        "alipay_public_keys": [public_pem(alipay_key())],
    }
    return AlipaySettings.model_validate(values | changes)


def signature(text: str, key: rsa.RSAPrivateKey | None = None) -> str:
    raw = (key or alipay_key()).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(raw).decode()


def notice(key: rsa.RSAPrivateKey | None = None, **changes: str | None) -> bytes:
    """Return a notification; a change to None leaves the field out."""
    fields = {name: value for name, value in (FORM | changes).items() if value is not None}
    kept = sorted((n, v) for n, v in fields.items() if v and n not in {"sign", "sign_type"})
    text = "&".join(f"{name}={value}" for name, value in kept)
    return urlencode({"sign": signature(text, key)} | fields).encode()


def answer(method: str, node: object, *, is_signed: bool = True) -> bytes:
    """Return the gateway's answer: blanks and slashes as they happen to be, signed as written."""
    text = json.dumps(node, ensure_ascii=False, separators=(", ", ":")).replace("/", "\\/")
    name = method.replace(".", "_") + "_response"
    sign = f', "sign":"{signature(text)}"' if is_signed else ""
    return f'{{"{name}": {text}{sign}}}'.encode()
