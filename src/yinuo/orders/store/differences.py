"""In what bills and books differ."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.core.money import Fen
from yinuo.orders.model import (
    BillDay,
    Difference,
    DifferenceKind,
    DifferenceState,
    Found,
)
from yinuo.orders.tables import PaymentDifferenceRow as Row

_OPEN = DifferenceState.OPEN.value


def write(session: Session, bill: BillDay, found: Sequence[Found], *, now: datetime) -> None:
    """Write what differs now: what is known keeps its id, what had gone is open again.

    What a person accepted stays accepted, as long as its amounts are what they were then.
    """
    for one in found:
        amounts = {"bill_fen": one.bill_fen, "hub_fen": one.hub_fen}
        written = insert(Row).values(
            id=new_id("dif"),
            provider=bill.provider,
            account=bill.account,
            day=bill.day,
            kind=one.kind.value,
            payment_number=one.payment_number,
            transaction_id=one.transaction_id,
            refund_number=one.refund_number,
            state=_OPEN,
            found_at=now,
            **amounts,
        )
        session.execute(
            written.on_conflict_do_update(
                constraint="payment_differences_thing_key",
                set_={**amounts, "state": _OPEN, "closed_at": None, "repair": ""},
                where=sa.or_(
                    Row.bill_fen.is_distinct_from(one.bill_fen),
                    Row.hub_fen.is_distinct_from(one.hub_fen),
                    Row.state.in_(("repaired", "vanished")),
                ),
            )
        )


def close_gone(
    session: Session, bill: BillDay, found: Collection[Found], *, now: datetime
) -> list[Difference]:
    """Return the open differences that are there no more, closed: by a repair, or by themselves."""
    there = {(one.kind.value, one.transaction_id, one.refund_number) for one in found}
    gone = [
        one
        for one in open_of(session, bill)
        if (one.found.kind.value, one.found.transaction_id, one.found.refund_number) not in there
    ]
    for one in gone:
        state = DifferenceState.REPAIRED if one.repair else DifferenceState.VANISHED
        _close(session, one.id, state=state, note="", now=now)
    return gone


def open_of(session: Session, bill: BillDay) -> list[Difference]:
    """Return the open differences of a day, payments before refunds."""
    rows = session.execute(
        sa.select(*Row.__table__.columns)
        .where(
            Row.provider == bill.provider,
            Row.account == bill.account,
            Row.day == bill.day,
            Row.state == _OPEN,
        )
        .order_by(Row.refund_number, Row.transaction_id, Row.kind)
    )
    return [_of(row) for row in rows]


def find(session: Session, difference_id: str, *, locks: bool = False) -> Difference | None:
    """Return a difference, locked where it is to be changed."""
    query = sa.select(*Row.__table__.columns).where(Row.id == difference_id)
    row = session.execute(query.with_for_update() if locks else query).one_or_none()
    return None if row is None else _of(row)


def note_repair(session: Session, difference_id: str, *, repair: str) -> None:
    """Write what was done about a difference."""
    session.execute(sa.update(Row).where(Row.id == difference_id).values(repair=repair))


def accept(session: Session, difference_id: str, *, note: str, now: datetime) -> None:
    """Let a difference stand, with a person's reason."""
    _close(session, difference_id, state=DifferenceState.ACCEPTED, note=note, now=now)


def _close(
    session: Session, difference_id: str, *, state: DifferenceState, note: str, now: datetime
) -> None:
    session.execute(
        sa.update(Row)
        .where(Row.id == difference_id)
        .values(state=state.value, note=note, closed_at=now)
    )


def _of(row: sa.Row[*tuple[Any, ...]]) -> Difference:
    return Difference(
        id=row.id,
        bill=BillDay(provider=row.provider, account=row.account, day=row.day),
        found=Found(
            kind=DifferenceKind(row.kind),
            payment_number=row.payment_number,
            transaction_id=row.transaction_id,
            refund_number=row.refund_number,
            bill_fen=None if row.bill_fen is None else Fen(row.bill_fen),
            hub_fen=None if row.hub_fen is None else Fen(row.hub_fen),
        ),
        state=DifferenceState(row.state),
        repair=row.repair,
    )
