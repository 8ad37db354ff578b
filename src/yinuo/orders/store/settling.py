"""Many payments at once: the orders they pay, locked, and what accepting them writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from yinuo.core.arrays import array
from yinuo.core.db import Session
from yinuo.orders.model import (
    FulfillmentStatus,
    OrderState,
    Payable,
    PaymentReceived,
    PaymentStatus,
    Sourcing,
    TimelineEntry,
    derive_status,
)
from yinuo.orders.store.states import STATE_COLUMNS, lock_payment_numbers, state_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A payment that its order takes, the order after it, and the steps its timeline gets."""

    payment_id: str
    payment: PaymentReceived
    state: OrderState
    sourcing: Sourcing | None
    steps: tuple[TimelineEntry, ...]

    @property
    def warehouse(self) -> str | None:
        """Return where it is filled from, if that is decided."""
        return None if self.sourcing is None else self.sourcing.warehouse

    @property
    def carrier(self) -> str | None:
        """Return who carries it, if that is decided."""
        return None if self.sourcing is None else self.sourcing.carrier


def lock_payable(session: Session, payments: Sequence[PaymentReceived]) -> dict[str, Payable]:
    """Return by payment number the orders that wait for just this money; others are left out.

    Takes the numbers' locks, then the orders', each in one order that all processes share.
    """
    numbers = array(payment.payment_number for payment in payments)
    lock_payment_numbers(session, (payment.payment_number for payment in payments))
    transactions = array(payment.transaction_id for payment in payments)
    rows = session.execute(_LOCK_ORDERS, {"numbers": numbers, "transactions": transactions}).all()
    if not rows:
        return {}
    lines: dict[str, list[tuple[str, int]]] = {}
    for line in session.execute(_LINES, {"ids": array(row.id for row in rows)}):
        lines.setdefault(line.order_id, []).append((line.sku, line.quantity))
    return {
        row.payment_number: Payable(
            state=state_of({name: getattr(row, name) for name in STATE_COLUMNS}),
            province=row.province,
            lines=tuple(lines.get(row.id, ())),
        )
        for row in rows
    }


def write_accepted(session: Session, accepted: Sequence[Accepted], *, now: datetime) -> bool:
    """Write payments, orders and timeline; False when one of the payments is known already.

    Then the caller undoes its transaction.
    """
    steps = [(one.state.id, step) for one in accepted for step in one.steps]
    written = session.execute(
        _WRITE,
        {
            "now": now,
            "payment_id": array(one.payment_id for one in accepted),
            "provider": array(one.payment.provider for one in accepted),
            "account": array(one.payment.account for one in accepted),
            "payment_number": array(one.payment.payment_number for one in accepted),
            "transaction_id": array(one.payment.transaction_id for one in accepted),
            "amount_fen": array(one.payment.amount_fen for one in accepted),
            "told_paid_at": array(one.payment.paid_at for one in accepted),
            **_order_values(accepted),
            "step_order": array(order_id for order_id, _ in steps),
            "step_at": array(step.at for _, step in steps),
            "step_code": array(step.code for _, step in steps),
            "step_params": array(json.dumps(step.params, ensure_ascii=False) for _, step in steps),
            "step_actor": array(step.actor for _, step in steps),
            "step_key": array(step.dedupe_key for _, step in steps),
        },
    ).scalar_one()
    return int(written) == len(accepted)


def _order_values(accepted: Sequence[Accepted]) -> dict[str, object]:
    states = [one.state for one in accepted]
    return {
        "order_id": array(state.id for state in states),
        "paid_fen": array(state.paid_fen for state in states),
        "refunded_fen": array(state.refunded_fen for state in states),
        "payment_status": array(state.payment_status.value for state in states),
        "fulfillment_status": array(state.fulfillment_status.value for state in states),
        "status": array(
            derive_status(
                state.payment_status, state.fulfillment_status, holds=state.hold_count
            ).value
            for state in states
        ),
        "paid_at": array(state.paid_at for state in states),
        "reserved_at": array(state.reserved_at for state in states),
        "warehouse": array(one.warehouse for one in accepted),
        "carrier": array(one.carrier for one in accepted),
        "sourcing": array(_candidates(one.sourcing) for one in accepted),
    }


