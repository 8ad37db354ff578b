"""The SQL of reading shops by windows, and of nonces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.channels.model import Window, WindowClaim
from yinuo.channels.tables import NonceRow, ShopCursorRow
from yinuo.core.db import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a shop was read: up to `watermark`, and into `window` when one is open."""

    watermark: datetime | None
    window: Window | None
    page_cursor: str | None
    claimed_until: datetime | None


def lock_cursor(session: Session, shop_id: str) -> Cursor:
    """Return the cursor of a shop, made when missing, locked until the transaction ends."""
    session.execute(insert(ShopCursorRow).values(shop_id=shop_id).on_conflict_do_nothing())
    row = session.execute(
        sa.select(
            ShopCursorRow.watermark,
            ShopCursorRow.window_since,
            ShopCursorRow.window_until,
            ShopCursorRow.page_cursor,
            ShopCursorRow.claimed_until,
        )
        .where(ShopCursorRow.shop_id == shop_id)
        .with_for_update()
    ).one()
    window = None
    if row.window_since is not None and row.window_until is not None:
        window = Window(since=row.window_since, until=row.window_until)
    return Cursor(
        watermark=row.watermark,
        window=window,
        page_cursor=row.page_cursor,
        claimed_until=row.claimed_until,
    )


def watermark(session: Session, shop_id: str) -> datetime | None:
    """Return up to when a shop was read."""
    return session.execute(
        sa.select(ShopCursorRow.watermark).where(ShopCursorRow.shop_id == shop_id)
    ).scalar_one_or_none()


def save_claim(session: Session, claim: WindowClaim, *, until: datetime) -> None:
    """Write who reads which window until when."""
    session.execute(
        sa.update(ShopCursorRow)
        .where(ShopCursorRow.shop_id == claim.shop_id)
        .values(
            window_since=claim.window.since,
            window_until=claim.window.until,
            page_cursor=claim.page_cursor,
            claim_id=claim.claim_id,
            claimed_until=until,
        )
    )


def _held(claim: WindowClaim) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return ShopCursorRow.shop_id == claim.shop_id, ShopCursorRow.claim_id == claim.claim_id


def save_progress(
    session: Session, claim: WindowClaim, *, page_cursor: str | None, until: datetime
) -> bool:
    """Return whether the claim still held, and its place in the window is written."""
    return _changed(
        session,
        sa.update(ShopCursorRow)
        .where(*_held(claim))
        .values(page_cursor=page_cursor, claimed_until=until),
    )


def close_window(session: Session, claim: WindowClaim, *, now: datetime) -> bool:
    """Return whether the claim still held, and its window is read to the end."""
    return _changed(
        session,
        sa.update(ShopCursorRow)
        .where(*_held(claim))
        .values(
            watermark=claim.window.until,
            read_at=now,
            window_since=None,
            window_until=None,
            page_cursor=None,
            claim_id=None,
            claimed_until=None,
        ),
    )


def drop_claim(session: Session, claim: WindowClaim) -> bool:
    """Return whether the claim still held, and another process may go on from its place."""
    return _changed(
        session,
        sa.update(ShopCursorRow).where(*_held(claim)).values(claim_id=None, claimed_until=None),
    )


def _changed(session: Session, statement: sa.Update) -> bool:
    return session.execute(statement.returning(ShopCursorRow.shop_id)).first() is not None


def take_nonce(
    session: Session, *, scope: str, nonce: str, expires_at: datetime, now: datetime
) -> bool:
    """Return whether the nonce was not in use; of two at once the second waits and gets False."""
    statement = insert(NonceRow).values(scope=scope, nonce=nonce, expires_at=expires_at)
    taken = session.execute(
        statement.on_conflict_do_update(
            index_elements=[NonceRow.scope, NonceRow.nonce],
            set_={"expires_at": statement.excluded.expires_at},
            where=NonceRow.expires_at <= now,
        ).returning(NonceRow.nonce)
    )
    return taken.first() is not None


_FORGET = sa.text(
    """
    DELETE FROM nonces WHERE (scope, nonce) IN
        (SELECT scope, nonce FROM nonces WHERE expires_at <= :now
         ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    """
)


def forget_nonces(session: Session, *, now: datetime, limit: int) -> int:
    """Return how many nonces were forgotten because their requests are stale anyway."""
    result: sa.CursorResult[Any] = session.execute(  # type: ignore[assignment]  # a DELETE has a row count
        _FORGET, {"now": now, "limit": limit}
    )
    return result.rowcount
