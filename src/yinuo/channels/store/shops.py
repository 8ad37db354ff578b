"""The SQL of shops."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.channels.model import Channel, ReserveOn, Shop, ShopSettings
from yinuo.channels.tables import ShopRow
from yinuo.core.db import Session

_COLUMNS = (
    ShopRow.id,
    ShopRow.channel,
    ShopRow.name,
    ShopRow.reserve_on,
    ShopRow.ttl_seconds,
    ShopRow.is_active,
)


def _shop(row: sa.Row[str, str, str, str, int, bool]) -> Shop:
    return Shop(
        id=row.id,
        channel=Channel(row.channel),
        name=row.name,
        settings=ShopSettings(reserve_on=ReserveOn(row.reserve_on), ttl_seconds=row.ttl_seconds),
        is_active=row.is_active,
    )


def upsert(session: Session, shop: Shop) -> None:
    """Write a shop; its channel never changes."""
    statement = insert(ShopRow).values(
        id=shop.id,
        channel=shop.channel.value,
        name=shop.name.strip(),
        reserve_on=shop.settings.reserve_on.value,
        ttl_seconds=shop.settings.ttl_seconds,
        is_active=shop.is_active,
    )
    changed = {
        name: statement.excluded[name]
        for name in ("name", "reserve_on", "ttl_seconds", "is_active")
    }
    session.execute(statement.on_conflict_do_update(index_elements=[ShopRow.id], set_=changed))


def find(session: Session, shop_id: str) -> Shop | None:
    """Return a shop when it exists."""
    row = session.execute(sa.select(*_COLUMNS).where(ShopRow.id == shop_id)).first()
    return None if row is None else _shop(row)


def every(session: Session) -> list[Shop]:
    """Return all shops by id."""
    return [_shop(row) for row in session.execute(sa.select(*_COLUMNS).order_by(ShopRow.id))]
