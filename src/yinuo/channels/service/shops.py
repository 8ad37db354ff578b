"""Shops."""

from __future__ import annotations

from yinuo.channels.events import ShopSaved
from yinuo.channels.model import BadShop, Shop, UnknownShop, shop_problems
from yinuo.channels.store import shops as store
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.outbox import announce


def save_shop(session: Session, shop: Shop) -> Shop:
    """Return the shop as it stands now; by its id, and its channel never changes.

    Raises BadShop with every wrong field.
    """
    problems = shop_problems(shop)
    before = store.find(session, shop.id) if not problems else None
    if before is not None and before.channel is not shop.channel:
        problems = ["channel"]
    if problems:
        raise BadShop(problems=list[JsonValue](problems))
    if before != shop:
        store.upsert(session, shop)
        announce(
            session,
            ShopSaved(shop_id=shop.id, channel=shop.channel.value, is_active=shop.is_active),
        )
    return shop


def load_shop(session: Session, shop_id: str) -> Shop:
    """Return a shop, active or not; raises UnknownShop."""
    shop = store.find(session, shop_id) if shop_id.isprintable() else None
    if shop is None:
        raise UnknownShop(shop_id=shop_id[:40])
    return shop


def load_active_shop(session: Session, shop_id: str) -> Shop:
    """Return a shop that takes orders; raises UnknownShop for one that is switched off too."""
    shop = load_shop(session, shop_id)
    if not shop.is_active:
        raise UnknownShop(shop_id=shop_id[:40])
    return shop


def list_shops(session: Session) -> list[Shop]:
    """Return all shops by id."""
    return store.every(session)
