"""What the order routes answer: typed bodies, and codes put into words of the caller's language."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import pydantic

from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import JsonValue
from yinuo.core.money import Fen, fen_to_yuan
from yinuo.core.texts import Language, has_text, text
from yinuo.orders.model import (
    FulfillmentStatus,
    OrderStatus,
    PaymentOutcome,
    PaymentStatus,
    Receiver,
    RefundStatus,
)
from yinuo.reports.order_desk import DeskRow
from yinuo.web.order_address import AddressFacts

AllowedAction = Literal["cancel", "retry", "hold", "release_hold", "reveal", "tag"]


class MaskedReceiver(pydantic.BaseModel):
    """Who gets the goods, as a list may show it."""

    name: str
    phone: str
    region: str


class ReceiverFacts(pydantic.BaseModel):
    """Who gets the goods: masked in an order, whole in the answer to a reveal.

    `stated` is the address as the channel wrote it, in the answer to a reveal alone.
    """

    name: str
    phone: str
    province: str
    city: str
    district: str
    town: str
    detail: str
    stated: str = ""


class HoldBadge(pydantic.BaseModel):
    """A standing hold in a list."""

    reason: str
    label: str
    owner_role: str


class OrderRow(pydantic.BaseModel):
    """One order in a list; amounts in fen."""

    id: str
    number: str
    shop_id: str
    shop_name: str
    channel: str
    channel_label: str
    status: OrderStatus
    status_label: str
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    placed_at: datetime
    paid_at: datetime | None
    total_fen: int
    items_text: str
    item_count: int
    receiver_masked: MaskedReceiver
    tags: list[str]
    holds: list[HoldBadge]
    reservation_expires_at: datetime | None
    warehouse: str | None
    warehouse_name: str | None
    carrier: str | None
    carrier_label: str | None
    waybill: str | None
    version: int


class OrderList(pydantic.BaseModel):
    """A page of orders; a count of `counts_capped_at` means that many or more."""

    items: list[OrderRow]
    next_cursor: str | None
    counts: dict[str, int]
    counts_capped_at: int
    as_of: datetime


class LineFacts(pydantic.BaseModel):
    """One line; `bundle_of` names the bundle that it is a part of."""

    id: str
    sku: str
    listing: str
    name: str
    quantity: int
    unit_price_fen: int
    amount_fen: int
    is_gift: bool
    bundle_of: str | None


class MoneyFacts(pydantic.BaseModel):
    """The order's amounts in fen; paid and refunded are everything that moved."""

    items_fen: int
    discount_fen: int
    freight_fen: int
    total_fen: int
    paid_fen: int
    refunded_fen: int


class PaymentFacts(pydantic.BaseModel):
    """One payment, only the tail of its transaction."""

    provider: str
    provider_label: str
    transaction_tail: str
    amount_fen: int
    refunded_fen: int
    paid_at: datetime
    outcome: PaymentOutcome
    outcome_label: str


class RefundFacts(pydantic.BaseModel):
    """One refund."""

    provider: str
    provider_label: str
    number: str
    amount_fen: int
    status: RefundStatus
    status_label: str
    received_at: datetime


class UnitFacts(pydantic.BaseModel):
    """Units of one SKU."""

    sku: str
    quantity: int


class ReservationFacts(pydantic.BaseModel):
    """The order's claim on stock; `expires_at` means something while it is only reserved."""

    state: str
    state_label: str
    warehouse: str
    warehouse_name: str
    expires_at: datetime
    is_paid: bool
    lines: list[UnitFacts]


class HoldFacts(pydantic.BaseModel):
    """A standing hold with who must clear it."""

    id: str
    reason: str
    label: str
    owner_role: str
    owner_label: str
    note: str
    placed_at: datetime


class DocumentFacts(pydantic.BaseModel):
    """A document in an outside system; `last_error` is in words."""

    kind: str
    label: str
    number: str
    state: str
    state_label: str
    outside_number: str
    attempts: int
    updated_at: datetime
    last_error: str | None


class ShipmentFacts(pydantic.BaseModel):
    """A parcel that left."""

    carrier: str
    carrier_label: str
    waybill: str
    shipped_at: datetime
    lines: list[UnitFacts]


class StepFacts(pydantic.BaseModel):
    """One step of the timeline with its why."""

    id: int
    at: datetime
    code: str
    title: str
    why: str
    actor: str
    details: dict[str, pydantic.JsonValue]


class CandidateFacts(pydantic.BaseModel):
    """A warehouse that was looked at, with why it was taken or not."""

    warehouse: str
    name: str
    rank: int
    reason: str
    is_chosen: bool


class SourcingFacts(pydantic.BaseModel):
    """The warehouse that was chosen and all that were looked at."""

    warehouse: str | None
    candidates: list[CandidateFacts]


