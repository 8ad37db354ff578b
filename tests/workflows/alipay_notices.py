"""Notifications as Alipay sends them, signed with its made-up key; damaged on demand."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlencode

import httpx

from tests.workflows.world import World, settings_tables
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.money import Fen, fen_to_yuan
from yinuo.sandbox.alipay.gate import signed_text
from yinuo.sandbox.wechat_pay import crypto

PATH = "/callbacks/alipay/main"


@cache
def _key() -> object:
    return crypto.private_key(str(settings_tables()["sandbox.alipay"]["alipay_private_key"]))


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def paid(payment_number: str, amount_fen: int, **changes: str) -> dict[str, str]:
    """Return the fields of a notification that says that a payment succeeded."""
    now = clock.now()
    return {
        "notify_type": "trade_status_sync",
        "notify_id": os.urandom(16).hex(),
        "notify_time": _time(now),
        "app_id": "2021000000000001",
        "seller_id": "2088000000000009",
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": f"2026{payment_number}",
        "out_trade_no": payment_number,
        "buyer_id": "2088000000000001",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": fen_to_yuan(Fen(amount_fen)),
        "gmt_create": _time(now - timedelta(minutes=1)),
        "gmt_payment": _time(now),
        **changes,
    }


def refunded(
    payment_number: str, so_far_fen: int, *, total_fen: int, refund: str = "1", after: float = 0
) -> dict[str, str]:
    """Return the fields that tell of a refund: what went back so far, the payment again."""
    is_whole = so_far_fen == total_fen
    return paid(payment_number, total_fen) | {
        "trade_status": "TRADE_CLOSED" if is_whole else "TRADE_SUCCESS",
        "refund_fee": fen_to_yuan(Fen(so_far_fen)),
        "gmt_refund": _time(clock.now() + timedelta(seconds=after)) + ".123",
        "out_biz_no": f"R{payment_number}-{refund}",
    }


def closed(payment_number: str, amount_fen: int) -> dict[str, str]:
    """Return the fields that say that a payment was closed unpaid."""
    return paid(payment_number, amount_fen, trade_status="TRADE_CLOSED", gmt_payment="")


def signed(fields: dict[str, str]) -> bytes:
    """Return the form with its signature."""
    sign = crypto.sign(_key(), signed_text(fields, without=("sign", "sign_type")))
    return urlencode(fields | {"sign_type": "RSA2", "sign": sign}).encode()


def send(world: World, fields: dict[str, str] | bytes) -> httpx.Response:
    """Deliver a notification, signed where it is not yet."""
    content = fields if isinstance(fields, bytes) else signed(fields)
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    return world.client.post(PATH, content=content, headers={"Content-Type": kind})
