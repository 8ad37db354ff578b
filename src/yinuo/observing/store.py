"""The SQL of observed orders and shadow claims."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.core.arrays import array
from yinuo.core.db import Session
from yinuo.inventory.model import Place
from yinuo.observing.model import (
    CLAIM_LIFE,
    Demand,
    Missing,
    ObservedOrder,
    ObservedState,
    Outcome,
    ShadowClaim,
    Verdict,
)
from yinuo.observing.tables import ObservedOrderRow, ObservedShortageRow, ShadowClaimRow

_COLUMNS = (
    ObservedOrderRow.order_id,
    ObservedOrderRow.shop_id,
    ObservedOrderRow.state,
    ObservedOrderRow.outcome,
    ObservedOrderRow.is_paid,
    ObservedOrderRow.warehouse,
    ObservedOrderRow.began_at,
    ObservedOrderRow.decided_at,
    ObservedOrderRow.ended_at,
    ObservedOrderRow.ended_by,
)


def insert_order(session: Session, order_id: str, *, shop_id: str, now: datetime) -> bool:
    """Return whether the order is observed anew; a repeat changes nothing."""
    statement = insert(ObservedOrderRow).values(
        order_id=order_id,
        shop_id=shop_id,
        state=ObservedState.OPEN.value,
        outcome=Outcome.UNDECIDED.value,
        is_paid=False,
        began_at=now,
    )
    made = session.execute(
        statement.on_conflict_do_nothing().returning(ObservedOrderRow.order_id)
    ).first()
    return made is not None


def find(session: Session, order_id: str, *, lock: bool = False) -> ObservedOrder | None:
    """Return an observed order, locked until the transaction ends where that is asked for."""
    statement = sa.select(*_COLUMNS).where(ObservedOrderRow.order_id == order_id)
    row = session.execute(statement.with_for_update() if lock else statement).first()
    return None if row is None else _order(row)


def _order(row: sa.Row[*tuple[object, ...]]) -> ObservedOrder:
    values = dict(row._mapping)  # noqa: SLF001 - public by its documentation
    values["state"] = ObservedState(values["state"])
    values["outcome"] = Outcome(values["outcome"])
    return ObservedOrder(**values)


def open_orders(session: Session, shop_id: str) -> list[str]:
    """Return the observed orders of a shop that nobody decided about, oldest first, locked."""
    statement = (
        sa.select(ObservedOrderRow.order_id)
        .where(
            ObservedOrderRow.shop_id == shop_id, ObservedOrderRow.state == ObservedState.OPEN.value
        )
        .order_by(ObservedOrderRow.order_id)
        .with_for_update()
    )
    return list(session.execute(statement).scalars())


def count_open(session: Session) -> dict[str, int]:
    """Return how many observed orders of each shop nobody decided about."""
    rows = session.execute(
        sa.select(ObservedOrderRow.shop_id, sa.func.count().label("orders"))
        .where(ObservedOrderRow.state == ObservedState.OPEN.value)
        .group_by(ObservedOrderRow.shop_id)
    )
    return {row.shop_id: row.orders for row in rows}


def end_orders(
    session: Session,
    order_ids: Collection[str],
    *,
    state: ObservedState,
    by: str,
    now: datetime,
) -> None:
    """Write how observed orders ended, and give their shadow claims up."""
    ids = list(order_ids)
    session.execute(
        sa.update(ObservedOrderRow)
        .where(ObservedOrderRow.order_id.in_(ids))
        .values(state=state.value, ended_at=now, ended_by=by)
    )
    drop_claims(session, ids)


def drop_claims(session: Session, order_ids: Collection[str]) -> None:
    """Give up what these orders would hold."""
    session.execute(
        sa.update(ShadowClaimRow)
        .where(ShadowClaimRow.order_id.in_(list(order_ids)), ShadowClaimRow.open > 0)
        .values(open=0)
    )


def lock_skus(session: Session, skus: Collection[str]) -> None:
    """Keep other verdicts on these SKUs away until the transaction ends."""
    for sku in sorted(skus):
        session.execute(_LOCK, {"sku": sku})


_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('shadow:' || :sku, 0))")
# A claim that was never paid runs out; a paid one is shipped some day, and photographs show it.
_STANDING = "c.open > 0 AND coalesce(c.expires_at, c.claimed_at + :life) > :now"


def standing(
    session: Session, skus: Collection[str], *, but: str, now: datetime
) -> dict[Place, int]:
    """Return the units under shadow claims per place, without those of the order `but`."""
    rows = session.execute(
        sa.text(
            "SELECT c.sku, c.warehouse, sum(c.open) AS units FROM shadow_claims c"
            f" WHERE c.sku = ANY(:skus) AND c.order_id <> :but AND {_STANDING}"
            " GROUP BY c.sku, c.warehouse"
        ),
        {"skus": list(skus), "but": but, "now": now, "life": CLAIM_LIFE},
    )
    return {Place(row.sku, row.warehouse): int(row.units) for row in rows}


def newest_claim(
    session: Session, sku: str, *, warehouses: Collection[str], but: str, now: datetime
) -> ShadowClaim | None:
    """Return the newest standing shadow claim on a SKU in these warehouses."""
    row = session.execute(
        sa.text(
            "SELECT c.order_id, c.sku, c.warehouse, c.open, c.claimed_at FROM shadow_claims c"
            " WHERE c.sku = :sku AND c.warehouse = ANY(:warehouses) AND c.order_id <> :but"
            f" AND {_STANDING} ORDER BY c.claimed_at DESC, c.order_id DESC LIMIT 1"
        ),
        {
            "sku": sku,
            "warehouses": list(warehouses),
            "but": but,
            "now": now,
            "life": CLAIM_LIFE,
        },
    ).first()
    return None if row is None else ShadowClaim(**row._mapping)  # noqa: SLF001 - public by its documentation


def holds_unexpired(session: Session, order_id: str, *, now: datetime) -> bool:
    """Tell whether the order's shadow claim still stands."""
    found = session.execute(
        sa.text(f"SELECT 1 FROM shadow_claims c WHERE c.order_id = :order_id AND {_STANDING}"),
        {"order_id": order_id, "now": now, "life": CLAIM_LIFE},
    ).first()
    return found is not None


