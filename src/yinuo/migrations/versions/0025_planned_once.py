"""The functions that reserve are planned once a connection, not for every batch.

Their tables are always reached by index from arrays, so a plan made for these very arrays is no
better; making it was a third of what a single reservation cost the database.
"""

from __future__ import annotations

from alembic import op

revision = "0025_planned_once"
down_revision = "0024_robot_notices"

FUNCTIONS = ("inventory_write", "inventory_reserve_fitting", "inventory_place_in_order")


def _each(change: str) -> None:
    for function in FUNCTIONS:
        op.execute(
            "DO $do$ BEGIN EXECUTE 'ALTER FUNCTION ' ||"
            f" '{function}'::regproc::oid::regprocedure || ' {change}'; END $do$"
        )


def upgrade() -> None:
    _each("SET plan_cache_mode = force_generic_plan")


def downgrade() -> None:
    _each("RESET plan_cache_mode")
