"""Tables of fulfillment."""

from __future__ import annotations

revision = "0007_fulfillment"
down_revision = "0006_channels"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
