"""Tables of channels."""

from __future__ import annotations

revision = "0006_channels"
down_revision = "0005_orders"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
