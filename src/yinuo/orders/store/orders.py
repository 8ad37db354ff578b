"""Writing and loading orders with their lines, receiver, holds and tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.core.money import Fen
from yinuo.orders.model import (
    Candidate,
    FulfillmentStatus,
    Hold,
    NewLine,
    NewOrder,
    Order,
    OrderLine,
    OrderNotFound,
    OrderStatus,
    PaymentStatus,
    Receiver,
    Region,
    Sourcing,
    derive_status,
    mask_name,
    mask_phone,
    phone_tail,
)
from yinuo.orders.tables import (
    OrderHoldRow,
    OrderLineRow,
    OrderReceiverRow,
    OrderRow,
    OrderTagRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """Where an order belongs."""

    shop_id: str
    channel: str


def insert_order(session: Session, new: NewOrder, *, order_id: str, now: datetime) -> Order | None:
    """Write a new order and return it; None when its unique id is known (then nothing is written)."""
    payment = PaymentStatus.CLOSED if new.is_cancelled else PaymentStatus.UNPAID
    fulfillment = FulfillmentStatus.CANCELLED if new.is_cancelled else FulfillmentStatus.WAITING
    status = derive_status(payment, fulfillment, holds=0)
    written = session.execute(
        _INSERT,
        {
            "id": order_id,
            "shop_id": new.shop_id,
            "channel": new.channel,
            "raw_number": new.raw_number,
            "number": new.number,
            "unique_id": new.unique_id,
            "buyer_id": new.buyer_id,
            "buyer_nick": new.buyer_nick,
            "payment_status": payment.value,
            "fulfillment_status": fulfillment.value,
            "status": status.value,
            "placed_at": new.placed_at,
            "cancelled_at": now if new.is_cancelled else None,
            "updated_at": now,
            **_changeable(new),
        },
    ).one_or_none()
    if written is None:
        return None
    lines = _insert_lines(session, order_id, new.lines, placed_at=new.placed_at)
    _insert_receiver(session, order_id, new.receiver)
    return Order(
        id=order_id,
        shop_id=new.shop_id,
        channel=new.channel,
        raw_number=new.raw_number,
        number=new.number,
        unique_id=new.unique_id,
        payment_number=new.payment_number,
        buyer_id=new.buyer_id,
        buyer_nick=new.buyer_nick,
        total_fen=new.total_fen,
        freight_fen=new.freight_fen,
        discount_fen=new.discount_fen,
        paid_fen=Fen(0),
        refunded_fen=Fen(0),
        payment_status=payment,
        fulfillment_status=fulfillment,
        status=status,
        placed_at=written.placed_at,
        paid_at=None,
        channel_version=new.version,
        version=written.version,
        remark=new.remark,
        region=new.receiver.region,
        sourcing=Sourcing(warehouse=None, carrier=None, candidates=()),
        lines=lines,
        holds=(),
        tags=(),
    )


def replace_content(session: Session, new: NewOrder, *, order_id: str, placed_at: datetime) -> None:
    """Put a newer version's lines, amounts and receiver in the place of the old ones."""
    session.execute(sa.update(OrderRow).where(OrderRow.id == order_id).values(**_changeable(new)))
    session.execute(sa.delete(OrderLineRow).where(OrderLineRow.order_id == order_id))
    session.execute(sa.delete(OrderReceiverRow).where(OrderReceiverRow.order_id == order_id))
    _insert_lines(session, order_id, new.lines, placed_at=placed_at)
    _insert_receiver(session, order_id, new.receiver)


def save_receiver(session: Session, order_id: str, receiver: Receiver) -> None:
    """Put another receiver in the place of the one there is."""
    session.execute(
        sa.update(OrderRow).where(OrderRow.id == order_id).values(**_shown_of(receiver))
    )
    session.execute(
        sa.update(OrderReceiverRow)
        .where(OrderReceiverRow.order_id == order_id)
        .values(name=receiver.name, phone=receiver.phone, detail=receiver.detail)
    )


