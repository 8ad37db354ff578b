"""Tables of exceptions."""

from __future__ import annotations

revision = "0008_exceptions"
down_revision = "0007_fulfillment"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
