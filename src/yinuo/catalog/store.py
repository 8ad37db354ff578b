"""The SQL of the catalog."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.catalog.model import Bundle, BundlePart, Listing, Lookup, Sku
from yinuo.catalog.tables import BundlePartRow, ListingRow, SkuRow
from yinuo.core.db import Session

_FIELDS = tuple(field.name for field in fields(Sku))
_COLUMNS = tuple(getattr(SkuRow, name) for name in _FIELDS)


def _sku(row: Sequence[Any]) -> Sku:
    return Sku(**dict(zip(_FIELDS, row, strict=True)))


def upsert_skus(session: Session, skus: Iterable[Sku], *, now: datetime) -> None:
    """Write SKUs, in the order of their codes so that two writers cannot wait for each other."""
    rows = [asdict(sku) | {"updated_at": now} for sku in sorted(skus, key=lambda sku: sku.code)]
    statement = insert(SkuRow)
    changed = {name: statement.excluded[name] for name in (*_FIELDS[1:], "updated_at")}
    session.execute(
        statement.on_conflict_do_update(index_elements=[SkuRow.code], set_=changed), rows
    )


def find_skus(session: Session, codes: Collection[str]) -> dict[str, Sku]:
    """Return the SKUs among the codes that exist."""
    wanted = sa.select(*_COLUMNS).where(SkuRow.code == sa.any_(sa.literal(list(codes), _TEXTS)))
    return {row[0]: _sku(row) for row in session.execute(wanted)}


_TEXTS = sa.ARRAY(sa.Text)


def lock_skus(session: Session, codes: Collection[str]) -> set[str]:
    """Return the codes that exist, locked in their order until the transaction ends."""
    statement = (
        sa.select(SkuRow.code)
        .where(SkuRow.code == sa.any_(sa.literal(list(codes), _TEXTS)))
        .order_by(SkuRow.code)
        .with_for_update(key_share=True)
    )
    return set(session.execute(statement).scalars())


def all_codes(session: Session) -> set[str]:
    """Return the code of every SKU."""
    return set(session.execute(sa.select(SkuRow.code)).scalars())


def stocked_codes(session: Session) -> list[str]:
    """Return the codes of active SKUs that are no bundles, sorted."""
    bundles = sa.select(BundlePartRow.bundle)
    return list(
        session.execute(
            sa.select(SkuRow.code)
            .where(SkuRow.is_active, SkuRow.code.not_in(bundles))
            .order_by(SkuRow.code)
        ).scalars()
    )


def find_bundles(session: Session, codes: Collection[str]) -> dict[str, Bundle]:
    """Return the bundles among the codes, parts in the order in which they were given."""
    return _bundles(session, BundlePartRow.bundle == sa.any_(sa.literal(list(codes), _TEXTS)))


def all_bundles(session: Session) -> dict[str, Bundle]:
    """Return every bundle."""
    return _bundles(session, sa.true())


def _bundles(session: Session, condition: sa.ColumnElement[bool]) -> dict[str, Bundle]:
    rows = session.execute(
        sa.select(BundlePartRow.bundle, BundlePartRow.sku, BundlePartRow.quantity)
        .where(condition)
        .order_by(BundlePartRow.bundle, BundlePartRow.position)
    )
    parts: dict[str, list[BundlePart]] = {}
    for bundle, sku, quantity in rows:
        parts.setdefault(bundle, []).append(BundlePart(sku=sku, quantity=quantity))
    return {code: Bundle(code=code, parts=tuple(found)) for code, found in parts.items()}


def bundle_codes(session: Session, codes: Collection[str]) -> set[str]:
    """Return which of the codes are bundles."""
    wanted = BundlePartRow.bundle == sa.any_(sa.literal(list(codes), _TEXTS))
    return set(session.execute(sa.select(BundlePartRow.bundle).where(wanted)).scalars())


def bundles_with(session: Session, skus: Collection[str]) -> list[str]:
    """Return the codes of bundles that hold any of the SKUs, sorted."""
    wanted = BundlePartRow.sku == sa.any_(sa.literal(list(skus), _TEXTS))
    found = sa.select(BundlePartRow.bundle).where(wanted).distinct()
    return sorted(session.execute(found).scalars())


def is_part(session: Session, code: str) -> bool:
    """Tell whether the SKU is a part of some bundle."""
    found = session.execute(
        sa.select(sa.literal(1)).where(BundlePartRow.sku == code).limit(1)
    ).first()
    return found is not None


def replace_bundle(session: Session, bundle: Bundle) -> None:
    """Write the parts of a bundle in place of those that it had."""
    session.execute(sa.delete(BundlePartRow).where(BundlePartRow.bundle == bundle.code))
    session.execute(
        sa.insert(BundlePartRow),
        [
            {
                "bundle": bundle.code,
                "sku": part.sku,
                "position": position,
                "quantity": part.quantity,
            }
            for position, part in enumerate(bundle.parts)
        ],
    )


def upsert_listing(session: Session, listing: Listing) -> bool:
    """Return whether the listing is new or points somewhere else now."""
    statement = insert(ListingRow).values(
        shop_id=listing.shop_id, code=listing.code, sku=listing.sku
    )
    changed = session.execute(
        statement.on_conflict_do_update(
            index_elements=[ListingRow.shop_id, ListingRow.code],
            set_={"sku": statement.excluded.sku},
            where=ListingRow.sku != statement.excluded.sku,
        ).returning(ListingRow.sku)
    )
    return changed.first() is not None


def find_listing(session: Session, *, shop_id: str, code: str) -> Listing | None:
    """Return a shop's listing when it is there."""
    sku = session.execute(
        sa.select(ListingRow.sku).where(ListingRow.shop_id == shop_id, ListingRow.code == code)
    ).scalar_one_or_none()
    return None if sku is None else Listing(shop_id=shop_id, code=code, sku=sku)