def _shown_of(receiver: Receiver) -> dict[str, object]:
    return {
        "masked_name": mask_name(receiver.name),
        "masked_phone": mask_phone(receiver.phone),
        "phone_tail": phone_tail(receiver.phone),
        **asdict(receiver.region),
    }


def _changeable(new: NewOrder) -> dict[str, object]:
    return {
        "payment_number": new.payment_number,
        "total_fen": new.total_fen,
        "freight_fen": new.freight_fen,
        "discount_fen": new.discount_fen,
        "channel_version": new.version,
        "remark": new.remark,
        **_shown_of(new.receiver),
    }


# Made once: the statement of so many columns costs more to build than to carry out.
_ORDERS = cast("sa.Table", OrderRow.__table__)
_AT_FIRST = """
    id shop_id channel raw_number number unique_id buyer_id buyer_nick payment_status
    fulfillment_status status placed_at cancelled_at updated_at payment_number total_fen freight_fen
    discount_fen channel_version remark masked_name masked_phone phone_tail province city district
    town
"""
_INSERT = (
    insert(_ORDERS)
    .values({name: sa.bindparam(name) for name in _AT_FIRST.split()})
    .on_conflict_do_nothing(index_elements=["unique_id"])
    .returning(_ORDERS.c.version, _ORDERS.c.placed_at)
)
_INSERT_LINES = sa.insert(cast("sa.Table", OrderLineRow.__table__))
_INSERT_RECEIVER = sa.insert(cast("sa.Table", OrderReceiverRow.__table__))


def _insert_lines(
    session: Session, order_id: str, lines: Sequence[NewLine], *, placed_at: datetime
) -> tuple[OrderLine, ...]:
    rows = [
        {
            **asdict(line),
            "id": new_id("line"),
            "order_id": order_id,
            "place": place,
            "placed_at": placed_at,
        }
        for place, line in enumerate(lines)
    ]
    if rows:
        session.execute(_INSERT_LINES, rows)
    return tuple(
        OrderLine(id=str(row["id"]), **asdict(line)) for row, line in zip(rows, lines, strict=True)
    )


def _insert_receiver(session: Session, order_id: str, receiver: Receiver) -> None:
    values = {"name": receiver.name, "phone": receiver.phone, "detail": receiver.detail}
    session.execute(_INSERT_RECEIVER, {"order_id": order_id, **values})


def owner_of_payment_number(session: Session, payment_number: str) -> str | None:
    """Return the unique id of the order that uses a payment number."""
    found: str | None = session.execute(_OWNER, {"number": payment_number}).scalar_one_or_none()
    return found


_OWNER = sa.text("SELECT unique_id FROM orders WHERE payment_number = :number")


def load_order(session: Session, order_id: str) -> Order:
    """Return one order; raises OrderNotFound."""
    found = _load(session, OrderRow.id == order_id)
    if found is None:
        raise OrderNotFound(order_id=order_id[:64])
    return found


def load_summary(session: Session, order_id: str) -> OrderSummary:
    """Return what an event about the order needs; raises OrderNotFound."""
    row = session.execute(
        sa.select(OrderRow.shop_id, OrderRow.channel).where(OrderRow.id == order_id)
    ).one_or_none()
    if row is None:
        raise OrderNotFound(order_id=order_id[:64])
    return OrderSummary(shop_id=row.shop_id, channel=row.channel)


def find_by_number(session: Session, *, shop_id: str, number: str) -> Order | None:
    """Return the newest order of a shop with this cleaned number."""
    return _load(session, sa.and_(OrderRow.shop_id == shop_id, OrderRow.number == number))


def find_by_payment_number(session: Session, payment_number: str) -> Order | None:
    """Return the order that this number pays."""
    return _load(session, OrderRow.payment_number == payment_number)