def _candidates(sourcing: Sourcing | None) -> str | None:
    if sourcing is None:
        return None
    return json.dumps(
        {"candidates": [asdict(one) for one in sourcing.candidates]}, ensure_ascii=False
    )


# The numbers' locks were waited for by a statement before this one, so it sees all that was booked.
_LOCK_ORDERS = sa.text(
    f"SELECT {', '.join('o.' + name for name in STATE_COLUMNS)}, o.province FROM orders AS o"
    f" WHERE o.payment_number = ANY (CAST(:numbers AS text[]))"
    f" AND o.payment_status = '{PaymentStatus.UNPAID.value}'"
    f" AND o.fulfillment_status = '{FulfillmentStatus.WAITING.value}'"
    " AND NOT EXISTS (SELECT 1 FROM payments AS p WHERE p.payment_number = o.payment_number)"
    " AND NOT EXISTS (SELECT 1 FROM payments AS p WHERE p.order_id = o.id)"
    " AND NOT EXISTS (SELECT 1 FROM refunds AS r WHERE r.order_id = o.id)"
    " AND NOT EXISTS"
    " (SELECT 1 FROM refunds AS r WHERE r.transaction_id = ANY (CAST(:transactions AS text[]))"
    "  AND r.payment_number = o.payment_number)"
    " ORDER BY o.id FOR UPDATE OF o"
)
_LINES = sa.text(
    "SELECT order_id, sku, quantity FROM order_lines WHERE order_id = ANY (CAST(:ids AS text[]))"
    " ORDER BY order_id, place"
)
# Payments, orders and timeline in one round trip; it tells how many payments were new.
_WRITE = sa.text(
    "WITH booked AS (INSERT INTO payments (id, provider, account, payment_number, transaction_id,"
    " amount_fen, paid_at, order_id, received_at, outcome)"
    " SELECT p.*, CAST(:now AS timestamptz), 'accepted'"
    " FROM unnest(CAST(:payment_id AS text[]), CAST(:provider AS text[]), CAST(:account AS text[]),"
    " CAST(:payment_number AS text[]), CAST(:transaction_id AS text[]),"
    " CAST(:amount_fen AS bigint[]), CAST(:told_paid_at AS timestamptz[]),"
    " CAST(:order_id AS text[])) AS p ON CONFLICT DO NOTHING RETURNING id),"
    " moved AS (UPDATE orders AS o SET paid_fen = n.paid_fen, refunded_fen = n.refunded_fen,"
    " payment_status = n.payment_status, fulfillment_status = n.fulfillment_status,"
    " status = n.status, paid_at = n.paid_at, reserved_at = n.reserved_at,"
    " warehouse = coalesce(n.warehouse, o.warehouse), carrier = coalesce(n.carrier, o.carrier),"
    " sourcing = coalesce(CAST(n.sourcing AS jsonb), o.sourcing),"
    " version = o.version + 1, updated_at = CAST(:now AS timestamptz)"
    " FROM unnest(CAST(:order_id AS text[]), CAST(:paid_fen AS bigint[]),"
    " CAST(:refunded_fen AS bigint[]), CAST(:payment_status AS text[]),"
    " CAST(:fulfillment_status AS text[]), CAST(:status AS text[]),"
    " CAST(:paid_at AS timestamptz[]), CAST(:reserved_at AS timestamptz[]),"
    " CAST(:warehouse AS text[]), CAST(:carrier AS text[]), CAST(:sourcing AS text[]))"
    " AS n (id, paid_fen, refunded_fen, payment_status, fulfillment_status, status, paid_at,"
    " reserved_at, warehouse, carrier, sourcing)"
    " WHERE o.id = n.id),"
    " noted AS (INSERT INTO order_timeline (order_id, at, code, params, actor, dedupe_key)"
    " SELECT t.order_id, t.at, t.code, CAST(t.params AS jsonb), t.actor, t.dedupe_key"
    " FROM unnest(CAST(:step_order AS text[]), CAST(:step_at AS timestamptz[]),"
    " CAST(:step_code AS text[]), CAST(:step_params AS text[]), CAST(:step_actor AS text[]),"
    " CAST(:step_key AS text[]))"
    " WITH ORDINALITY AS t (order_id, at, code, params, actor, dedupe_key, place)"
    " ORDER BY t.place ON CONFLICT (order_id, dedupe_key) DO NOTHING)"
    " SELECT count(*) FROM booked"
)
