"""What is on the shelves for us, and what nobody could have told the hub: by the world outside."""

from __future__ import annotations

from datetime import datetime

from tests.inventory.oracle import Oracle, Spot
from tests.inventory.outside import ChangeReport, Outside, ShipmentReport


def for_us(outside: Outside, oracle: Oracle, spot: Spot, now: datetime) -> int:
    """Return units on the shelf that neither we nor others need for what was promised."""
    sku, warehouse = spot
    gone = unheard(outside, oracle, spot)
    needed = oracle.safety.get(spot, 0)
    for owner, claim in oracle.claims.items():
        if claim.warehouse == warehouse and claim.counts(now):
            needed += max(0, claim.units.get(sku, 0) - gone.get(owner, 0))
    return outside.there[spot] - outside.frozen_for_others.get(spot, 0) - needed


def unheard(outside: Outside, oracle: Oracle, spot: Spot) -> dict[str, int]:
    """Return units per owner that left without the hub having heard of it."""
    gone: dict[str, int] = {}
    for report in outside.reports:
        is_news = isinstance(report, ShipmentReport) and report.key not in oracle.keys
        if is_news and report.warehouse == spot[1]:
            units = report.lines.get(spot[0], 0)
            gone[report.owner] = gone.get(report.owner, 0) + units
    return gone


def untold(outside: Outside, oracle: Oracle, spot: Spot, now: datetime) -> int:
    """Return units that went without a report or photograph that could have told the hub."""
    photo = oracle.photos[spot]
    units = sum(
        one.units for one in outside.taken_by_others if one.spot == spot and one.at >= photo.at
    )
    for report in outside.reports:
        if isinstance(report, ChangeReport) and report.spot == spot:
            is_told = (report.key, report.spot) in oracle.keys
            units += 0 if is_told else max(0, -report.units)
    for owner, gone in unheard(outside, oracle, spot).items():
        claim = oracle.claims.get(owner)
        is_here = claim is not None and claim.warehouse == spot[1] and claim.counts(now)
        units += max(0, gone - (claim.units.get(spot[0], 0) if is_here else 0))
    return units
