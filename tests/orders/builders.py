"""Builders of orders and payments with defaults; every name, phone and key is made up."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from yinuo.core.money import Fen
from yinuo.orders.model import (
    NewLine,
    NewOrder,
    PaymentReceived,
    Receiver,
    RefundReceived,
    RefundStatus,
)

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PHONE = "13812345678"
RECEIVER = Receiver(
    name="张小明",
    phone=PHONE,
    province="浙江省",
    city="杭州市",
    district="西湖区",
    town="北山街道",
    detail="文三路 998 号 3 幢 201",
)


def line(sku: str = "RUG-160", quantity: int = 2, price: int = 12_995, **changes) -> NewLine:
    made = NewLine(
        sku=sku,
        listing_code=f"L-{sku}",
        name=f"地毯 {sku}",
        quantity=quantity,
        unit_price_fen=Fen(price),
        amount_fen=Fen(price * quantity),
    )
    return replace(made, **changes)


def new_order(number: str = "202611220001", **changes) -> NewOrder:
    made = NewOrder(
        shop_id="mini",
        channel="mini_program",
        raw_number=f" {number}",
        number=number,
        unique_id=hashlib.md5(f"mini_program|mini|{number}".encode()).hexdigest(),
        payment_number=f"P{number}",
        buyer_id="buyer-1",
        buyer_nick="小明",
        lines=(line(),),
        total_fen=Fen(25_990),
        receiver=RECEIVER,
        placed_at=NOON,
        remark="请尽快发货",
    )
    return replace(made, **changes)


def payment(number: str = "202611220001", **changes) -> PaymentReceived:
    made = PaymentReceived(
        provider="wechat_pay",
        account="mch-test",
        payment_number=f"P{number}",
        transaction_id=f"4200{number}",
        amount_fen=Fen(25_990),
        paid_at=NOON + timedelta(minutes=1),
    )
    return replace(made, **changes)


def refund(number: str = "202611220001", **changes) -> RefundReceived:
    made = RefundReceived(
        provider="wechat_pay",
        account="mch-test",
        refund_id=f"5030{number}",
        out_refund_number=f"R{number}",
        payment_number=f"P{number}",
        transaction_id=f"4200{number}",
        amount_fen=Fen(25_990),
        status=RefundStatus.SUCCESS,
    )
    return replace(made, **changes)