def listings_of(session: Session, skus: Collection[str]) -> list[Listing]:
    """Return the listings that sell these SKUs, by shop and code."""
    rows = session.execute(
        sa.select(ListingRow.shop_id, ListingRow.code, ListingRow.sku)
        .where(ListingRow.sku == sa.any_(sa.literal(list(skus), _TEXTS)))
        .order_by(ListingRow.shop_id, ListingRow.code)
    )
    return [Listing(shop_id=shop_id, code=code, sku=sku) for shop_id, code, sku in rows]


# One query for all that an order needs. A listing that is mapped goes where it is mapped; one
# that is not stands for the SKU of the same code. Only active SKUs are sold.
_PARTS = ", ".join(f"part.{name}" for name in _FIELDS)
_LOOK_UP = sa.text(
    f"""
    SELECT asked.code, {", ".join(f"s.{name}" for name in _FIELDS)}, p.quantity, {_PARTS}
    FROM (SELECT DISTINCT unnest(CAST(:codes AS text[])) AS code) AS asked
    LEFT JOIN listings l ON l.shop_id = :shop_id AND l.code = asked.code
    JOIN skus s ON s.code = coalesce(l.sku, asked.code) AND s.is_active
    LEFT JOIN bundle_parts p ON p.bundle = s.code
    LEFT JOIN skus part ON part.code = p.sku
    ORDER BY asked.code, p.position
    """
)


def look_up(session: Session, *, shop_id: str, codes: Collection[str]) -> Lookup:
    """Return what the codes of a shop stand for, as far as they stand for something."""
    width = len(_FIELDS)
    sku_of: dict[str, str] = {}
    skus: dict[str, Sku] = {}
    parts: dict[str, dict[str, BundlePart]] = {}
    for row in session.execute(_LOOK_UP, {"shop_id": shop_id, "codes": list(codes)}):
        sku = _sku(row[1 : width + 1])
        sku_of[row[0]] = sku.code
        skus[sku.code] = sku
        if row[width + 1] is not None:
            part = _sku(row[width + 2 :])
            skus[part.code] = part
            parts.setdefault(sku.code, {})[part.code] = BundlePart(
                sku=part.code, quantity=row[width + 1]
            )
    bundles = {
        code: Bundle(code=code, parts=tuple(found.values())) for code, found in parts.items()
    }
    return Lookup(sku_of=sku_of, skus=skus, bundles=bundles)


def page(
    session: Session, *, query: str, category: str, after: str | None, limit: int
) -> list[Sku]:
    """Return SKUs by code from after one on; `query` is within a code or a name."""
    statement = sa.select(*_COLUMNS).order_by(SkuRow.code).limit(limit)
    if query:
        statement = statement.where(
            sa.or_(
                SkuRow.code.icontains(query, autoescape=True),
                SkuRow.name.icontains(query, autoescape=True),
                SkuRow.barcode == query,
            )
        )
    if category:
        statement = statement.where(SkuRow.category == category)
    if after is not None:
        statement = statement.where(SkuRow.code > after)
    return [_sku(row) for row in session.execute(statement)]


def categories(session: Session) -> dict[str, int]:
    """Return the categories with their numbers of SKUs."""
    rows = session.execute(
        sa.select(SkuRow.category, sa.func.count().label("skus"))
        .group_by(SkuRow.category)
        .order_by(SkuRow.category)
    )
    return {row.category: row.skus for row in rows}
