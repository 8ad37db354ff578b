"""From Alipay's forms and JSON to the hub's nouns, strictly; pure.

Amounts are yuan text with at most two decimals, times are Beijing's without an offset.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import msgspec

from yinuo.connectors.alipay.settings import AlipaySettings
from yinuo.connectors.protocols import (
    AddressNotAllowed,
    BadSignature,
    Malformed,
    NoticeKind,
    PaymentNotice,
    PaymentSeen,
    PaymentState,
    RefundSeen,
    RefundState,
    StaleCallback,
)
from yinuo.core.clock import SHANGHAI
from yinuo.core.money import BadAmount, Fen, yuan_to_fen

T = TypeVar("T")
MOST_TEXT = 128


class AlipayBadSignature(BadSignature):
    """The signature does not fit the fields as they came."""

    code = "alipay.bad_signature"


class AlipayStale(StaleCallback):
    """The notification was written longer ago than Alipay repeats one, or ahead of time."""

    code = "alipay.stale"


class AlipayAddressNotAllowed(AddressNotAllowed):
    """The message came from an address that is not on the list."""

    code = "alipay.address_not_allowed"


class AlipayMalformed(Malformed):
    """The signed message cannot be understood or is not for us; details: problem."""

    code = "alipay.malformed"


# "Closed" says too little: what was paid before and went back whole is closed as well.
PAID_STATES = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})
CLOSED_STATE, WAITING_STATE = "TRADE_CLOSED", "WAIT_BUYER_PAY"
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_TEXT)]


class _Trade(msgspec.Struct, frozen=True):
    out_trade_no: Text
    trade_no: Text
    trade_status: Text
    total_amount: str
    send_pay_date: str = ""
    buyer_pay_amount: str = ""
    buyer_user_id: str = ""
    buyer_open_id: str = ""


class _Refund(msgspec.Struct, frozen=True):
    trade_no: str = ""
    out_trade_no: str = ""
    out_request_no: str = ""
    total_amount: str = ""
    refund_amount: str = ""
    refund_status: str = ""
    gmt_refund_pay: str = ""


def notice(fields: Mapping[str, str], settings: AlipaySettings) -> PaymentNotice:
    """Return what a verified notification says; raises AlipayMalformed."""
    _check(fields.get("app_id") == settings.app_id, "app_id")
    _check(fields.get("seller_id") == settings.seller_id, "seller_id")
    _check(fields.get("notify_type") == "trade_status_sync", "notify_type")
    event_id = _text(fields, "notify_id")
    paid_at = _moment(fields, "gmt_payment")
    state = _state(fields.get("trade_status", ""), is_paid=paid_at is not None)
    refund = None
    if state in {PaymentState.PAID, PaymentState.REFUNDED}:
        _check(paid_at is not None, "gmt_payment")
        refund = _refund_in(fields, settings)
    total = _fen(fields, "total_amount")
    payment = PaymentSeen(
        account=settings.account,
        payment_number=_text(fields, "out_trade_no"),
        transaction_id=_text(fields, "trade_no"),
        state=state,
        amount_fen=total,
        payer_fen=_fen(fields, "buyer_pay_amount") if fields.get("buyer_pay_amount") else total,
        currency="CNY",
        paid_at=paid_at,
        buyer_id=(fields.get("buyer_id") or fields.get("buyer_open_id") or "")[:MOST_TEXT],
    )
    return PaymentNotice(
        event_id=event_id,
        kind=NoticeKind.REFUND if refund is not None else _KINDS[state],
        payment=payment,
        refund=refund,
    )


_KINDS = {
    PaymentState.PAID: NoticeKind.PAYMENT,
    PaymentState.REFUNDED: NoticeKind.PAYMENT,
    PaymentState.CLOSED: NoticeKind.CLOSED,
    PaymentState.UNPAID: NoticeKind.WAITING,
}


def _refund_in(fields: Mapping[str, str], settings: AlipaySettings) -> RefundSeen | None:
    """Return the refund that a notification tells of, which Alipay marks by its fields alone.

    `refund_fee` is what went back so far, this refund included; refunds that were made by hand in
    Alipay's back office may come without a number, then their moment tells them apart.
    """
    refunded_at = _moment(fields, "gmt_refund")
    so_far = _fen(fields, "refund_fee") if fields.get("refund_fee") else Fen(0)
    if refunded_at is None or so_far == 0:
        return None
    total = _fen(fields, "total_amount")
    _check(so_far <= total, "refund_fee")
    number = fields.get("out_biz_no") or _digits(fields["gmt_refund"])
    _check(len(number) <= MOST_TEXT, "out_biz_no")
    transaction_id = _text(fields, "trade_no")
    return RefundSeen(
        account=settings.account,
        refund_id=refund_id(transaction_id, number),
        out_refund_number=number,
        payment_number=_text(fields, "out_trade_no"),
        transaction_id=transaction_id,
        state=RefundState.DONE,
        amount_fen=so_far,
        total_fen=total,
        refunded_at=refunded_at,
        so_far_fen=so_far,
    )


def _digits(text: str) -> str:
    return "".join(sign for sign in text.partition(".")[0] if sign.isdigit())


def refund_id(transaction_id: str, number: str) -> str:
    """Return what names a refund: Alipay has no id of its own, the merchant's is per payment."""
    return f"{transaction_id}/{number}"


