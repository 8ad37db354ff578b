"""Providers' daily bills, their lines, and in what they differ from the books."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_payment_bills"
down_revision = "0015_payment_closed"

_SUMS = (
    *("bill_payments", "bill_paid_fen", "bill_refunds", "bill_refunded_fen"),
    *("hub_payments", "hub_paid_fen", "hub_refunds", "hub_refunded_fen"),
)
_DAY = ["provider", "account", "day"]
_OF_BILL = [f"payment_bills.{name}" for name in _DAY]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "payment_bills",
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("compared_at", sa.DateTime(timezone=True)),
        *(sa.Column(name, sa.BigInteger, server_default="0", nullable=False) for name in _SUMS),
        sa.PrimaryKeyConstraint(*_DAY, name="payment_bills_pkey"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'compared')", name="payment_bills_state_check"
        ),
    )
    op.create_index("payment_bills_day_idx", "payment_bills", ["day"])
    op.create_index(
        "payment_bills_due_idx",
        "payment_bills",
        ["next_at"],
        postgresql_where=sa.text("state <> 'compared'"),
    )
    op.create_table(
        "payment_bill_lines",
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("is_refund", sa.Boolean, nullable=False),
        sa.Column("payment_number", sa.Text, nullable=False),
        sa.Column("transaction_id", sa.Text, nullable=False),
        sa.Column("refund_number", sa.Text, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(*_DAY, "place", name="payment_bill_lines_pkey"),
        sa.ForeignKeyConstraint(
            _DAY, _OF_BILL, name="payment_bill_lines_provider_account_day_fkey"
        ),
    )
    op.create_index(
        "payment_bill_lines_transaction_id_idx", "payment_bill_lines", ["transaction_id"]
    )
    op.create_table(
        "payment_differences",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payment_number", sa.Text, nullable=False),
        sa.Column("transaction_id", sa.Text, nullable=False),
        sa.Column("refund_number", sa.Text, nullable=False),
        sa.Column("bill_fen", sa.BigInteger),
        sa.Column("hub_fen", sa.BigInteger),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("repair", sa.Text, server_default="", nullable=False),
        sa.Column("note", sa.Text, server_default="", nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="payment_differences_pkey"),
        sa.ForeignKeyConstraint(
            _DAY, _OF_BILL, name="payment_differences_provider_account_day_fkey"
        ),
        sa.UniqueConstraint(
            *_DAY, "kind", "transaction_id", "refund_number", name="payment_differences_thing_key"
        ),
        sa.CheckConstraint(
            "state IN ('open', 'repaired', 'vanished', 'accepted')",
            name="payment_differences_state_check",
        ),
        sa.CheckConstraint(
            "(state = 'open') = (closed_at IS NULL)", name="payment_differences_closed_check"
        ),
    )
    op.create_index(
        "payment_differences_open_idx",
        "payment_differences",
        ["day"],
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("payment_differences", "payment_bill_lines", "payment_bills"):
        op.drop_table(table)
