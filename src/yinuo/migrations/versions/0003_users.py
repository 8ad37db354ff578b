"""Tables of users."""

from __future__ import annotations

revision = "0003_users"
down_revision = "0002_catalog"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