def payment(node: str, settings: AlipaySettings) -> PaymentSeen:
    """Return a payment from the answer to a query; raises AlipayMalformed."""
    told = _decoded(node, _Trade, problem="payment")
    paid_at = moment(told.send_pay_date, "send_pay_date")
    state = _state(told.trade_status, is_paid=paid_at is not None)
    _check(state is not PaymentState.PAID or paid_at is not None, "send_pay_date")
    total = _amount(told.total_amount, "total_amount")
    return PaymentSeen(
        account=settings.account,
        payment_number=told.out_trade_no,
        transaction_id=told.trade_no,
        state=state,
        amount_fen=total,
        payer_fen=_amount(told.buyer_pay_amount, "buyer_pay_amount")
        if told.buyer_pay_amount
        else total,
        currency="CNY",
        paid_at=paid_at,
        buyer_id=told.buyer_user_id or told.buyer_open_id,
    )


def refund(node: str, settings: AlipaySettings) -> RefundSeen | None:
    """Return a refund from the answer to a query, None when it did not happen.

    Alipay answers "success" with nothing in it for a number that it does not know.
    """
    told = _decoded(node, _Refund, problem="refund")
    if not told.refund_amount:
        return None
    _check(told.refund_status in {"REFUND_SUCCESS", ""}, "refund_status")
    is_done = told.refund_status == "REFUND_SUCCESS"
    for name in ("trade_no", "out_trade_no", "out_request_no"):
        _check(0 < len(getattr(told, name)) <= MOST_TEXT, name)
    amount, total = (
        _amount(told.refund_amount, "refund_amount"),
        _amount(told.total_amount, "total"),
    )
    _check(0 < amount <= total, "refund_amount")
    return RefundSeen(
        account=settings.account,
        refund_id=refund_id(told.trade_no, told.out_request_no),
        out_refund_number=told.out_request_no,
        payment_number=told.out_trade_no,
        transaction_id=told.trade_no,
        state=RefundState.DONE if is_done else RefundState.PROCESSING,
        amount_fen=amount,
        total_fen=total,
        refunded_at=moment(told.gmt_refund_pay, "gmt_refund_pay"),
    )


def _state(word: str, *, is_paid: bool) -> PaymentState:
    if word in PAID_STATES:
        return PaymentState.PAID
    if word == CLOSED_STATE:
        return PaymentState.REFUNDED if is_paid else PaymentState.CLOSED
    _check(word == WAITING_STATE, "trade_status")
    return PaymentState.UNPAID


def written_at(fields: Mapping[str, str]) -> datetime:
    """Return when a verified notification was written; raises AlipayMalformed."""
    at = _moment(fields, "notify_time")
    if at is None:
        raise AlipayMalformed(problem="notify_time")
    return at


def _moment(fields: Mapping[str, str], name: str) -> datetime | None:
    return moment(fields.get(name, ""), name)


def moment(text: str, name: str) -> datetime | None:
    """Return the moment of "2026-11-22 10:00:04", with or without a fraction; None for "".

    Raises AlipayMalformed with the name as its problem.
    """
    if not text:
        return None
    try:
        at = datetime.strptime(text.partition(".")[0], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - next line
    except ValueError:
        raise AlipayMalformed(problem=name) from None
    return at.replace(tzinfo=SHANGHAI).astimezone(UTC)


def _fen(fields: Mapping[str, str], name: str) -> Fen:
    return _amount(fields.get(name, ""), name)


def _amount(text: str, name: str) -> Fen:
    try:
        amount = yuan_to_fen(text)
    except BadAmount:
        raise AlipayMalformed(problem=name) from None
    _check(amount >= 0, name)
    return amount


def _text(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "")
    _check(1 <= len(value) <= MOST_TEXT and value.isprintable(), name)
    return value


def _check(is_fine: bool, problem: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not is_fine:
        raise AlipayMalformed(problem=problem)


def _decoded(node: str, of: type[T], *, problem: str) -> T:
    try:
        return msgspec.json.decode(node, type=of)
    except (msgspec.DecodeError, RecursionError):
        raise AlipayMalformed(problem=problem) from None
