"""How far each claim got in ERP and WMS, and units that they hold for others.

What is claimed elsewhere is no longer sellable: the functions that reserve subtract it, too.
Claims that stand outside already count as posted now, so only later photographs contain them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_outside_claims"
down_revision = "0010_sharing"

OLD, NEW = "- s.safety_stock", "- s.safety_stock - s.claimed_elsewhere"
NEVER_OVERSOLD = "on_hand + shortfall - allocated - reserved - safety_stock"
FUNCTIONS = ("inventory_reserve_fitting", "inventory_place_in_order")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _subtract(old: str, new: str) -> None:
    for function in FUNCTIONS:
        op.execute(
            f"DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('{function}'::regproc),"
            f" '{old}', '{new}'); END $do$"
        )


def upgrade() -> None:
    op.create_table(
        "outside_claims",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("system", sa.Text, primary_key=True),
        _time("pushed_at", nullable=False),
        _time("posted_at"),
        _time("withdrawn_at"),
        sa.CheckConstraint("system IN ('erp', 'wms')", name="outside_claims_system_check"),
    )
    op.execute(
        "INSERT INTO outside_claims (owner, system, pushed_at, posted_at)"
        " SELECT order_id, CASE kind WHEN 'wms_hold' THEN 'wms' ELSE 'erp' END,"
        "  coalesce(attempted_at, updated_at), CASE state WHEN 'done' THEN now() END"
        " FROM documents WHERE kind IN ('wms_hold', 'erp_document') AND attempts > 0"
        " AND state IN ('intended', 'unknown', 'done')"
    )
    for name in ("claimed_elsewhere", "photo_claims", "contained"):
        op.add_column("stock_levels", _number(name))
    op.add_column("stock_ledger", _number("elsewhere_delta"))
    op.add_column(
        "warehouses",
        sa.Column("erp_books_within", sa.BigInteger, nullable=False, server_default="86400"),
    )
    op.create_index(
        "stock_ledger_released_idx",
        "stock_ledger",
        ["sku", "warehouse", "effective_at"],
        postgresql_where=sa.text("kind = 'released'"),
    )
    op.create_check_constraint(
        "stock_levels_claimed_elsewhere_check", "stock_levels", "claimed_elsewhere >= 0"
    )
    _never_oversold(f"{NEVER_OVERSOLD} - claimed_elsewhere >= 0")
    _subtract(OLD, NEW)


def _never_oversold(condition: str) -> None:
    name = "stock_levels_never_oversold_check"
    op.drop_constraint(name, "stock_levels", type_="check")
    op.create_check_constraint(name, "stock_levels", condition)


def downgrade() -> None:
    _subtract(NEW, OLD)
    _never_oversold(f"{NEVER_OVERSOLD} >= 0")
    op.drop_constraint("stock_levels_claimed_elsewhere_check", "stock_levels", type_="check")
    op.drop_index("stock_ledger_released_idx", "stock_ledger")
    op.drop_column("warehouses", "erp_books_within")
    op.drop_column("stock_ledger", "elsewhere_delta")
    for name in ("contained", "photo_claims", "claimed_elsewhere"):
        op.drop_column("stock_levels", name)
    op.drop_table("outside_claims")
