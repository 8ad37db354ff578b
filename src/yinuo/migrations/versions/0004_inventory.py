"""Tables of inventory."""

from __future__ import annotations

revision = "0004_inventory"
down_revision = "0003_users"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
