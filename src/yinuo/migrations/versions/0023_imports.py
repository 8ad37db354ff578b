"""Files of orders, and what became of each order in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023_imports"
down_revision = "0022_summaries"

_TIME = sa.DateTime(timezone=True)
_OUTCOMES = "IN ('new', 'exists', 'differs', 'refused')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "imports",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("file_hash", sa.Text, nullable=False),
        sa.Column("header_key", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("mapping", JSONB, nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.Column("repeats_at", _TIME),
        sa.Column("uploaded_at", _TIME, nullable=False),
        sa.Column("uploaded_by", sa.Text, nullable=False),
        sa.Column("uploaded_by_name", sa.Text, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("finished_at", _TIME),
        sa.Column("forgotten_at", _TIME),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="imports_shop_id_fkey"),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checked', 'running', 'done', 'cancelled')",
            name="imports_state_check",
        ),
    )
    op.create_index("imports_file_idx", "imports", ["shop_id", "file_hash"])
    op.create_table(
        "import_orders",
        sa.Column("import_id", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("lines", JSONB, nullable=False),
        sa.Column("expected", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("order_id", sa.Text),
        sa.Column("problems", JSONB, nullable=False),
        sa.Column("facts", JSONB),
        sa.PrimaryKeyConstraint("import_id", "position", name="import_orders_pkey"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="import_orders_import_id_fkey"),
        sa.CheckConstraint(f"expected {_OUTCOMES}", name="import_orders_expected_check"),
        sa.CheckConstraint(f"outcome {_OUTCOMES}", name="import_orders_outcome_check"),
    )
    op.create_index("import_orders_number_idx", "import_orders", ["number"])


def downgrade() -> None:
    op.drop_table("import_orders")
    op.drop_table("imports")
