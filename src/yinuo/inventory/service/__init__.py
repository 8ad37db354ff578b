"""The verbs of inventory: reserve, allocate, renew, release, deduct, lapse, count, read, reconcile.

Each takes a session and never commits. Locks are taken in one order everywhere: stock levels by
SKU and warehouse, then reservations by id. A transaction that calls several verbs for several
owners may meet that order the wrong way round and be asked by the database to try again.
"""

from __future__ import annotations

from yinuo.inventory.service.claims import allocate, deduct, find_reservation, release, renew
from yinuo.inventory.service.counting import (
    apply_change,
    apply_photograph,
    load_warehouses,
    save_warehouses,
    set_safety_stock,
)
from yinuo.inventory.service.explaining import explanations
from yinuo.inventory.service.lapsing import (
    ending_soon,
    expired,
    lapse_expired,
    lapse_these,
    put_aside,
)
from yinuo.inventory.service.outside import (
    note_posted,
    note_pushed,
    note_withdrawn,
    outside_claims,
)
from yinuo.inventory.service.reading import (
    ledger,
    level,
    levels,
    photographs,
    reservations_of,
    sellable,
)
from yinuo.inventory.service.reconciling import count_levels, reconcile
from yinuo.inventory.service.repairing import accept, plan_accept, plan_recompute, recompute
from yinuo.inventory.service.reserving import ReserveAnswer, reserve_batch, reserving_lane

__all__ = [
    "ReserveAnswer",
    "accept",
    "allocate",
    "apply_change",
    "apply_photograph",
    "count_levels",
    "deduct",
    "ending_soon",
    "expired",
    "explanations",
    "find_reservation",
    "lapse_expired",
    "lapse_these",
    "ledger",
    "level",
    "levels",
    "load_warehouses",
    "note_posted",
    "note_pushed",
    "note_withdrawn",
    "outside_claims",
    "photographs",
    "plan_accept",
    "plan_recompute",
    "put_aside",
    "recompute",
    "reconcile",
    "release",
    "renew",
    "reservations_of",
    "reserve_batch",
    "reserving_lane",
    "save_warehouses",
    "sellable",
    "set_safety_stock",
]
