"""Group messages: what was posted, the drafts read from it, aliases of goods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019_group_messages"
down_revision = "0018_geocodes"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "group_messages",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("group_name", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("text_hash", sa.Text, nullable=False),
        sa.Column("sent_at", _TIME, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("change", sa.Text, server_default="", nullable=False),
        sa.Column("repeats", sa.Text),
        sa.Column("list_id", sa.Text, server_default="", nullable=False),
        sa.Column("put_aside_by", sa.Text, server_default="", nullable=False),
        sa.UniqueConstraint("source", "key", name="group_messages_source_key_key"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="group_messages_shop_id_fkey"),
        sa.ForeignKeyConstraint(
            ["repeats"], ["group_messages.id"], name="group_messages_repeats_fkey"
        ),
        sa.CheckConstraint(
            "kind IN ('order', 'change', 'list', 'talk')", name="group_messages_kind_check"
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'ordered', 'talk', 'discarded')",
            name="group_messages_state_check",
        ),
    )
    op.create_index("group_messages_state_idx", "group_messages", ["state", "id"])
    op.create_index(
        "group_messages_group_idx", "group_messages", ["shop_id", "group_name", "text_hash"]
    )
    op.create_table(
        "group_drafts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("entry_key", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("order_id", sa.Text),
        sa.Column("decided_by", sa.Text, server_default="", nullable=False),
        sa.Column("decided_by_name", sa.Text, server_default="", nullable=False),
        sa.Column("decided_at", _TIME),
        sa.UniqueConstraint("message_id", "position", name="group_drafts_message_id_position_key"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["group_messages.id"], name="group_drafts_message_id_fkey"
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'ordered', 'discarded', 'withdrawn', 'replaced')",
            name="group_drafts_state_check",
        ),
        sa.CheckConstraint(
            "(state = 'ordered') = (order_id IS NOT NULL)", name="group_drafts_ordered_check"
        ),
    )
    op.create_table(
        "goods_aliases",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("factor", sa.BigInteger, nullable=False),
        sa.Column("units", JSONB, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_by_name", sa.Text, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("rolled_back_at", _TIME),
        sa.Column("rolled_back_by", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint("factor > 0", name="goods_aliases_factor_check"),
    )
    op.create_index(
        "goods_aliases_standing_idx",
        "goods_aliases",
        ["folded"],
        unique=True,
        postgresql_where=sa.text("rolled_back_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("goods_aliases")
    op.drop_table("group_drafts")
    op.drop_table("group_messages")
