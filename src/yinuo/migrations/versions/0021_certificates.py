"""Completeness certificates of shops and days, and their gaps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_certificates"
down_revision = "0020_sealed_receivers"

_TIME = sa.DateTime(timezone=True)
_TALLIES = ("channel", "payments", "hub", "hub_goods", "erp")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "certificates",
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("is_waiting", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("colour", sa.Text),
        sa.Column("made_at", _TIME),
        sa.Column("doubts", sa.ARRAY(sa.Text), server_default="{}", nullable=False),
        *(
            sa.Column(f"{side}_{what}", sa.BigInteger, server_default="0", nullable=False)
            for side in _TALLIES
            for what in ("orders", "fen")
        ),
        sa.PrimaryKeyConstraint("shop_id", "day", name="certificates_pkey"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="certificates_shop_id_fkey"),
        sa.CheckConstraint("colour IN ('green', 'amber', 'red')", name="certificates_colour_check"),
    )
    op.create_index("certificates_day_idx", "certificates", ["day"])
    op.create_table(
        "certificate_gaps",
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("raw_number", sa.Text, nullable=False),
        sa.Column("order_id", sa.Text),
        sa.Column("channel_fen", sa.BigInteger),
        sa.Column("hub_fen", sa.BigInteger),
        sa.Column("erp_fen", sa.BigInteger),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("held_by", sa.Text),
        sa.PrimaryKeyConstraint("shop_id", "day", "kind", "number", name="certificate_gaps_pkey"),
        sa.ForeignKeyConstraint(
            ["shop_id", "day"],
            ["certificates.shop_id", "certificates.day"],
            name="certificate_gaps_shop_id_day_fkey",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("certificate_gaps")
    op.drop_table("certificates")
