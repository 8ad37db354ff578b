"""Addresses: readings of orders, aliases with their stamp, corrections and regression cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017_addresses"
down_revision = "0016_payment_bills"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "address_readings",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("stated", JSONB, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("doubt", sa.Text),
        sa.Column("contradictions", JSONB, nullable=False),
        sa.Column("evidence", JSONB, nullable=False),
        sa.Column("alias_id", sa.Text),
        sa.Column("table_date", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("is_wrong", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("read_at", _TIME, nullable=False),
        sa.Column("decided_by", sa.Text, server_default="", nullable=False),
        sa.Column("decided_by_name", sa.Text, server_default="", nullable=False),
        sa.Column("decided_at", _TIME),
        sa.CheckConstraint(
            "state IN ('passed', 'doubtful', 'corrected', 'confirmed')",
            name="address_readings_state_check",
        ),
        sa.CheckConstraint(
            "doubt IN ('contradiction', 'unknown', 'unsure', 'incomplete', 'no_street')",
            name="address_readings_doubt_check",
        ),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name="address_readings_confidence_check"),
    )
    op.create_index(
        "address_readings_doubtful_idx",
        "address_readings",
        ["read_at", "order_id"],
        postgresql_where=sa.text("state = 'doubtful'"),
    )
    op.create_index("address_readings_read_at_idx", "address_readings", ["read_at", "channel"])
    op.create_index(
        "address_readings_alias_id_idx",
        "address_readings",
        ["alias_id"],
        postgresql_where=sa.text("alias_id IS NOT NULL"),
    )
    op.create_table(
        "address_aliases",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("scope_value", sa.Text, nullable=False),
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_by_name", sa.Text, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("rolled_back_at", _TIME),
        sa.Column("rolled_back_by", sa.Text, server_default="", nullable=False),
        sa.Column("rolled_back_by_name", sa.Text, server_default="", nullable=False),
        sa.Column("rolled_back_why", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint(
            "scope IN ('everywhere', 'shop', 'city')", name="address_aliases_scope_check"
        ),
    )
    op.create_index(
        "address_aliases_folded_idx",
        "address_aliases",
        ["folded", "scope", "scope_value"],
        unique=True,
        postgresql_where=sa.text("rolled_back_at IS NULL"),
    )
    op.create_index("address_aliases_made_at_idx", "address_aliases", ["made_at", "id"])
    stamp = op.create_table(
        "address_alias_stamp",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("stamp", sa.Text, nullable=False),
        sa.CheckConstraint("id = 1", name="address_alias_stamp_id_check"),
    )
    op.bulk_insert(stamp, [{"id": 1, "stamp": "none"}])
    op.create_table(
        "address_corrections",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("before_code", sa.Text, nullable=False),
        sa.Column("after_code", sa.Text, nullable=False),
        sa.Column("alias_id", sa.Text),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["address_readings.order_id"],
            name="address_corrections_order_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["alias_id"], ["address_aliases.id"], name="address_corrections_alias_id_fkey"
        ),
    )
    op.create_index(
        "address_corrections_order_id_idx", "address_corrections", ["order_id", "made_at"]
    )
    op.create_table(
        "address_cases",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("alias_id", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alias_id"], ["address_aliases.id"], name="address_cases_alias_id_fkey"
        ),
    )
    op.create_index("address_cases_alias_id_idx", "address_cases", ["alias_id"])


def downgrade() -> None:
    op.drop_table("address_cases")
    op.drop_table("address_corrections")
    op.drop_table("address_alias_stamp")
    op.drop_table("address_aliases")
    op.drop_table("address_readings")
