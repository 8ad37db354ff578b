"""Tables of catalog."""

from __future__ import annotations

revision = "0002_catalog"
down_revision = "0001_core"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
