"""Reading a shop by windows of time, and nonces that are good once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from yinuo.channels.model import (
    NONCE_LIFE,
    WINDOW_RULES,
    ClaimLost,
    NonceSeen,
    WindowClaim,
    check_nonce,
    next_window,
)
from yinuo.channels.service.shops import load_active_shop
from yinuo.channels.store import reading as store
from yinuo.core.db import Session
from yinuo.core.ids import new_id


def claim_window(
    session: Session, shop_id: str, *, now: datetime, lease_seconds: int = 120
) -> WindowClaim | None:
    """Return the stretch of time that the caller reads now, or None when there is nothing to do.

    Nothing is to do while another process reads the shop, or nothing new is due. A window that
    was left unfinished comes first and goes on at its page. Raises UnknownShop.
    """
    shop = load_active_shop(session, shop_id)
    cursor = store.lock_cursor(session, shop_id)
    if cursor.claimed_until is not None and cursor.claimed_until > now:
        return None
    window = cursor.window or next_window(
        WINDOW_RULES[shop.channel], watermark=cursor.watermark, now=now
    )
    if window is None:
        return None
    claim = WindowClaim(
        shop_id=shop_id,
        claim_id=new_id("clm"),
        window=window,
        page_cursor=cursor.page_cursor if cursor.window else None,
    )
    store.save_claim(session, claim, until=now + timedelta(seconds=lease_seconds))
    return claim


def read_until(session: Session, shop_id: str) -> datetime | None:
    """Return up to when a shop's orders were read without a gap; None when never."""
    return store.watermark(session, shop_id)


def save_page(
    session: Session,
    claim: WindowClaim,
    *,
    page_cursor: str | None,
    now: datetime,
    lease_seconds: int = 120,
) -> WindowClaim:
    """Return the claim at its next page, to be called in the transaction that keeps the page.

    Raises ClaimLost when another process has taken the window over.
    """
    until = now + timedelta(seconds=lease_seconds)
    if not store.save_progress(session, claim, page_cursor=page_cursor, until=until):
        raise ClaimLost(shop_id=claim.shop_id)
    return replace(claim, page_cursor=page_cursor)


def finish_window(session: Session, claim: WindowClaim, *, now: datetime) -> None:
    """Keep that the window is read to its end; raises ClaimLost when it is not the caller's."""
    if not store.close_window(session, claim, now=now):
        raise ClaimLost(shop_id=claim.shop_id)


def give_up_window(session: Session, claim: WindowClaim) -> bool:
    """Return whether the claim was still held; another process may go on from its page at once."""
    return store.drop_claim(session, claim)


def use_nonce(session: Session, *, scope: str, nonce: str, now: datetime) -> None:
    """Keep that the nonce is used within the scope, such as a shop's id.

    Raises BadNonce for a wrong form and NonceSeen for a second use within 15 minutes.
    """
    check_nonce(nonce)
    if not store.take_nonce(
        session, scope=scope, nonce=nonce, expires_at=now + NONCE_LIFE, now=now
    ):
        raise NonceSeen


def forget_nonces(session: Session, *, now: datetime, limit: int = 10_000) -> int:
    """Return how many expired nonces were forgotten now."""
    return store.forget_nonces(session, now=now, limit=limit)
