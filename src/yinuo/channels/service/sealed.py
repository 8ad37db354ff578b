"""Sealed receivers: kept, due, opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from yinuo.channels.model.sealed import Seal, SealState, next_try
from yinuo.channels.store import sealed as store
from yinuo.core.db import Session


def find_seal(session: Session, shop_id: str, number: str) -> Seal | None:
    """Return what is known of the sealed receiver of an order, by its cleaned number."""
    return store.find(session, shop_id, number)


def keep_seal(session: Session, seal: Seal, *, now: datetime) -> None:
    """Keep where a sealed receiver stands; one that waits is due after a while, longer each time."""
    store.save(session, seal, next_at=next_try(seal.tries, now=now), now=now)


def keep_new_seals(session: Session, seals: Sequence[Seal], *, now: datetime) -> None:
    """Keep where the sealed receivers of orders stand that are new in this transaction."""
    rows = [(seal, next_try(seal.tries, now=now)) for seal in seals]
    store.save_each(session, rows, now=now)


def drop_seal(session: Session, seal: Seal, *, now: datetime) -> None:
    """Keep that a receiver need not be opened any more."""
    keep_seal(session, replace(seal, state=SealState.SEALED), now=now)


def due_seals(session: Session, *, now: datetime, limit: int = 50) -> list[Seal]:
    """Return the receivers of paid orders that are to be opened now."""
    return store.due(session, now=now, limit=limit)


def waiting_seals(session: Session) -> int:
    """Return how many receivers of paid orders could not be opened yet."""
    return store.count(session, SealState.WAITING)
