"""Payments and refunds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.core.db import Session
from yinuo.core.money import Fen
from yinuo.orders.model import (
    GivenBack,
    Money,
    PaymentOutcome,
    PaymentReceived,
    RefundReceived,
    RefundStatus,
    refund_amounts,
)
from yinuo.orders.tables import PaymentRow, RefundRow


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPayment:
    """A payment as it stands in the books."""

    id: str
    order_id: str | None
    outcome: PaymentOutcome
    received: PaymentReceived


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRefund:
    """A refund as it stands in the books."""

    id: str
    order_id: str | None
    payment_id: str | None
    amount_fen: Fen
    so_far_fen: Fen | None
    status: RefundStatus


def insert_payment(
    session: Session, payment: PaymentReceived, *, payment_id: str, now: datetime
) -> bool:
    """Write a payment as parked; False when its transaction is known already."""
    written = session.execute(
        insert(PaymentRow)
        .values(
            id=payment_id,
            provider=payment.provider,
            account=payment.account,
            payment_number=payment.payment_number,
            transaction_id=payment.transaction_id,
            amount_fen=payment.amount_fen,
            paid_at=payment.paid_at,
            received_at=now,
            order_id=None,
            outcome=PaymentOutcome.ORDER_UNKNOWN.value,
        )
        .on_conflict_do_nothing(index_elements=["provider", "account", "transaction_id"])
        .returning(PaymentRow.id)
    ).scalar_one_or_none()
    return written is not None


def find_payment(
    session: Session, *, provider: str, account: str, transaction_id: str
) -> KeptPayment | None:
    """Return the payment of a transaction."""
    row = session.execute(_payment_query(provider, account, transaction_id)).one_or_none()
    return None if row is None else _payment_of(row)


def known_payment(session: Session, payment: PaymentReceived) -> KeptPayment:
    """Return the payment in the books that this telling is about; it is known to exist."""
    query = _payment_query(payment.provider, payment.account, payment.transaction_id)
    return _payment_of(session.execute(query).one())


def _payment_query(provider: str, account: str, transaction_id: str) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*PaymentRow.__table__.columns).where(
        PaymentRow.provider == provider,
        PaymentRow.account == account,
        PaymentRow.transaction_id == transaction_id,
    )


def parked_payments(session: Session, payment_number: str) -> list[KeptPayment]:
    """Return the payments that wait for the order of this number, in the order of paying."""
    return [_payment_of(row) for row in session.execute(_PARKED, {"number": payment_number})]


_PARKED = (
    sa.select(*PaymentRow.__table__.columns)
    .where(
        PaymentRow.__table__.c.payment_number == sa.bindparam("number"),
        PaymentRow.__table__.c.order_id.is_(None),
    )
    .order_by(PaymentRow.__table__.c.paid_at, PaymentRow.__table__.c.id)
)


def settle_payment(
    session: Session, payment_id: str, *, order_id: str, outcome: PaymentOutcome
) -> None:
    """Give a payment its order and what it did to it."""
    session.execute(
        sa.update(PaymentRow)
        .where(PaymentRow.id == payment_id)
        .values(order_id=order_id, outcome=outcome.value)
    )


def books_of(session: Session, order_id: str) -> list[Money]:
    """Return the payments of an order with what of each went back."""
    rows = session.execute(
        sa.select(PaymentRow.outcome, PaymentRow.amount_fen, PaymentRow.refunded_fen).where(
            PaymentRow.order_id == order_id
        )
    )
    return [
        Money(
            outcome=PaymentOutcome(row.outcome),
            amount_fen=Fen(row.amount_fen),
            refunded_fen=Fen(row.refunded_fen),
        )
        for row in rows
    ]


def insert_refund(
    session: Session, refund: RefundReceived, *, refund_id: str, now: datetime
) -> bool:
    """Write a refund as parked; False when it is known already."""
    written = session.execute(
        insert(RefundRow)
        .values(
            id=refund_id,
            provider=refund.provider,
            account=refund.account,
            refund_id=refund.refund_id,
            out_refund_number=refund.out_refund_number,
            payment_number=refund.payment_number,
            transaction_id=refund.transaction_id,
            amount_fen=refund.amount_fen,
            so_far_fen=refund.so_far_fen,
            status=refund.status.value,
            refunded_at=refund.refunded_at,
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=["provider", "account", "refund_id"])
        .returning(RefundRow.id)
    ).scalar_one_or_none()
    return written is not None


def find_refund(session: Session, refund: RefundReceived) -> KeptRefund:
    """Return the refund in the books that this telling is about."""
    row = session.execute(
        sa.select(*RefundRow.__table__.columns).where(
            RefundRow.provider == refund.provider,
            RefundRow.account == refund.account,
            RefundRow.refund_id == refund.refund_id,
        )
    ).one()
    return _refund_of(row)


def learn_refund(session: Session, kept: KeptRefund, refund: RefundReceived) -> bool:
    """Add what this telling knows and the books do not: the exact amount, and when; True if any.

    An exact amount takes the place of a sum so far, never the other way round.
    """
    knows_amount = kept.so_far_fen is not None and refund.so_far_fen is None
    values: dict[str, object] = {}
    if knows_amount:
        values |= {"amount_fen": refund.amount_fen, "so_far_fen": None}
    if refund.refunded_at is not None:
        values |= {"refunded_at": sa.func.coalesce(RefundRow.refunded_at, refund.refunded_at)}
    if values:
        session.execute(sa.update(RefundRow).where(RefundRow.id == kept.id).values(values))
    return knows_amount


def parked_refunds(session: Session, payment: PaymentReceived) -> list[KeptRefund]:
    """Return the refunds that came before the payment they give back."""
    rows = session.execute(
        sa.select(*RefundRow.__table__.columns)
        .where(
            RefundRow.transaction_id == payment.transaction_id,
            RefundRow.provider == payment.provider,
            RefundRow.account == payment.account,
            RefundRow.order_id.is_(None),
        )
        .order_by(RefundRow.id)
    )
    return [_refund_of(row) for row in rows]


def save_refund(
    session: Session, kept_id: str, *, status: RefundStatus, payment: KeptPayment | None
) -> None:
    """Write a refund's status, its payment and order, and the payment's sum of refunds."""
    written = session.execute(
        sa.update(RefundRow)
        .where(RefundRow.id == kept_id)
        .values(
            status=status.value,
            payment_id=payment.id if payment else None,
            order_id=payment.order_id if payment else None,
        )
        .returning(RefundRow.provider, RefundRow.account, RefundRow.transaction_id)
    ).one()
    _settle_amounts(session, written)
    if payment is not None:
        session.execute(
            sa.update(PaymentRow)
            .where(PaymentRow.id == payment.id)
            .values(refunded_fen=_refunded_of(payment.id))
        )


def _settle_amounts(session: Session, of: sa.Row[*tuple[Any, ...]]) -> None:
    """Write what each refund of a payment gave back, from all of them that are known."""
    rows = session.execute(
        sa.select(
            RefundRow.id,
            sa.func.coalesce(RefundRow.refunded_at, RefundRow.received_at).label("at"),
            RefundRow.amount_fen,
            RefundRow.so_far_fen,
        ).where(
            RefundRow.transaction_id == of.transaction_id,
            RefundRow.provider == of.provider,
            RefundRow.account == of.account,
            RefundRow.status == RefundStatus.SUCCESS.value,
        )
    ).all()
    amounts = refund_amounts(
        [
            GivenBack(
                id=row.id,
                at=row.at,
                amount_fen=Fen(row.amount_fen),
                so_far_fen=None if row.so_far_fen is None else Fen(row.so_far_fen),
            )
            for row in rows
        ]
    )
    for row in rows:
        if amounts[row.id] != row.amount_fen:
            session.execute(
                sa.update(RefundRow)
                .where(RefundRow.id == row.id)
                .values(amount_fen=amounts[row.id])
            )


def _refunded_of(payment_id: str) -> sa.ScalarSelect[int]:
    """Recompute from the refunds themselves: telling a refund twice changes nothing."""
    return (
        sa.select(sa.cast(sa.func.coalesce(sa.func.sum(RefundRow.amount_fen), 0), sa.BigInteger()))
        .where(RefundRow.payment_id == payment_id, RefundRow.status == RefundStatus.SUCCESS.value)
        .scalar_subquery()
    )


def _payment_of(row: sa.Row[*tuple[Any, ...]]) -> KeptPayment:
    return KeptPayment(
        id=row.id,
        order_id=row.order_id,
        outcome=PaymentOutcome(row.outcome),
        received=PaymentReceived(
            provider=row.provider,
            account=row.account,
            payment_number=row.payment_number,
            transaction_id=row.transaction_id,
            amount_fen=Fen(row.amount_fen),
            paid_at=row.paid_at,
        ),
    )


def _refund_of(row: sa.Row[*tuple[Any, ...]]) -> KeptRefund:
    return KeptRefund(
        id=row.id,
        order_id=row.order_id,
        payment_id=row.payment_id,
        amount_fen=Fen(row.amount_fen),
        so_far_fen=None if row.so_far_fen is None else Fen(row.so_far_fen),
        status=RefundStatus(row.status),
    )