class HoldReasonFacts(pydantic.BaseModel):
    """A reason for which a person may hold the order, and who would clear it."""

    reason: str
    label: str
    owner_role: str
    owner_label: str


class OrderDetail(OrderRow):
    """One order with everything known of it; `holds` are in full here."""

    holds: list[HoldFacts]  # type: ignore[assignment]  # the same, in full
    lines: list[LineFacts]
    money: MoneyFacts
    payments: list[PaymentFacts]
    refunds: list[RefundFacts]
    receiver: ReceiverFacts
    address: AddressFacts | None
    buyer_nick: str
    remark: str
    reservation: ReservationFacts | None
    documents: list[DocumentFacts]
    shipments: list[ShipmentFacts]
    timeline: list[StepFacts]
    allowed: list[AllowedAction]
    hold_reasons: list[HoldReasonFacts]
    sourcing: SourcingFacts | None


def label(code: str, language: Language, *, otherwise: str) -> str:
    """Return the words of a code, or something readable when it has none."""
    return text(code, language) if has_text(code) else otherwise


def hold_label(reason: str, language: Language) -> str:
    """Return a hold's reason in words: a person's reason, or the kind of its work item."""
    code = f"orders.hold.{reason}"
    if not has_text(code):
        code = f"exceptions.kind.{reason}"
    return label(code, language, otherwise=reason)


def carrier_label(carrier: str, language: Language) -> str:
    """Return a carrier's name."""
    return label(f"fulfillment.carrier.{carrier}", language, otherwise=carrier)


def row_facts(row: DeskRow, language: Language) -> OrderRow:
    """Return one order of a list in words."""
    return OrderRow(
        id=row.id,
        number=row.number,
        shop_id=row.shop_id,
        shop_name=row.shop_name,
        channel=row.channel,
        channel_label=label(f"orders.channel.{row.channel}", language, otherwise=row.channel),
        status=row.status,
        status_label=text(f"orders.status.{row.status.value}", language),
        payment_status=row.payment_status,
        fulfillment_status=row.fulfillment_status,
        placed_at=row.placed_at,
        paid_at=row.paid_at,
        total_fen=row.total_fen,
        items_text=row.items_text,
        item_count=row.item_count,
        receiver_masked=MaskedReceiver(
            name=row.masked_name, phone=row.masked_phone, region=row.region.label
        ),
        tags=list(row.tags),
        holds=[
            HoldBadge(
                reason=hold.reason,
                label=hold_label(hold.reason, language),
                owner_role=hold.owner_role,
            )
            for hold in row.holds
        ],
        reservation_expires_at=row.reservation_expires_at,
        warehouse=row.warehouse,
        warehouse_name=row.warehouse_name,
        carrier=row.carrier,
        carrier_label=carrier_label(row.carrier, language) if row.carrier else None,
        waybill=row.waybill,
        version=row.version,
    )


def receiver_facts(receiver: Receiver, *, stated: str = "") -> ReceiverFacts:
    """Return a receiver as it is given: whole with what was stated, or masked before."""
    return ReceiverFacts(
        name=receiver.name,
        phone=receiver.phone,
        province=receiver.province,
        city=receiver.city,
        district=receiver.district,
        town=receiver.town,
        detail=receiver.detail,
        stated=stated,
    )


# Words for a parameter that is a bare value of ours, by the parameter's name.
_PREFIXES = {
    "channel": "orders.channel.",
    "provider": "orders.provider.",
    "owner_role": "users.role.",
    "status": "orders.status.",
    "current": "orders.status.",
    "to": "orders.status.",
}


def in_words(
    params: dict[str, JsonValue], language: Language, *, warehouses: dict[str, str]
) -> dict[str, str]:
    """Return the parameters of a text as people read them.

    Codes become their words, warehouses their names, `…_fen` also `…_yuan`, `…_at` local time.
    """
    words: dict[str, str] = {}
    for name, value in params.items():
        words[name] = _word(name, value, language, warehouses)
        if name.endswith("_fen") and isinstance(value, int):
            words[f"{name.removesuffix('_fen')}_yuan"] = fen_to_yuan(Fen(value))
    return words


def _word(name: str, value: JsonValue, language: Language, warehouses: dict[str, str]) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}×{count}" for key, count in value.items())
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    plain = "" if value is None else str(value)
    if name.endswith("_at"):
        return _local(plain)
    if name == "reason" and not has_text(plain):
        return hold_label(plain, language)
    code = f"{_PREFIXES.get(name, '')}{plain}"
    return label(code, language, otherwise=warehouses.get(plain, plain))


def _local(moment: str) -> str:
    try:
        return datetime.fromisoformat(moment).astimezone(SHANGHAI).strftime("%m-%d %H:%M:%S")
    except ValueError:
        return moment
