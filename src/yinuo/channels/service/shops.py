"""Shops."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from yinuo.channels.events import ShopSaved
from yinuo.channels.model import (
    BadShop,
    Sharing,
    Shop,
    ShopChanged,
    ShopExists,
    ShopRecord,
    UnknownShop,
    sharing_problems,
    shop_problems,
)
from yinuo.channels.store import shops as store
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.outbox import announce
from yinuo.inventory import service as inventory


def save_shop(session: Session, shop: Shop) -> Shop:
    """Return the shop as it stands now; by its id, and its channel never changes.

    Whatever version stood before; its rules of sharing stay, and so does observing. Raises BadShop with every wrong
    field.
    """
    problems = shop_problems(shop)
    before = store.find(session, shop.id) if not problems else None
    if before is not None and before.channel is not shop.channel:
        problems = ["channel"]
    if problems:
        raise BadShop(problems=list[JsonValue](problems))
    if before is not None:
        shop = replace(shop, is_observing=before.is_observing, observed_from=before.observed_from)
    if before != shop:
        store.upsert(session, shop, now=clock.now())
        _tell(session, shop)
    return shop


def add_shop(
    session: Session, shop: Shop, *, sharing: Sharing, by: str, now: datetime
) -> ShopRecord:
    """Return a new shop with its rules, observed only where it says so.

    Raises ShopExists, BadShop with every wrong field.
    """
    _check(session, shop, sharing)
    store.lock(session, shop.id)
    if store.find(session, shop.id) is not None:
        raise ShopExists(shop_id=shop.id)
    store.upsert(session, shop, changed_by=by, now=now)
    store.replace_sharing(session, shop.id, sharing)
    if shop.is_observing:
        store.set_observing(session, shop.id, is_observing=True, changed_by=by, now=now)
    _tell(session, shop)
    return load_record(session, shop.id)


def change_shop(
    session: Session, shop: Shop, *, sharing: Sharing, version: int, by: str, now: datetime
) -> ShopRecord:
    """Return the shop and its rules as they stand now; what is the same already changes nothing.

    `version` is the one that the editor read; observing changes by `set_observing` alone. Raises
    ShopChanged when another version stands that says something else, UnknownShop, and BadShop
    with every wrong field.
    """
    _check(session, shop, sharing)
    store.lock(session, shop.id)
    before = load_record(session, shop.id)
    stood = before.shop
    if stood.channel is not shop.channel:
        raise BadShop(problems=["channel"])
    shop = replace(shop, is_observing=stood.is_observing, observed_from=stood.observed_from)
    if (stood, before.sharing) == (shop, sharing):
        return before
    _expect(before, version)
    store.upsert(session, shop, changed_by=by, now=now)
    store.replace_sharing(session, shop.id, sharing)
    _tell(session, shop)
    return load_record(session, shop.id)


def set_observing(
    session: Session, shop_id: str, *, is_observing: bool, version: int, by: str, now: datetime
) -> ShopRecord:
    """Return the shop, only observed from now on or no longer; a repeat changes nothing.

    Orders that came in before keep what they are. Raises ShopChanged, UnknownShop.
    """
    store.lock(session, shop_id)
    before = load_record(session, shop_id)
    if before.shop.is_observing is is_observing:
        return before
    _expect(before, version)
    store.set_observing(session, shop_id, is_observing=is_observing, changed_by=by, now=now)
    _tell(session, before.shop)
    return load_record(session, shop_id)


def _expect(record: ShopRecord, version: int) -> None:
    if record.version != version:
        raise ShopChanged(
            shop_id=record.shop.id, version=record.version, changed_by=record.changed_by or "-"
        )


def _check(session: Session, shop: Shop, sharing: Sharing) -> None:
    problems = [*shop_problems(shop), *sharing_problems(sharing)]
    known = {one.code for one in inventory.load_warehouses(session)}
    unknown = [f"warehouse:{code}" for code in shop.settings.warehouses if code not in known]
    if problems or unknown:
        raise BadShop(problems=list[JsonValue]([*problems, *unknown]))


def _tell(session: Session, shop: Shop) -> None:
    announce(
        session,
        ShopSaved(shop_id=shop.id, channel=shop.channel.value, is_active=shop.is_active),
    )


def load_shop(session: Session, shop_id: str) -> Shop:
    """Return a shop, active or not; raises UnknownShop."""
    shop = store.find(session, shop_id) if shop_id.isprintable() else None
    if shop is None:
        raise UnknownShop(shop_id=shop_id[:40])
    return shop


def load_record(session: Session, shop_id: str) -> ShopRecord:
    """Return a shop with its rules of sharing and its version; raises UnknownShop."""
    found = store.records(session, [shop_id]) if shop_id.isprintable() else []
    if not found:
        raise UnknownShop(shop_id=shop_id[:40])
    return found[0]


def load_active_shop(session: Session, shop_id: str) -> Shop:
    """Return a shop that takes orders; raises UnknownShop for one that is switched off too."""
    shop = load_shop(session, shop_id)
    if not shop.is_active:
        raise UnknownShop(shop_id=shop_id[:40])
    return shop


def list_shops(session: Session) -> list[Shop]:
    """Return all shops by id."""
    return store.every(session)


def list_records(session: Session) -> list[ShopRecord]:
    """Return all shops with their rules of sharing, by id."""
    return store.records(session)
