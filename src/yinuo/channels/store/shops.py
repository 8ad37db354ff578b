"""The SQL of shops and their rules of sharing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.channels.model import (
    Channel,
    ReserveOn,
    RuleScope,
    ShareRule,
    Sharing,
    Shop,
    ShopRecord,
    ShopSettings,
)
from yinuo.channels.tables import ShareRuleRow, ShopRow
from yinuo.core.db import Session

_CHANGING = ("name", "reserve_on", "ttl_seconds", "is_active", "warehouses", "in_order")


def _shop(row: ShopRow | sa.Row[Any]) -> Shop:
    return Shop(
        id=row.id,
        channel=Channel(row.channel),
        name=row.name,
        settings=ShopSettings(
            reserve_on=ReserveOn(row.reserve_on),
            ttl_seconds=row.ttl_seconds,
            warehouses=tuple(row.warehouses),
            in_order=row.in_order,
        ),
        is_active=row.is_active,
        is_observing=row.is_observing,
        observed_from=row.observed_from,
    )


def upsert(session: Session, shop: Shop, *, changed_by: str = "", now: datetime) -> None:
    """Write a shop under its next version; neither its channel nor observing changes here."""
    statement = insert(ShopRow).values(
        id=shop.id,
        channel=shop.channel.value,
        name=shop.name.strip(),
        reserve_on=shop.settings.reserve_on.value,
        ttl_seconds=shop.settings.ttl_seconds,
        is_active=shop.is_active,
        warehouses=list(shop.settings.warehouses),
        in_order=shop.settings.in_order,
        changed_at=now,
        changed_by=changed_by,
    )
    changed = {name: statement.excluded[name] for name in (*_CHANGING, "changed_at", "changed_by")}
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[ShopRow.id], set_={**changed, "version": ShopRow.version + 1}
        )
    )


def set_observing(
    session: Session, shop_id: str, *, is_observing: bool, changed_by: str, now: datetime
) -> None:
    """Write whether a shop is only observed, under its next version."""
    session.execute(
        sa.update(ShopRow)
        .where(ShopRow.id == shop_id)
        .values(
            is_observing=is_observing,
            observed_from=sa.func.coalesce(ShopRow.observed_from, now if is_observing else None),
            version=ShopRow.version + 1,
            changed_at=now,
            changed_by=changed_by,
        )
    )


def find(session: Session, shop_id: str) -> Shop | None:
    """Return a shop when it exists."""
    row = session.execute(_FIND, {"shop_id": shop_id}).one_or_none()
    return None if row is None else _shop(row)


_FIND = sa.select(*ShopRow.__table__.columns).where(ShopRow.id == sa.bindparam("shop_id"))


def every(session: Session) -> list[Shop]:
    """Return all shops by id."""
    statement = sa.select(ShopRow).order_by(ShopRow.id).execution_options(populate_existing=True)
    return [_shop(row) for row in session.execute(statement).scalars()]


def lock(session: Session, shop_id: str) -> None:
    """Keep other editors of the shop away until the transaction ends, whether it exists or not."""
    session.execute(_LOCK, {"shop_id": shop_id})


_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('shop:' || :shop_id, 0))")


def records(session: Session, shop_ids: Collection[str] | None = None) -> list[ShopRecord]:
    """Return shops with their rules by id: those named, or all."""
    statement = sa.select(ShopRow).order_by(ShopRow.id).execution_options(populate_existing=True)
    if shop_ids is not None:
        statement = statement.where(ShopRow.id.in_(list(shop_ids)))
    rows = session.execute(statement).scalars().all()
    rules = sharing_of(session, [row.id for row in rows])
    return [
        ShopRecord(
            shop=_shop(row),
            sharing=rules[row.id],
            version=row.version,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
        )
        for row in rows
    ]


def sharing_of(session: Session, shop_ids: Collection[str]) -> dict[str, Sharing]:
    """Return the rules of each shop."""
    found: dict[str, dict[tuple[RuleScope, str], ShareRule]] = {one: {} for one in shop_ids}
    statement = sa.select(
        ShareRuleRow.shop_id,
        ShareRuleRow.scope,
        ShareRuleRow.key,
        ShareRuleRow.percent,
        ShareRuleRow.buffer,
        ShareRuleRow.most,
    ).where(ShareRuleRow.shop_id.in_(list(shop_ids)))
    for row in session.execute(statement.order_by(ShareRuleRow.scope, ShareRuleRow.key)):
        rule = ShareRule(percent=row.percent, buffer=row.buffer, most=row.most)
        found[row.shop_id][RuleScope(row.scope), row.key] = rule
    return {shop_id: _sharing(rules) for shop_id, rules in found.items()}


def _sharing(rules: Mapping[tuple[RuleScope, str], ShareRule]) -> Sharing:
    def of(wanted: RuleScope) -> dict[str, ShareRule]:
        return {key: rule for (scope, key), rule in rules.items() if scope is wanted}

    return Sharing(
        rule=rules.get((RuleScope.SHOP, ""), ShareRule()),
        by_category=of(RuleScope.CATEGORY),
        by_sku=of(RuleScope.SKU),
    )


def replace_sharing(session: Session, shop_id: str, sharing: Sharing) -> None:
    """Write a shop's rules in place of those that it had."""
    session.execute(sa.delete(ShareRuleRow).where(ShareRuleRow.shop_id == shop_id))
    rules = [(RuleScope.SHOP, "", sharing.rule)]
    rules += [(RuleScope.CATEGORY, key, rule) for key, rule in sharing.by_category.items()]
    rules += [(RuleScope.SKU, key, rule) for key, rule in sharing.by_sku.items()]
    session.execute(
        sa.insert(ShareRuleRow),
        [
            {
                "shop_id": shop_id,
                "scope": scope.value,
                "key": key,
                "percent": rule.percent,
                "buffer": rule.buffer,
                "most": rule.most,
            }
            for scope, key, rule in rules
        ],
    )
