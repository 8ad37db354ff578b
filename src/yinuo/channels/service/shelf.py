"""What pages are told of stock, again and again: units are read, what rarely changes is kept."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from yinuo.catalog import service as catalog
from yinuo.channels.model import Goods, ShopRecord, shown
from yinuo.channels.service.sharing import NOWHERE, goods_of, stock_of
from yinuo.channels.service.shops import load_record
from yinuo.core.db import Session
from yinuo.inventory import service as inventory

MOST_KEPT = 50_000
ShopId = str | None


@dataclass(slots=True)
class _Kept:
    """Goods, bundles, rules and warehouses as they were read since the last `forget`."""

    goods: dict[str, Goods] = field(default_factory=dict)
    bundles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    records: dict[ShopId, ShopRecord] = field(default_factory=dict)
    active: frozenset[str] | None = None


class Shelf:
    """The sellable units of SKUs for pages that watch them; one a process, for many threads.

    Whoever hears that the catalog, a warehouse or a shop changed calls `forget`; what was being
    read at that moment is not kept either.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept = _Kept()

    def forget(self) -> None:
        """Have everything read anew."""
        with self._guard:
            self._kept = _Kept()

    def figures(
        self, session: Session, watched: Mapping[ShopId, Collection[str]], *, now: datetime
    ) -> dict[ShopId, dict[str, int]]:
        """Return the units that each shop (None: no certain one) shows of its SKUs and bundles.

        The same as `sellable` of each. Raises UnknownShop.
        """
        kept = self._kept
        goods = self._goods(session, kept, {sku for skus in watched.values() for sku in skus})
        active = self._active(session, kept)
        records = {shop_id: self._record(session, kept, shop_id) for shop_id in watched}
        parts = {part for sku in goods for part in goods[sku].parts} | set(goods)
        stock = stock_of(session, parts, now=now) if parts else {}
        return {
            shop_id: {
                sku: shown(
                    goods[sku],
                    sharing=record.sharing,
                    warehouses=[code for code in active if record.shop.settings.may_serve(code)],
                    stock=stock,
                    known=goods,
                ).quantity
                if record.shop.is_active
                else 0
                for sku in watched[shop_id]
            }
            for shop_id, record in records.items()
        }

    def with_bundles(self, session: Session, skus: Collection[str]) -> list[str]:
        """Return the SKUs and the bundles that hold them, sorted."""
        kept = self._kept
        found = set(skus)
        for sku in skus:
            bundles = kept.bundles.get(sku)
            if bundles is None:
                bundles = tuple(catalog.bundles_with(session, [sku]))
                kept.bundles[sku] = bundles
            found.update(bundles)
        return sorted(found)

    def _goods(self, session: Session, kept: _Kept, skus: Collection[str]) -> dict[str, Goods]:
        if len(kept.goods) > MOST_KEPT:
            kept.goods.clear()  # anybody may ask for codes that do not exist
            kept.bundles.clear()
        unknown = [sku for sku in skus if sku not in kept.goods]
        if unknown:
            kept.goods.update(goods_of(session, unknown))
        wanted = {sku: kept.goods[sku] for sku in skus}
        parts = {part for one in wanted.values() for part in one.parts}
        return wanted | {part: kept.goods[part] for part in parts}

    def _active(self, session: Session, kept: _Kept) -> frozenset[str]:
        if kept.active is None:
            warehouses = inventory.load_warehouses(session)
            kept.active = frozenset(one.code for one in warehouses if one.is_active)
        return kept.active

    def _record(self, session: Session, kept: _Kept, shop_id: ShopId) -> ShopRecord:
        if shop_id is None:
            return NOWHERE
        if shop_id not in kept.records:
            kept.records[shop_id] = load_record(session, shop_id)
        return kept.records[shop_id]
