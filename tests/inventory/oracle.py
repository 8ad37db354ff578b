"""Stock as a child would keep it: lists of what happened, all numbers counted anew each time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from yinuo.inventory.model import PhotoSource, ReserveRequest

SHORTLY = timedelta(seconds=2)
BOOKED_WITHIN = timedelta(days=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
Spot = tuple[str, str]


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


class Photo(NamedTuple):
    """The photograph that the numbers of a place follow from; without one nothing is in it."""

    source: PhotoSource | None
    at: datetime | None
    quantity: int = 0
    claims: int = 0


class Left(NamedTuple):
    """Units that left for an owner: of its claim, and beyond."""

    at: datetime
    owner: str
    claimed: int
    beyond: int


class Given(NamedTuple):
    """Units that an owner gave back."""

    at: datetime
    owner: str
    units: int


class Changed(NamedTuple):
    """Units found or lost."""

    at: datetime
    units: int


@dataclass
class Known:
    """What a system knows of an owner's claim."""

    posted: datetime | None = None
    withdrawn: datetime | None = None


class Numbers(NamedTuple):
    """What the page shows of a place."""

    on_hand: int
    elsewhere: int
    in_flight: int
    reserved: int
    allocated: int
    safety: int

    @property
    def atp(self) -> int:
        """Return what may be promised."""
        return self.on_hand - self.elsewhere - self.reserved - self.allocated - self.safety