def load_receiver(session: Session, order_id: str) -> Receiver:
    """Return the whole receiver, personal data included; raises OrderNotFound."""
    row = session.execute(
        sa.select(
            OrderReceiverRow.name,
            OrderReceiverRow.phone,
            OrderReceiverRow.detail,
            OrderRow.province,
            OrderRow.city,
            OrderRow.district,
            OrderRow.town,
        )
        .join(OrderRow, OrderRow.id == OrderReceiverRow.order_id)
        .where(OrderRow.id == order_id)
    ).one_or_none()
    if row is None:
        raise OrderNotFound(order_id=order_id[:64])
    return Receiver(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def save_sourcing(session: Session, order_id: str, sourcing: Sourcing) -> None:
    """Write the chosen warehouse and carrier with all candidates."""
    session.execute(
        sa.update(OrderRow)
        .where(OrderRow.id == order_id)
        .values(
            warehouse=sourcing.warehouse,
            carrier=sourcing.carrier,
            sourcing={"candidates": [asdict(one) for one in sourcing.candidates]},
        )
    )


def _load(session: Session, where: sa.ColumnElement[bool]) -> Order | None:
    row = session.execute(
        sa.select(*OrderRow.__table__.columns)
        .where(where)
        .order_by(OrderRow.placed_at.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    at = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Order(
        **{name: at[name] for name in _PLAIN},
        total_fen=Fen(row.total_fen),
        freight_fen=Fen(row.freight_fen),
        discount_fen=Fen(row.discount_fen),
        paid_fen=Fen(row.paid_fen),
        refunded_fen=Fen(row.refunded_fen),
        payment_status=PaymentStatus(row.payment_status),
        fulfillment_status=FulfillmentStatus(row.fulfillment_status),
        status=OrderStatus(row.status),
        region=Region(province=row.province, city=row.city, district=row.district, town=row.town),
        sourcing=Sourcing(
            warehouse=row.warehouse,
            carrier=row.carrier,
            candidates=tuple(
                Candidate(**one) for one in (row.sourcing or {}).get("candidates", [])
            ),
        ),
        lines=load_lines(session, [row.id]).get(row.id, ()),
        holds=load_holds(session, [row.id]).get(row.id, ()),
        tags=load_tags(session, [row.id]).get(row.id, ()),
    )


_PLAIN = (
    "id",
    "shop_id",
    "channel",
    "raw_number",
    "number",
    "unique_id",
    "payment_number",
    "buyer_id",
    "buyer_nick",
    "placed_at",
    "paid_at",
    "channel_version",
    "version",
    "remark",
)


def load_lines(session: Session, order_ids: Sequence[str]) -> dict[str, tuple[OrderLine, ...]]:
    """Return the lines of each order, in their order."""
    rows = session.execute(
        sa.select(*OrderLineRow.__table__.columns)
        .where(OrderLineRow.order_id.in_(order_ids))
        .order_by(OrderLineRow.order_id, OrderLineRow.place)
    )
    found: dict[str, list[OrderLine]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(
            OrderLine(
                id=row.id,
                sku=row.sku,
                listing_code=row.listing_code,
                name=row.name,
                quantity=row.quantity,
                unit_price_fen=Fen(row.unit_price_fen),
                amount_fen=Fen(row.amount_fen),
                is_gift=row.is_gift,
                bundle_of=row.bundle_of,
            )
        )
    return {order_id: tuple(lines) for order_id, lines in found.items()}


def load_holds(session: Session, order_ids: Sequence[str]) -> dict[str, tuple[Hold, ...]]:
    """Return the standing holds of each order, oldest first."""
    rows = session.execute(
        sa.select(*OrderHoldRow.__table__.columns)
        .where(OrderHoldRow.order_id.in_(order_ids), OrderHoldRow.released_at.is_(None))
        .order_by(OrderHoldRow.placed_at, OrderHoldRow.id)
    )
    found: dict[str, list[Hold]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(
            Hold(
                id=row.id,
                reason=row.reason,
                owner_role=row.owner_role,
                note=row.note,
                placed_at=row.placed_at,
            )
        )
    return {order_id: tuple(holds) for order_id, holds in found.items()}


def load_tags(session: Session, order_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the tags of each order, in the alphabet's order."""
    rows = session.execute(
        sa.select(OrderTagRow.order_id, OrderTagRow.tag)
        .where(OrderTagRow.order_id.in_(order_ids))
        .order_by(OrderTagRow.order_id, OrderTagRow.tag)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row.tag)
    return {order_id: tuple(tags) for order_id, tags in found.items()}
