"""Payments and refunds as the payment provider keeps them, and what it shows of them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import JsonValue

STATE_WORDS = {
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "NOTPAY": "订单未支付",
    "CLOSED": "订单已关闭",
}
# Waits between attempts in seconds: 15 repeats, 24 h 4 min in all (the vendor's documentation).
SCHEDULE: tuple[float, ...] = (
    *(15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600),
    *(10800, 10800, 10800, 21600, 21600),
)


class Amount(msgspec.Struct, frozen=True):
    """What a merchant asks for, in fen."""

    total: int
    currency: str = "CNY"


class Payer(msgspec.Struct, frozen=True):
    """Who is to pay."""

    openid: str


class PrepayRequest(msgspec.Struct, frozen=True):
    """The body of a JSAPI order."""

    appid: str
    mchid: str
    description: str
    out_trade_no: str
    notify_url: str
    amount: Amount
    payer: Payer
    attach: str = ""
    time_expire: str | None = None


class RefundAmount(msgspec.Struct, frozen=True):
    """What is given back, of what, in fen."""

    refund: int
    total: int
    currency: str = "CNY"


class RefundRequest(msgspec.Struct, frozen=True):
    """The body of a refund; one of the two numbers names the payment."""

    out_refund_no: str
    amount: RefundAmount
    transaction_id: str | None = None
    out_trade_no: str | None = None
    reason: str | None = None
    notify_url: str | None = None


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment under the merchant's number; `total` is what was asked, `paid` what came."""

    out_trade_no: str
    description: str
    notify_url: str
    openid: str
    attach: str
    total: int
    prepay_id: str
    state: str = "NOTPAY"
    paid: int = 0
    payer_paid: int = 0
    transaction_id: str | None = None
    success_time: str | None = None
    refunded: int = 0


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """One refund; `settles_at` is on the vendor's clock, `outcome` is known then."""

    out_refund_no: str
    refund_id: str
    out_trade_no: str
    transaction_id: str
    amount: int
    total: int
    notify_url: str | None
    created_at: str
    settles_at: float
    outcome: str


class Fields(msgspec.Struct, frozen=True):
    """The merchant account that payments are shown under."""

    appid: str
    mchid: str


def vendor_time(moment: datetime) -> str:
    """Return RFC 3339 text with the offset of China, to the second."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def refund_status(refund: Refund, *, vendor_now: float) -> str:
    """Return PROCESSING until the refund settles, then how it ended."""
    return refund.outcome if vendor_now >= refund.settles_at else "PROCESSING"


def shown_payment(payment: Payment, fields: Fields) -> dict[str, JsonValue]:
    """Return the payment as a query shows it and a notification carries it."""
    shown: dict[str, JsonValue] = {
        "appid": fields.appid,
        "mchid": fields.mchid,
        "out_trade_no": payment.out_trade_no,
        "attach": payment.attach,
        "trade_state": payment.state,
        "trade_state_desc": STATE_WORDS[payment.state],
        "payer": {"openid": payment.openid},
    }
    if payment.transaction_id is None:
        return shown | {"amount": {"total": payment.total, "currency": "CNY"}}
    return shown | {
        "transaction_id": payment.transaction_id,
        "trade_type": "JSAPI",
        "bank_type": "OTHERS",
        "success_time": payment.success_time,
        "amount": {
            "total": payment.paid,
            "payer_total": payment.payer_paid,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
    }


def shown_refund(refund: Refund, *, status: str) -> dict[str, JsonValue]:
    """Return the refund as a query shows it."""
    shown: dict[str, JsonValue] = {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": refund.created_at,
        "status": status,
        "funds_account": "AVAILABLE",
        "amount": {
            "total": refund.total,
            "refund": refund.amount,
            "payer_total": refund.total,
            "payer_refund": refund.amount,
            "settlement_refund": refund.amount,
            "settlement_total": refund.total,
            "discount_refund": 0,
            "currency": "CNY",
        },
    }
    return shown | {"success_time": refund.created_at} if status == "SUCCESS" else shown


def told_refund(refund: Refund, *, mchid: str) -> dict[str, JsonValue]:
    """Return the refund as a notification carries it: the state is called `refund_status` here."""
    told: dict[str, JsonValue] = {
        "mchid": mchid,
        "out_trade_no": refund.out_trade_no,
        "transaction_id": refund.transaction_id,
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.refund_id,
        "refund_status": refund.outcome,
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": refund.total,
            "refund": refund.amount,
            "payer_total": refund.total,
            "payer_refund": refund.amount,
        },
    }
    return told | {"success_time": refund.created_at} if refund.outcome == "SUCCESS" else told