@dataclass
class Oracle:
    """Everything that the hub was told, in lists."""

    counted_by: PhotoSource
    newest: dict[tuple[Spot, PhotoSource], datetime] = field(default_factory=dict)
    photos: dict[Spot, Photo] = field(default_factory=dict)
    left: dict[Spot, list[Left]] = field(default_factory=dict)
    given: dict[Spot, list[Given]] = field(default_factory=dict)
    changes: dict[Spot, list[Changed]] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    known: dict[tuple[str, PhotoSource], Known] = field(default_factory=dict)
    safety: dict[Spot, int] = field(default_factory=dict)
    keys: set[object] = field(default_factory=set)

    # -- numbers ---------------------------------------------------------------------------------

    def is_in(self, photo: Photo, owner: str) -> bool:
        """Tell whether the photograph surely shows the owner's claim."""
        if photo.source is None or photo.at is None:
            return False
        known = self.known.get((owner, photo.source))
        if known is None or known.posted is None or known.posted + SHORTLY > photo.at:
            return False
        return known.withdrawn is None or known.withdrawn > photo.at + SHORTLY

    def shown(self, spot: Spot, photo: Photo) -> int:
        """Return units of ours that the photograph shows as claimed."""
        sku, warehouse = spot
        if photo.at is None:
            return 0
        still = sum(
            claim.units.get(sku, 0)
            for owner, claim in self.claims.items()
            if claim.warehouse == warehouse and self.is_in(photo, owner)
        )
        left = sum(
            one.claimed
            for one in self.left.get(spot, ())
            if self.is_in(photo, one.owner) and one.at > photo.at
        )
        given = sum(
            one.units
            for one in self.given.get(spot, ())
            if self.is_in(photo, one.owner) and one.at > photo.at + SHORTLY
        )
        return still + left + given

    def numbers(self, spot: Spot, now: datetime) -> Numbers:
        """Return what follows from all that was told."""
        photo = self.photos.get(spot, Photo(None, None))
        by_erp = photo.source is PhotoSource.ERP
        unsure = BOOKED_WITHIN if by_erp else SHORTLY

        def is_later(at: datetime, late: timedelta) -> bool:
            return photo.at is None or at + late > photo.at

        flying = 0
        for one in self.left.get(spot, ()):
            claimed_late = BOOKED_WITHIN if by_erp and not self.is_in(photo, one.owner) else None
            flying += one.claimed if is_later(one.at, claimed_late or timedelta(0)) else 0
            flying += one.beyond if is_later(one.at, unsure) else 0
        changed = sum(
            one.units
            for one in self.changes.get(spot, ())
            if is_later(one.at, unsure if one.units < 0 else -SHORTLY)
        )
        return Numbers(
            on_hand=max(0, photo.quantity + changed - flying),
            elsewhere=max(0, photo.claims - self.shown(spot, photo)),
            in_flight=flying,
            reserved=self.claimed(spot, "reserved", now),
            allocated=self.claimed(spot, "allocated", now),
            safety=self.safety.get(spot, 0),
        )

    def claimed(self, spot: Spot, state: str, now: datetime) -> int:
        """Return units claimed in that state."""
        sku, warehouse = spot
        return sum(
            claim.units.get(sku, 0)
            for claim in self.claims.values()
            if claim.state == state and claim.warehouse == warehouse and claim.counts(now)
        )

    # -- what the hub is told and asked ----------------------------------------------------------

    def photographed(
        self, source: PhotoSource, at: datetime, lines: dict[Spot, tuple[int, int]]
    ) -> None:
        """Take a photograph: quantity and claimed units of each place."""
        fresh = [spot for spot in lines if self.newest.get((spot, source), LONG_AGO) < at]
        laid = self.laid(source, at, lines)
        for spot in fresh:
            self.newest[spot, source] = at
            if source is self.counted_by or (spot, self.counted_by) not in self.newest:
                self.photos[spot] = Photo(source, at, lines[spot][0], laid[spot])

    def laid(
        self, source: PhotoSource, at: datetime, lines: dict[Spot, tuple[int, int]]
    ) -> dict[Spot, int]:
        """Return claims per place: an ERP's are laid on ours, then on the fullest place."""
        if source is PhotoSource.WMS:
            return {spot: claims for spot, (_, claims) in lines.items()}
        laid: dict[Spot, int] = {}
        for sku in {sku for sku, _ in lines}:
            spots = [spot for spot in lines if spot[0] == sku]
            ours = {spot: self.shown(spot, Photo(source, at)) for spot in spots}
            spots.sort(key=lambda spot: (ours[spot] - lines[spot][0], spot))
            claims = sum(lines[spot][1] for spot in spots)
            for spot in spots:
                laid[spot] = min(claims, ours[spot])
                claims -= laid[spot]
            for spot in spots:
                more = min(claims, max(0, lines[spot][0] - laid[spot]))
                laid[spot] += more
                claims -= more
            laid[spots[-1]] += claims
        return laid

    def change(self, spot: Spot, units: int, *, at: datetime, key: str) -> None:
        """Count a reported change once."""
        if (key, spot) not in self.keys:
            self.keys.add((key, spot))
            self.changes.setdefault(spot, []).append(Changed(at, units))

    def holder(self, owner: str, now: datetime) -> Claim | None:
        """Return the owner's claim if it is held or was shipped."""
        claim = self.claims.get(owner)
        return claim if claim and (claim.counts(now) or claim.state == "deducted") else None

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
            if all(self.numbers((sku, code), now).atp >= n for sku, n in units.items()):
                self.claims[request.owner] = Claim(code, dict(units), request.is_paid, ends)
                return code
        return None

    def allocate(self, owner: str, now: datetime) -> bool:
        """Make firm; False when nothing is held."""
        claim = self.holder(owner, now)
        if claim is not None and claim.state == "reserved":
            claim.state = "allocated"
        return claim is not None

    def renew(self, owner: str, until: datetime, now: datetime) -> datetime | None:
        """Return when the claim ends now, None when nothing is held."""
        claim = self.holder(owner, now)
        if claim is None:
            return None
        if claim.state == "reserved":
            claim.expires_at = max(claim.expires_at, until)
        return claim.expires_at

    def release(self, owner: str, now: datetime) -> None:
        """Give back."""
        claim = self.claims.get(owner)
        if claim and claim.state in {"reserved", "allocated"}:
            for sku, units in claim.units.items():
                self.given.setdefault((sku, claim.warehouse), []).append(Given(now, owner, units))
            claim.state = "deducted" if claim.has_shipped else "released"
            claim.units = {}

    def ship(self, owner: str, lines: dict[str, int], *, at: datetime, key: str, now: datetime):
        """Take off the shelf; False when the owner never claimed anything."""
        claim = self.claims.get(owner)
        if claim is None:
            return False
        if claim.state == "reserved" and not claim.counts(now):
            claim.state, claim.units = "lapsed", {}
        if key in self.keys:
            return True
        self.keys.add(key)
        is_open = claim.state in {"reserved", "allocated"}
        for sku, units in lines.items():
            taken = min(units, claim.units.get(sku, 0)) if is_open else 0
            self.left.setdefault((sku, claim.warehouse), []).append(
                Left(min(at, now), owner, taken, units - taken)
            )
            if is_open:
                claim.state = "allocated"
                claim.has_shipped |= taken > 0
                claim.units[sku] = claim.units.get(sku, 0) - taken
        if is_open and not any(claim.units.values()):
            claim.state = "deducted"
        return True

    def pushed(self, owner: str, system: PhotoSource) -> None:
        """Note that a system is asked."""
        known = self.known.setdefault((owner, system), Known())
        if known.withdrawn is not None:
            self.known[owner, system] = Known()

    def posted(self, owner: str, system: PhotoSource, now: datetime) -> None:
        """Note that a system confirmed."""
        known = self.known.setdefault((owner, system), Known())
        if known.posted is None or known.withdrawn is not None:
            self.known[owner, system] = Known(posted=now)

    def withdrawn(self, owner: str, system: PhotoSource, now: datetime) -> None:
        """Note that a system is asked to forget."""
        known = self.known.get((owner, system))
        if known is not None and known.withdrawn is None:
            known.withdrawn = now
