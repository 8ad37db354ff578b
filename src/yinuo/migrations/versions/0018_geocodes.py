"""Geocodes: kept answers, calls used by day, and how far each answer was believed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_geocodes"
down_revision = "0017_addresses"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "address_geocodes",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("code", sa.Text),
        sa.Column("precision", sa.Text, server_default="", nullable=False),
        sa.Column("longitude", sa.Float),
        sa.Column("latitude", sa.Float),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
    )
    op.create_index("address_geocodes_expires_at_idx", "address_geocodes", ["expires_at"])
    op.create_table(
        "address_geocode_days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.CheckConstraint("used >= 0", name="address_geocode_days_used_check"),
    )
    op.create_table(
        "address_geocode_verdicts",
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("precision", sa.Text, server_default="", nullable=False),
        sa.Column("longitude", sa.Float),
        sa.Column("latitude", sa.Float),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "revision", name="address_geocode_verdicts_pkey"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["address_readings.order_id"],
            name="address_geocode_verdicts_order_id_fkey",
        ),
        sa.CheckConstraint(
            "verdict IN ('passes', 'suggests', 'weak', 'contradicts', 'nothing')",
            name="address_geocode_verdicts_verdict_check",
        ),
    )


def downgrade() -> None:
    op.drop_table("address_geocode_verdicts")
    op.drop_table("address_geocode_days")
    op.drop_table("address_geocodes")
