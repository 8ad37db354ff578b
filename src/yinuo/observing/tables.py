"""Tables of observing; none of them is read by anything that reserves."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core.db import Base
from yinuo.observing.model import ObservedState, Outcome

_STATES = ", ".join(f"'{state.value}'" for state in ObservedState)
_OUTCOMES = ", ".join(f"'{outcome.value}'" for outcome in Outcome)


class ObservedOrderRow(Base):
    """An order that came in while its shop was only observed."""

    __tablename__ = "observed_orders"
    order_id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    state: Mapped[str]
    outcome: Mapped[str]
    is_paid: Mapped[bool]
    warehouse: Mapped[str | None]
    began_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(server_default="")
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state"),
        sa.CheckConstraint(f"outcome IN ({_OUTCOMES})", name="outcome"),
        sa.Index("observed_orders_shop_id_idx", "shop_id", "state", "began_at", "order_id"),
    )


class ShadowClaimRow(Base):
    """Units that an observed order would hold; `expires_at` is empty once it is paid."""

    __tablename__ = "shadow_claims"
    order_id: Mapped[str] = mapped_column(
        sa.ForeignKey("observed_orders.order_id"), primary_key=True
    )
    sku: Mapped[str] = mapped_column(primary_key=True)
    warehouse: Mapped[str]
    quantity: Mapped[int]
    open: Mapped[int]
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("open BETWEEN 0 AND quantity", name="open"),
        sa.Index(
            "shadow_claims_open_idx", "sku", "warehouse", postgresql_where=sa.text("open > 0")
        ),
    )


class ObservedShortageRow(Base):
    """Units of one SKU that an observed order was sold and that were not there.

    `last_owner` is who would have had the last unit: the newest claim that stood then, a shadow
    one or a real one.
    """

    __tablename__ = "observed_shortages"
    order_id: Mapped[str] = mapped_column(
        sa.ForeignKey("observed_orders.order_id"), primary_key=True
    )
    sku: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    warehouse: Mapped[str | None]
    is_paid: Mapped[bool]
    wanted: Mapped[int]
    missing: Mapped[int]
    worth_fen: Mapped[int]
    at: Mapped[datetime]
    last_owner: Mapped[str | None]
    last_claimed_at: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint("missing BETWEEN 1 AND wanted", name="missing"),
        sa.Index("observed_shortages_shop_id_idx", "shop_id", "at", "order_id", "sku"),
    )
