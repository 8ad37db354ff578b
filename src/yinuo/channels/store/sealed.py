"""The SQL of sealed receivers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

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
    save_each(session, [(seal, next_at)], now=now)


def save_each(session: Session, seals: Sequence[tuple[Seal, datetime]], *, now: datetime) -> None:
    """Write where sealed receivers stand, each with when it is to be tried next."""
    rows = [
        {
            "shop_id": seal.shop_id,
            "number": seal.number,
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
        for seal, next_at in seals
    ]
    session.execute(_SAVE, rows)


_KEY = ("shop_id", "number")
_FRESH = insert(cast("sa.Table", SealedReceiverRow.__table__))
_SAVE = _FRESH.on_conflict_do_update(
    index_elements=_KEY,
    set_={
        name: _FRESH.excluded[name]
        for name in (
            "raw_number",
            "digest",
            "name",
            "phone",
            "detail",
            "state",
            "tries",
            "next_at",
            "opened_at",
        )
    },
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
