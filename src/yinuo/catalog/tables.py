"""Tables of the catalog: SKUs, the parts of bundles, and listings."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core.db import Base


class SkuRow(Base):
    """One SKU; a bundle is a SKU with rows in `bundle_parts`."""

    __tablename__ = "skus"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    unit: Mapped[str]
    price_fen: Mapped[int]
    weight_grams: Mapped[int]
    barcode: Mapped[str | None]
    is_gift: Mapped[bool]
    needs_erp_check: Mapped[bool]
    is_active: Mapped[bool]
    category: Mapped[str]
    family: Mapped[str]
    variant: Mapped[str]
    image: Mapped[str | None]
    updated_at: Mapped[datetime]
    __table_args__ = (
        sa.CheckConstraint("price_fen >= 0", name="price"),
        sa.CheckConstraint("weight_grams >= 0", name="weight"),
    )


class BundlePartRow(Base):
    """So many units of a SKU in a bundle."""

    __tablename__ = "bundle_parts"
    bundle: Mapped[str] = mapped_column(sa.ForeignKey("skus.code"), primary_key=True)
    sku: Mapped[str] = mapped_column(sa.ForeignKey("skus.code"), primary_key=True, index=True)
    position: Mapped[int]
    quantity: Mapped[int]
    __table_args__ = (
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000", name="quantity"),
        sa.CheckConstraint("bundle <> sku", name="contains_itself"),
    )


class ListingRow(Base):
    """A shop's product and the SKU that it sells."""

    __tablename__ = "listings"
    shop_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(sa.ForeignKey("skus.code"), index=True)
