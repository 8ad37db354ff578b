"""The SQL of sealed receivers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.channels.model.sealed import Seal, SealState, digest
from yinuo.channels.tables import SealedReceiverRow
from yinuo.connectors.protocols import SealedReceiver
from yinuo.core.db import Session


def find(session: Session, shop_id: str, number: str) -> Seal | None:
    """Return what is known of an order's sealed receiver."""
    found = session.execute(
        _SEALS.where(SealedReceiverRow.shop_id == shop_id, SealedReceiverRow.number == number)
    ).one_or_none()
    return _seal(found) if found else None


def save(session: Session, seal: Seal, *, next_at: datetime, now: datetime) -> None:
    """Write where a sealed receiver stands."""
    values = {
        "raw_number": seal.raw_number,
        "digest": digest(seal.sealed),
        "name": seal.sealed.name,
        "phone": seal.sealed.phone,
        "detail": seal.sealed.detail,
        "state": seal.state.value,
        "tries": seal.tries,
        "next_at": next_at,
        "opened_at": now if seal.state is SealState.OPEN else None,
    }
    session.execute(
        insert(SealedReceiverRow)
        .values(shop_id=seal.shop_id, number=seal.number, **values)
        .on_conflict_do_update(index_elements=["shop_id", "number"], set_=values)
    )


def due(session: Session, *, now: datetime, limit: int) -> list[Seal]:
    """Return receivers that are to be opened now, the longest due first."""
    found = session.execute(
        _SEALS.where(
            SealedReceiverRow.state == SealState.WAITING.value, SealedReceiverRow.next_at <= now
        )
        .order_by(SealedReceiverRow.next_at)
        .limit(limit)
    )
    return [_seal(row) for row in found]


def count(session: Session, state: SealState) -> int:
    """Return how many sealed receivers stand there."""
    return session.execute(
        sa.select(sa.func.count()).where(SealedReceiverRow.state == state.value)
    ).scalar_one()


_SEALS = sa.select(
    SealedReceiverRow.shop_id,
    SealedReceiverRow.number,
    SealedReceiverRow.raw_number,
    SealedReceiverRow.name,
    SealedReceiverRow.phone,
    SealedReceiverRow.detail,
    SealedReceiverRow.state,
    SealedReceiverRow.tries,
)


def _seal(row: sa.Row[str, str, str, str, str, str, str, int]) -> Seal:
    return Seal(
        shop_id=row.shop_id,
        number=row.number,
        raw_number=row.raw_number,
        sealed=SealedReceiver(name=row.name, phone=row.phone, detail=row.detail),
        state=SealState(row.state),
        tries=row.tries,
    )
