"""Tables of catalog."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_catalog"
down_revision = "0001_core"


def upgrade() -> None:
    op.create_table(
        "skus",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("price_fen", sa.BigInteger, nullable=False),
        sa.Column("weight_grams", sa.BigInteger, nullable=False),
        sa.Column("barcode", sa.Text),
        sa.Column("is_gift", sa.Boolean, nullable=False),
        sa.Column("needs_erp_check", sa.Boolean, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("variant", sa.Text, nullable=False),
        sa.Column("image", sa.Text),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price_fen >= 0", name="skus_price_check"),
        sa.CheckConstraint("weight_grams >= 0", name="skus_weight_check"),
    )
    op.create_table(
        "bundle_parts",
        sa.Column("bundle", sa.Text, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("bundle", "sku", name="bundle_parts_pkey"),
        sa.ForeignKeyConstraint(["bundle"], ["skus.code"], name="bundle_parts_bundle_fkey"),
        sa.ForeignKeyConstraint(["sku"], ["skus.code"], name="bundle_parts_sku_fkey"),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000", name="bundle_parts_quantity_check"),
        sa.CheckConstraint("bundle <> sku", name="bundle_parts_contains_itself_check"),
    )
    op.create_index("bundle_parts_sku_idx", "bundle_parts", ["sku"])
    op.create_table(
        "listings",
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "code", name="listings_pkey"),
        sa.ForeignKeyConstraint(["sku"], ["skus.code"], name="listings_sku_fkey"),
    )
    op.create_index("listings_sku_idx", "listings", ["sku"])


def downgrade() -> None:
    op.drop_table("listings")
    op.drop_table("bundle_parts")
    op.drop_table("skus")
