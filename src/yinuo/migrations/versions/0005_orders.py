"""Tables of orders."""

from __future__ import annotations

revision = "0005_orders"
down_revision = "0004_inventory"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
