"""Writing and loading orders with their lines, receiver, holds and tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

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
    payment, fulfillment = _begins(new)
    status = derive_status(payment, fulfillment, holds=0)
    values = _order_values(new, order_id=order_id, now=now)
    written = session.execute(_INSERT_TELLING, values).one_or_none()
    if written is None:
        return None
    lines = _insert_lines(session, order_id, new)
    session.execute(_INSERT_RECEIVER, _receiver_row(order_id, new))
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


def insert_orders(session: Session, news: Mapping[str, NewOrder], *, now: datetime) -> bool:
    """Write new orders by their ids; False when one of their unique ids is known after all.

    Then the caller undoes its transaction.
    """
    written: sa.CursorResult[Any] = session.execute(  # type: ignore[assignment] # it has a row count
        _INSERT_MANY,
        [_order_values(new, order_id=order_id, now=now) for order_id, new in news.items()],
    )
    if written.rowcount != len(news):
        return False
    rows = [row for key, new in news.items() for row in _line_rows(key, new)]
    session.execute(_INSERT_LINES, rows)
    session.execute(_INSERT_RECEIVER, [_receiver_row(key, new) for key, new in news.items()])
    return True


def _begins(new: NewOrder) -> tuple[PaymentStatus, FulfillmentStatus]:
    if new.is_cancelled:
        return PaymentStatus.CLOSED, FulfillmentStatus.CANCELLED
    return PaymentStatus.UNPAID, FulfillmentStatus.WAITING


def _order_values(new: NewOrder, *, order_id: str, now: datetime) -> dict[str, object]:
    payment, fulfillment = _begins(new)
    return {
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
        "status": derive_status(payment, fulfillment, holds=0).value,
        "placed_at": new.placed_at,
        "cancelled_at": now if new.is_cancelled else None,
        "updated_at": now,
        **_changeable(new),
    }


def replace_content(session: Session, new: NewOrder, *, order_id: str, placed_at: datetime) -> None:
    """Put a newer version's lines, amounts and receiver in the place of the old ones."""
    session.execute(sa.update(OrderRow).where(OrderRow.id == order_id).values(**_changeable(new)))
    session.execute(sa.delete(OrderLineRow).where(OrderLineRow.order_id == order_id))
    session.execute(sa.delete(OrderReceiverRow).where(OrderReceiverRow.order_id == order_id))
    _insert_lines(session, order_id, replace(new, placed_at=placed_at))
    session.execute(_INSERT_RECEIVER, _receiver_row(order_id, new))


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
)
# By itself the row count is not kept when many rows are written at once.
_INSERT_MANY = _INSERT.execution_options(preserve_rowcount=True)
_INSERT_TELLING = _INSERT.returning(_ORDERS.c.version, _ORDERS.c.placed_at)
_INSERT_LINES = sa.insert(cast("sa.Table", OrderLineRow.__table__))
_INSERT_RECEIVER = sa.insert(cast("sa.Table", OrderReceiverRow.__table__))


def _insert_lines(session: Session, order_id: str, new: NewOrder) -> tuple[OrderLine, ...]:
    rows = _line_rows(order_id, new)
    if rows:
        session.execute(_INSERT_LINES, rows)
    return tuple(
        OrderLine(id=str(row["id"]), **asdict(line))
        for row, line in zip(rows, new.lines, strict=True)
    )


def _line_rows(order_id: str, new: NewOrder) -> list[dict[str, object]]:
    return [
        {
            **asdict(line),
            "id": new_id("line"),
            "order_id": order_id,
            "place": place,
            "placed_at": new.placed_at,
        }
        for place, line in enumerate(new.lines)
    ]


def _receiver_row(order_id: str, new: NewOrder) -> dict[str, str]:
    whom = new.receiver
    return {"order_id": order_id, "name": whom.name, "phone": whom.phone, "detail": whom.detail}


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
        _SELECT.where(where).order_by(OrderRow.placed_at.desc()).limit(1)
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
        lines=tuple(map(_line, row.lines or ())),
        holds=tuple(map(_hold, row.holds or ())),
        tags=tuple(row.tags or ()),
    )


def _line(one: dict[str, Any]) -> OrderLine:
    amounts = {name: Fen(one[name]) for name in ("unit_price_fen", "amount_fen")}
    return OrderLine(**{**one, **amounts})


def _hold(one: dict[str, Any]) -> Hold:
    return Hold(**{**one, "placed_at": datetime.fromisoformat(one["placed_at"])})


_LINE = ("id", *(field.name for field in fields(NewLine)))
_HOLD = ("id", "reason", "owner_role", "note", "placed_at")


def _objects(columns: Sequence[str], *, of: sa.Table, by: Sequence[str]) -> sa.Select[Any]:
    """Return a column with the rows of a table that belong to the order, in their order."""
    names: list[Any] = [[sa.literal_column(f"'{name}'"), of.c[name]] for name in columns]
    parts = [part for pair in names for part in pair]
    listed = sa.func.json_build_object(*parts)
    ordered = aggregate_order_by(listed, *(of.c[name] for name in by))
    return sa.select(sa.func.json_agg(ordered)).where(of.c.order_id == _ORDERS.c.id)


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
_HOLDS = cast("sa.Table", OrderHoldRow.__table__)
_TAGS = cast("sa.Table", OrderTagRow.__table__)
# One statement: an order is loaded at every step of its way.
_SELECT = sa.select(
    *_ORDERS.columns,
    _objects(_LINE, of=cast("sa.Table", OrderLineRow.__table__), by=["place"])
    .scalar_subquery()
    .label("lines"),
    _objects(_HOLD, of=_HOLDS, by=["placed_at", "id"])
    .where(_HOLDS.c.released_at.is_(None))
    .scalar_subquery()
    .label("holds"),
    sa.select(sa.func.array_agg(aggregate_order_by(_TAGS.c.tag, _TAGS.c.tag)))
    .where(_TAGS.c.order_id == _ORDERS.c.id)
    .scalar_subquery()
    .label("tags"),
)
