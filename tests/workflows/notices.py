"""Payment and refund notices as the provider sends them, signed and encrypted; damaged on demand."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import httpx

from tests.workflows.world import World, settings_tables
from yinuo.sandbox.wechat_pay import crypto
from yinuo.sandbox.wechat_pay.notices import new_notice_id

PATH = "/callbacks/wechat-pay/main"


@dataclass
class Notice:
    """One notice: its body stays over repeats, its signature is made anew."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@cache
def _keys() -> tuple[object, str, str]:
    tables = settings_tables()
    key = crypto.private_key(str(tables["sandbox.wechat_pay"]["platform_private_key"]))
    serials = tables["wechat_pay"]["platform_keys"]
    assert isinstance(serials, dict)
    return key, str(tables["wechat_pay"]["apiv3_key"]), next(iter(serials))


def signed(body: bytes, *, age: int = 0) -> dict[str, str]:
    """Return the headers of a notice that was signed `age` seconds ago."""
    key, _, serial = _keys()
    moment, once = str(int(time.time()) - age), os.urandom(16).hex()
    return {
        "Wechatpay-Timestamp": moment,
        "Wechatpay-Nonce": once,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        "Wechatpay-Signature": crypto.sign(key, crypto.signed_text(moment, once, body)),
        "Content-Type": "application/json",
    }


def paid(
    payment_number: str,
    amount_fen: int,
    *,
    transaction: str = "",
    paid_at: datetime | None = None,
) -> Notice:
    """Return a notice that says that a payment succeeded, just now unless told otherwise."""
    plain = {
        "appid": "wx00000000000000aa",
        "mchid": "1900000001",
        "out_trade_no": payment_number,
        "transaction_id": transaction or f"4200{payment_number}",
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "trade_state_desc": "",
        "bank_type": "OTHERS",
        "attach": "",
        "success_time": (paid_at or datetime.now(UTC)).isoformat(timespec="seconds"),
        "payer": {"openid": "oSANDBOX0001"},
        "amount": {
            "total": amount_fen,
            "payer_total": amount_fen,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
    }
    return _notice(plain, original="transaction", event="TRANSACTION.SUCCESS")


def refunded(
    payment_number: str,
    amount_fen: int,
    *,
    total_fen: int,
    refund: str = "1",
    transaction: str = "",
    status: str = "SUCCESS",
) -> Notice:
    """Return a notice that says that money went back, or what became of giving it back."""
    plain = {
        "mchid": "1900000001",
        "out_trade_no": payment_number,
        "transaction_id": transaction or f"4200{payment_number}",
        "out_refund_no": f"R{payment_number}-{refund}",
        "refund_id": f"5000{payment_number}{refund}",
        "refund_status": status,
        **(
            {"success_time": datetime.now(UTC).isoformat(timespec="seconds")}
            if status == "SUCCESS"
            else {}
        ),
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": total_fen,
            "refund": amount_fen,
            "payer_total": total_fen,
            "payer_refund": amount_fen,
        },
    }
    return _notice(plain, original="refund", event=f"REFUND.{status}")


def _notice(plain: dict[str, object], *, original: str, event: str) -> Notice:
    _, apiv3, _ = _keys()
    nonce = os.urandom(6).hex()
    sealed = crypto.encrypt(apiv3, nonce, original, json.dumps(plain).encode())
    body = {
        "id": new_notice_id(),
        "create_time": datetime.now(UTC).isoformat(timespec="seconds"),
        "resource_type": "encrypt-resource",
        "event_type": event,
        "summary": "",
        "resource": {
            "original_type": original,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": sealed,
            "associated_data": original,
            "nonce": nonce,
        },
    }
    return Notice(json.dumps(body).encode())


def send(world: World, notice: Notice, *, age: int = 0, **headers: str) -> httpx.Response:
    """Deliver a notice, signed now."""
    return world.client.post(
        PATH, content=notice.body, headers={**signed(notice.body, age=age), **headers}
    )
