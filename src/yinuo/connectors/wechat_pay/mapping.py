"""From WeChat Pay's JSON to the hub's nouns, strictly; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec

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
from yinuo.connectors.wechat_pay import signing
from yinuo.connectors.wechat_pay.settings import WechatPaySettings
from yinuo.core.money import Fen

T = TypeVar("T")


class WechatPayBadSignature(BadSignature):
    """The signature does not fit, or its key is not ours (SIGNTEST probes end here too)."""

    code = "wechat_pay.bad_signature"


class WechatPayStale(StaleCallback):
    """The timestamp is more than five minutes from now."""

    code = "wechat_pay.stale"


class WechatPayAddressNotAllowed(AddressNotAllowed):
    """The message came from an address that is not on the list."""

    code = "wechat_pay.address_not_allowed"


class WechatPayMalformed(Malformed):
    """The signed message cannot be understood; details: problem."""

    code = "wechat_pay.malformed"


Text = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=10**13)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]

PAYMENT_STATES: Mapping[str, PaymentState] = {
    "SUCCESS": PaymentState.PAID,
    "REFUND": PaymentState.REFUNDED,
    "NOTPAY": PaymentState.UNPAID,
    "USERPAYING": PaymentState.PAYING,
    "CLOSED": PaymentState.CLOSED,
    "REVOKED": PaymentState.REVOKED,
    "PAYERROR": PaymentState.FAILED,
}
REFUND_STATES: Mapping[str, RefundState] = {
    "SUCCESS": RefundState.DONE,
    "PROCESSING": RefundState.PROCESSING,
    "CLOSED": RefundState.CLOSED,
    "ABNORMAL": RefundState.ABNORMAL,
}
REFUND_EVENTS = frozenset({"REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"})


class _Resource(msgspec.Struct, frozen=True):
    algorithm: Text
    ciphertext: str
    nonce: Annotated[str, msgspec.Meta(min_length=12, max_length=12)]
    associated_data: str = ""


class _Notice(msgspec.Struct, frozen=True):
    id: Text
    event_type: Text
    resource_type: Text
    resource: _Resource


class _Payer(msgspec.Struct, frozen=True):
    openid: str = ""


class _PaymentAmount(msgspec.Struct, frozen=True):
    total: Amount
    payer_total: Amount | None = None
    currency: str = "CNY"


class _Payment(msgspec.Struct, frozen=True):
    appid: Text
    mchid: Text
    out_trade_no: Annotated[str, msgspec.Meta(min_length=6, max_length=32)]
    trade_state: Text
    amount: _PaymentAmount | None = None
    transaction_id: str = ""
    success_time: Moment | None = None
    payer: _Payer | None = None


class _RefundAmount(msgspec.Struct, frozen=True):
    total: Amount
    refund: Amount


class _Refund(msgspec.Struct, frozen=True):
    out_trade_no: Text
    transaction_id: Text
    out_refund_no: Text
    refund_id: Text
    amount: _RefundAmount
    mchid: str | None = None  # the notification has it, the answer to a query has not
    refund_status: str | None = None  # its name in the notification
    status: str | None = None  # its name in the answer to a query
    success_time: Moment | None = None


def notice(body: bytes, settings: WechatPaySettings) -> PaymentNotice:
    """Return what a verified notification says; raises WechatPayMalformed."""
    told = _decoded(body, _Notice, problem="body")
    if told.resource_type != "encrypt-resource" or told.resource.algorithm != "AEAD_AES_256_GCM":
        raise WechatPayMalformed(problem="algorithm")
    plain = signing.decrypt(
        settings.apiv3_key.get_secret_value().encode(),
        nonce=told.resource.nonce,
        associated_data=told.resource.associated_data,
        ciphertext=told.resource.ciphertext,
    )
    if plain is None:
        raise WechatPayMalformed(problem="ciphertext")
    if told.event_type == "TRANSACTION.SUCCESS":
        paid = payment(plain, settings)
        if paid.state is not PaymentState.PAID:
            raise WechatPayMalformed(problem="trade_state")
        return PaymentNotice(event_id=told.id, kind=NoticeKind.PAYMENT, payment=paid)
    if told.event_type in REFUND_EVENTS:
        refunded = refund(plain, settings, is_notice=True)
        if told.event_type != f"REFUND.{_word(refunded.state)}":
            raise WechatPayMalformed(problem="refund_status")
        return PaymentNotice(event_id=told.id, kind=NoticeKind.REFUND, refund=refunded)
    raise WechatPayMalformed(problem="event_type")


def payment(body: bytes, settings: WechatPaySettings) -> PaymentSeen:
    """Return a payment, decrypted or from a query; raises WechatPayMalformed.

    Revenue is `amount.total`: with coupons the buyer pays less than that.
    """
    told = _decoded(body, _Payment, problem="payment")
    state = PAYMENT_STATES.get(told.trade_state)
    _check(state is not None, "trade_state")
    _check(told.mchid == settings.mchid, "mchid")
    _check(told.appid in settings.appids, "appid")
    is_settled = state in {PaymentState.PAID, PaymentState.REFUNDED}
    _check(not is_settled or told.transaction_id != "", "transaction_id")
    _check(not is_settled or told.success_time is not None, "success_time")
    _check(not is_settled or told.amount is not None, "amount")
    amount = told.amount or _PaymentAmount(total=0)
    payer = amount.total if amount.payer_total is None else amount.payer_total
    return PaymentSeen(
        account=settings.account,
        payment_number=told.out_trade_no,
        transaction_id=told.transaction_id,
        state=state or PaymentState.FAILED,
        amount_fen=Fen(amount.total),
        payer_fen=Fen(payer),
        currency=amount.currency,
        paid_at=told.success_time,
        buyer_id=told.payer.openid if told.payer else "",
    )


def refund(body: bytes, settings: WechatPaySettings, *, is_notice: bool) -> RefundSeen:
    """Return a refund, decrypted or from a query; raises WechatPayMalformed."""
    told = _decoded(body, _Refund, problem="refund")
    state = REFUND_STATES.get((told.refund_status if is_notice else told.status) or "")
    _check(state is not None, "refund_status" if is_notice else "status")
    _check(told.mchid == settings.mchid or (told.mchid is None and not is_notice), "mchid")
    _check(0 < told.amount.refund <= told.amount.total, "amount")
    _check(state is not RefundState.DONE or told.success_time is not None, "success_time")
    return RefundSeen(
        account=settings.account,
        refund_id=told.refund_id,
        out_refund_number=told.out_refund_no,
        payment_number=told.out_trade_no,
        transaction_id=told.transaction_id,
        state=state or RefundState.ABNORMAL,
        amount_fen=Fen(told.amount.refund),
        total_fen=Fen(told.amount.total),
        refunded_at=told.success_time,
    )


def _word(state: RefundState) -> str:
    return next(word for word, one in REFUND_STATES.items() if one is state)


def _check(is_fine: bool, problem: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not is_fine:
        raise WechatPayMalformed(problem=problem)


def _decoded(body: bytes, of: type[T], *, problem: str) -> T:
    try:
        return msgspec.json.decode(body, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise WechatPayMalformed(problem=problem) from None