def mark_paid(session: Session, order_id: str, *, now: datetime) -> None:
    """Write that an order which would hold its stock was paid."""
    session.execute(
        sa.update(ShadowClaimRow).where(ShadowClaimRow.order_id == order_id).values(expires_at=None)
    )
    session.execute(
        sa.update(ObservedOrderRow)
        .where(ObservedOrderRow.order_id == order_id)
        .values(is_paid=True, decided_at=now)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """A missing SKU with who would have had its last unit, and since when."""

    missing: Missing
    last_owner: str | None
    last_claimed_at: datetime | None


def save_verdict(
    session: Session,
    verdict: Verdict,
    *,
    shop_id: str,
    demand: Demand,
    shortages: Sequence[Shortage],
    expires_at: datetime | None,
    now: datetime,
) -> None:
    """Write a verdict in place of an earlier one on the same order."""
    order_id = verdict.order_id
    session.execute(sa.delete(ShadowClaimRow).where(ShadowClaimRow.order_id == order_id))
    session.execute(sa.delete(ObservedShortageRow).where(ObservedShortageRow.order_id == order_id))
    session.execute(
        sa.update(ObservedOrderRow)
        .where(ObservedOrderRow.order_id == order_id)
        .values(
            outcome=verdict.outcome.value,
            is_paid=verdict.is_paid,
            warehouse=verdict.warehouse,
            decided_at=now,
        )
    )
    if verdict.outcome is Outcome.RESERVED:
        session.execute(
            sa.insert(ShadowClaimRow),
            [
                {
                    "order_id": order_id,
                    "sku": line.sku,
                    "warehouse": verdict.warehouse,
                    "quantity": line.quantity,
                    "open": line.quantity,
                    "claimed_at": now,
                    "expires_at": expires_at,
                }
                for line in demand.by_sku().values()
            ],
        )
    if shortages:
        session.execute(
            sa.insert(ObservedShortageRow),
            [
                {
                    "order_id": order_id,
                    "sku": one.missing.sku,
                    "shop_id": shop_id,
                    "warehouse": verdict.warehouse,
                    "is_paid": verdict.is_paid,
                    "wanted": one.missing.wanted,
                    "missing": one.missing.missing,
                    "worth_fen": int(one.missing.worth_fen),
                    "at": now,
                    "last_owner": one.last_owner,
                    "last_claimed_at": one.last_claimed_at,
                }
                for one in shortages
            ],
        )


def forget_verdict(session: Session, order_id: str) -> None:
    """Undo the verdict on an order that asks for something else now."""
    session.execute(sa.delete(ShadowClaimRow).where(ShadowClaimRow.order_id == order_id))
    session.execute(sa.delete(ObservedShortageRow).where(ObservedShortageRow.order_id == order_id))
    session.execute(
        sa.update(ObservedOrderRow)
        .where(ObservedOrderRow.order_id == order_id)
        .values(outcome=Outcome.UNDECIDED.value, warehouse=None, decided_at=None)
    )


def lock_paid_claims(
    session: Session, places: Collection[Place], *, now: datetime
) -> dict[Place, list[ShadowClaim]]:
    """Return the paid shadow claims that stand in these places, locked, in the order of keys."""
    keys = sorted(places)
    rows = session.execute(
        sa.text(
            "SELECT c.order_id, c.sku, c.warehouse, c.open, c.claimed_at FROM shadow_claims c"
            " JOIN unnest(CAST(:skus AS text[]), CAST(:warehouses AS text[]))"
            "  AS k (sku, warehouse) ON k.sku = c.sku AND k.warehouse = c.warehouse"
            f" WHERE c.expires_at IS NULL AND {_STANDING}"
            " ORDER BY c.order_id, c.sku FOR UPDATE OF c"
        ),
        {
            "skus": array(place.sku for place in keys),
            "warehouses": array(place.warehouse for place in keys),
            "now": now,
            "life": CLAIM_LIFE,
        },
    )
    found: dict[Place, list[ShadowClaim]] = {}
    for row in rows:
        claim = ShadowClaim(**row._mapping)  # noqa: SLF001 - public by its documentation
        found.setdefault(Place(claim.sku, claim.warehouse), []).append(claim)
    return found


def save_open(session: Session, sku: str, *, left: Mapping[str, int]) -> None:
    """Write what is left of each order's claim on a SKU."""
    for order_id, units in sorted(left.items()):
        session.execute(
            sa.update(ShadowClaimRow)
            .where(ShadowClaimRow.order_id == order_id, ShadowClaimRow.sku == sku)
            .values(open=units)
        )
