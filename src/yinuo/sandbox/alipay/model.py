"""Payments and refunds as Alipay keeps them, and what it shows of them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import JsonValue
from yinuo.core.money import Fen, fen_to_yuan

# Waits between attempts in seconds: 8 attempts in all (the vendor's documentation).
SCHEDULE: tuple[float, ...] = (240, 600, 600, 3600, 7200, 21600, 54000)


class CreateRequest(msgspec.Struct, frozen=True):
    """The content of `alipay.trade.create`."""

    out_trade_no: str
    total_amount: str
    subject: str
    buyer_id: str = ""
    buyer_open_id: str = ""


class TradeRequest(msgspec.Struct, frozen=True):
    """The content that names a payment by one of its two numbers."""

    out_trade_no: str = ""
    trade_no: str = ""


class RefundRequest(msgspec.Struct, frozen=True):
    """The content of `alipay.trade.refund`; without a number of its own it is the whole refund."""

    refund_amount: str
    out_trade_no: str = ""
    trade_no: str = ""
    out_request_no: str = ""
    refund_reason: str = ""


class RefundQuery(msgspec.Struct, frozen=True):
    """The content of `alipay.trade.fastpay.refund.query`."""

    out_request_no: str
    out_trade_no: str = ""
    trade_no: str = ""
    query_options: list[str] = []


class BillRequest(msgspec.Struct, frozen=True):
    """The content of the question where a bill lies."""

    bill_type: str
    bill_date: str


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """One payment under the merchant's number; amounts in fen, moments as Alipay writes them."""

    out_trade_no: str
    trade_no: str
    subject: str
    notify_url: str
    buyer_id: str
    total: int
    created_at: str
    status: str = "WAIT_BUYER_PAY"
    paid: int = 0
    payer_paid: int = 0
    paid_at: str = ""
    refunded: int = 0
    closed_at: str = ""


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """One refund; its number is the merchant's and counts per payment."""

    out_request_no: str
    out_trade_no: str
    trade_no: str
    subject: str
    buyer_id: str
    amount: int
    total: int
    refunded_at: str


def vendor_time(moment: datetime) -> str:
    """Return Beijing time as Alipay writes it, without an offset."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def moment_of(text: str) -> datetime:
    """Return the moment that Alipay wrote."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)


def yuan(amount: int) -> str:
    """Return yuan text with two decimals."""
    return fen_to_yuan(Fen(amount))


def shown_trade(trade: Trade) -> dict[str, JsonValue]:
    """Return the payment as a query shows it."""
    shown: dict[str, JsonValue] = {
        "buyer_logon_id": "138****0001",
        "buyer_user_id": trade.buyer_id,
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no,
        "trade_status": trade.status,
        "total_amount": yuan(trade.paid or trade.total),
        "invoice_amount": "0.00",
        "point_amount": "0.00",
    }
    if trade.paid_at:
        shown["send_pay_date"] = trade.paid_at
        shown["buyer_pay_amount"] = yuan(trade.payer_paid)
        shown["receipt_amount"] = yuan(trade.paid)
    return shown


def shown_refund(refund: Refund, *, options: list[str]) -> dict[str, JsonValue]:
    """Return the refund as a query shows it; its moment only when asked for."""
    shown: dict[str, JsonValue] = {
        "out_request_no": refund.out_request_no,
        "out_trade_no": refund.out_trade_no,
        "trade_no": refund.trade_no,
        "refund_amount": yuan(refund.amount),
        "total_amount": yuan(refund.total),
        "refund_status": "REFUND_SUCCESS",
    }
    return shown | ({"gmt_refund_pay": refund.refunded_at} if "gmt_refund_pay" in options else {})


def told_trade(
    trade: Trade, refund: Refund | None, *, app_id: str, seller_id: str
) -> dict[str, str]:
    """Return the fields of a notification about a payment, with its newest refund where one is."""
    told = {
        "notify_type": "trade_status_sync",
        "app_id": app_id,
        "auth_app_id": app_id,
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "seller_id": seller_id,
        "seller_email": "shop@example.com",
        "buyer_id": trade.buyer_id,
        "buyer_logon_id": "138****0001",
        "trade_status": trade.status,
        "subject": trade.subject,
        "total_amount": yuan(trade.paid or trade.total),
        "gmt_create": trade.created_at,
    }
    if trade.paid_at:
        paid = yuan(trade.paid)
        told |= {
            "gmt_payment": trade.paid_at,
            "receipt_amount": paid,
            "invoice_amount": paid,
            "buyer_pay_amount": yuan(trade.payer_paid),
            "point_amount": "0.00",
            "fund_bill_list": f'[{{"amount":"{paid}","fundChannel":"ALIPAYACCOUNT"}}]',
        }
    if refund is not None:
        told |= {
            "gmt_refund": f"{refund.refunded_at}.000",
            "refund_fee": yuan(trade.refunded),
            "out_biz_no": refund.out_request_no,
        }
    return told | ({"gmt_close": trade.closed_at} if trade.closed_at else {})
