"""Stock as a child would keep it: lists of what happened, counted anew each time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yinuo.inventory.model import PhotoSource, ReserveRequest

SHORTLY = timedelta(seconds=2)


@dataclass
class Claim:
    """What an owner holds."""

    warehouse: str
    units: dict[str, int]
    is_paid: bool
    expires_at: datetime
    state: str = "reserved"
    has_shipped: bool = False

    def counts(self, now: datetime) -> bool:
        """Tell whether it is held."""
        if self.state == "reserved":
            return self.is_paid or self.expires_at > now
        return self.state == "allocated"


@dataclass
class Oracle:
    """Photographs, movements and claims; every number follows from them."""

    photos: dict[tuple[str, str], dict[PhotoSource, tuple[datetime, int]]] = field(
        default_factory=dict
    )
    moves: dict[tuple[str, str], list[tuple[datetime, int, str]]] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    safety: dict[tuple[str, str], int] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)

    def photo(self, place):
        """Return the photograph that counts."""
        shown = self.photos.get(place, {})
        return shown.get(PhotoSource.WMS) or shown.get(PhotoSource.ERP)

    def later(self, place):
        """Return movements that the photograph does not contain."""
        photo = self.photo(place)
        # Too near to tell: the smaller number. What we claimed, the WMS ships on its own clock.
        unsure = {"claimed": timedelta(0), "unclaimed": SHORTLY, "changed": SHORTLY}
        return [
            m
            for m in self.moves.get(place, [])
            if photo is None or m[0] + (unsure[m[2]] if m[1] < 0 else -SHORTLY) > photo[0]
        ]

    def on_hand(self, place):
        """Return units on the shelf."""
        photo = self.photo(place)
        return max(0, (photo[1] if photo else 0) + sum(m[1] for m in self.later(place)))

    def in_flight(self, place):
        """Return shipped units that the photograph does not contain."""
        return -sum(m[1] for m in self.later(place) if m[2] != "changed")

    def claimed(self, place, state, now):
        """Return units claimed in that state."""
        sku, warehouse = place
        return sum(
            claim.units.get(sku, 0)
            for claim in self.claims.values()
            if claim.state == state and claim.warehouse == warehouse and claim.counts(now)
        )

    def atp(self, place, now):
        """Return on hand − allocated − reserved − safety stock."""
        claims = self.claimed(place, "reserved", now) + self.claimed(place, "allocated", now)
        return self.on_hand(place) - claims - self.safety.get(place, 0)

    def holder(self, owner, now):
        """Return the owner's claim if it is held or was shipped."""
        claim = self.claims.get(owner)
        if claim and (claim.counts(now) or claim.state == "deducted"):
            return claim
        return None

    def reserve(self, request: ReserveRequest, now: datetime) -> str | None:
        """Return the warehouse that serves, or None."""
        held = self.holder(request.owner, now)
        ends = now + timedelta(seconds=request.ttl_seconds)
        if held:
            if request.is_paid and not held.is_paid and held.state == "reserved":
                held.is_paid = True
                held.expires_at = max(held.expires_at, ends)
            return held.warehouse
        units = request.units()
        for code in request.warehouses:
            if all(self.atp((sku, code), now) >= n for sku, n in units.items()):
                self.claims[request.owner] = Claim(code, units, request.is_paid, ends)
                return code
        return None

    def release(self, owner: str) -> None:
        """Give back."""
        claim = self.claims.get(owner)
        if claim and claim.state in {"reserved", "allocated"}:
            claim.state = "deducted" if claim.has_shipped else "released"
            claim.units = {}

    def ship(
        self, owner: str, lines: dict[str, int] | None, *, at: datetime, key: str, now: datetime
    ) -> bool:
        """Take off the shelf; False when nothing is to be shipped."""
        claim = self.claims.get(owner)
        if claim is None:
            return False
        if claim.state == "reserved" and not claim.counts(now):
            claim.state = "lapsed"
        is_open = claim.state in {"reserved", "allocated"}
        if lines is None and not is_open:
            return claim.state == "deducted"
        if key in self.keys:
            return True
        shipped = dict(claim.units) if lines is None else lines
        if any(shipped.values()):
            self.keys.add(key)
        for sku, units in shipped.items():
            moves = self.moves.setdefault((sku, claim.warehouse), [])
            claimed = min(units, claim.units.get(sku, 0)) if is_open else 0
            moves += [(at, -claimed, "claimed"), (at, claimed - units, "unclaimed")]
        if is_open:
            claim.state = "allocated"
            for sku, units in shipped.items():
                taken = min(units, claim.units.get(sku, 0))
                claim.has_shipped |= taken > 0
                claim.units[sku] = claim.units.get(sku, 0) - taken
            if not any(claim.units.values()):
                claim.state = "deducted"
        return True
