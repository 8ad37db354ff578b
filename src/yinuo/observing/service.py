"""The verbs of observing. No verb here changes stock or calls anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from yinuo.core.db import Session
from yinuo.core.outbox import Hint, announce
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Place
from yinuo.observing import store
from yinuo.observing.model import (
    AlreadyDecided,
    Demand,
    Missing,
    NotObserved,
    ObservedOrder,
    ObservedState,
    Outcome,
    Verdict,
    consume,
    decide,
    free_units,
)

TOPIC = "observed"


def begin(session: Session, order_id: str, *, shop_id: str, now: datetime) -> bool:
    """Return whether the order is observed from now on; a repeat changes nothing."""
    is_new = store.insert_order(session, order_id, shop_id=shop_id, now=now)
    if is_new:
        _hint(session, shop_id)
    return is_new


def is_observed(session: Session, order_id: str) -> bool:
    """Tell whether Yinuo must leave the order alone: observed, and not taken over."""
    found = store.find(session, order_id)
    return found is not None and found.state is not ObservedState.TAKEN_OVER


def load_observed(session: Session, order_id: str) -> ObservedOrder:
    """Return an observed order; raises NotObserved."""
    found = store.find(session, order_id) if order_id.isprintable() else None
    if found is None:
        raise NotObserved(order_id=order_id[:40])
    return found


def observe(session: Session, demand: Demand, *, now: datetime) -> Verdict:
    """Return what would have become of the order, and keep it; a repeat returns the same.

    An unpaid order that is paid is judged again only when it would not hold its stock any more.
    For an order that ended as observed nothing is judged. Raises NotObserved.
    """
    order = store.find(session, demand.order_id, lock=True)
    if order is None:
        raise NotObserved(order_id=demand.order_id)
    is_held = order.outcome is Outcome.RESERVED and store.holds_unexpired(
        session, order.order_id, now=now
    )
    if order.state is not ObservedState.OPEN or _stands(order, demand, is_held=is_held):
        return _repeated(order)
    if demand.is_paid and is_held:
        store.mark_paid(session, order.order_id, now=now)
        _hint(session, order.shop_id)
        return replace(_repeated(order), is_paid=True)
    verdict = _judge(session, demand, now=now)
    store.save_verdict(
        session,
        verdict,
        shop_id=order.shop_id,
        demand=demand,
        shortages=[_last_holder(session, one, demand, now=now) for one in verdict.missing],
        expires_at=None if demand.is_paid else now + timedelta(seconds=demand.ttl_seconds),
        now=now,
    )
    _hint(session, order.shop_id)
    return verdict


def _stands(order: ObservedOrder, demand: Demand, *, is_held: bool) -> bool:
    """Tell whether the verdict holds already for what is asked now."""
    if order.outcome is Outcome.UNDECIDED:
        return False
    return order.is_paid or (is_held and not demand.is_paid)


def _repeated(order: ObservedOrder) -> Verdict:
    return Verdict(
        order_id=order.order_id,
        outcome=order.outcome,
        is_paid=order.is_paid,
        warehouse=order.warehouse,
        is_new=False,
    )


def _judge(session: Session, demand: Demand, *, now: datetime) -> Verdict:
    skus = demand.by_sku()
    store.lock_skus(session, skus)
    shadow = store.standing(session, skus, but=demand.order_id, now=now)
    free = {
        level.place: free_units(level, shadow.get(level.place, 0))
        for levels in inventory.levels(session, skus, now=now).values()
        for level in levels
    }
    return decide(demand, free)


def _last_holder(
    session: Session, missing: Missing, demand: Demand, *, now: datetime
) -> store.Shortage:
    """Return the shortage with the newest claim on its SKU, a shadow one or a real one."""
    shadow = store.newest_claim(
        session, missing.sku, warehouses=demand.warehouses, but=demand.order_id, now=now
    )
    real = next(
        (
            claim
            for claim in inventory.reservations_of(session, missing.sku, now=now)
            if claim.warehouse in demand.warehouses
        ),
        None,
    )
    if real is not None and (shadow is None or real.created_at > shadow.claimed_at):
        return store.Shortage(
            missing=missing, last_owner=real.owner, last_claimed_at=real.created_at
        )
    return store.Shortage(
        missing=missing,
        last_owner=shadow.order_id if shadow else None,
        last_claimed_at=shadow.claimed_at if shadow else None,
    )


def note_outflow(session: Session, fell: Mapping[Place, int], *, now: datetime) -> None:
    """Take units that left the shelf without Yinuo off the oldest paid shadow claims there.

    Whoever carries observed orders out ships them; a photograph then shows fewer units, and the
    claim on them must not count a second time.
    """
    places = {place for place, units in fell.items() if units > 0}
    if not places:
        return
    for place, claims in sorted(store.lock_paid_claims(session, places, now=now).items()):
        store.save_open(session, place.sku, left=consume(claims, fell[place]))


def forget_verdict(session: Session, order_id: str) -> None:
    """Undo the verdict on an open order that asks for something else now; others stay."""
    found = store.find(session, order_id, lock=True)
    if found is not None and found.state is ObservedState.OPEN:
        store.forget_verdict(session, order_id)


def cancelled(session: Session, order_id: str, *, now: datetime) -> None:
    """Note that an observed order was cancelled: it would hold nothing any more."""
    found = store.find(session, order_id, lock=True)
    if found is not None and found.state is ObservedState.OPEN:
        store.end_orders(session, [order_id], state=ObservedState.CANCELLED, by="", now=now)
        _hint(session, found.shop_id)


def take_over(session: Session, order_id: str, *, by: str, now: datetime) -> ObservedOrder:
    """Return the order, which Yinuo carries out from now on. Raises NotObserved, AlreadyDecided."""
    return _end(session, order_id, state=ObservedState.TAKEN_OVER, by=by, now=now)


def close(session: Session, order_id: str, *, by: str, now: datetime) -> ObservedOrder:
    """Return the order, which others carry out for good. Raises NotObserved, AlreadyDecided."""
    return _end(session, order_id, state=ObservedState.CLOSED, by=by, now=now)


def _end(
    session: Session, order_id: str, *, state: ObservedState, by: str, now: datetime
) -> ObservedOrder:
    found = store.find(session, order_id, lock=True) if order_id.isprintable() else None
    if found is None:
        raise NotObserved(order_id=order_id[:40])
    if found.state is not ObservedState.OPEN:
        raise AlreadyDecided(state=f"observing.state.{found.state.value}")
    store.end_orders(session, [order_id], state=state, by=by, now=now)
    _hint(session, found.shop_id)
    return load_observed(session, order_id)


def close_all(session: Session, shop_id: str, *, by: str, now: datetime) -> list[str]:
    """Return the open observed orders of a shop, which others carry out for good."""
    ids = store.open_orders(session, shop_id)
    store.end_orders(session, ids, state=ObservedState.CLOSED, by=by, now=now)
    _hint(session, shop_id)
    return ids


def count_open(session: Session) -> dict[str, int]:
    """Return how many observed orders of each shop nobody decided about."""
    return store.count_open(session)


def _hint(session: Session, shop_id: str) -> None:
    announce(session, hints=[Hint(TOPIC, shop_id)])
