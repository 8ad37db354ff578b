"""The verbs of inventory as things that can be done, repeated, killed and raced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.inventory.builders import photograph
from tests.inventory.oracle import Oracle, Spot
from tests.inventory.outside import ChangeReport, Picture, ShipmentReport
from yinuo.core.db import Session
from yinuo.inventory import service
from yinuo.inventory.model import NotHeld, PhotoSource, Reserved, ReserveRequest, StockChange


@dataclass(frozen=True)
class Deed:
    """What the product does, and what the oracle says about it: one saying for each answer."""

    name: str
    real: Callable[[Session], list[object]]
    told: tuple[Callable[[Oracle], object], ...]

    def foreseen(self, oracle: Oracle) -> list[object]:
        """Tell the oracle and return the answers that it expects."""
        return [told(oracle) for told in self.told]


def one(
    name: str, real: Callable[[Session], object], told: Callable[[Oracle], object], refused=False
) -> Deed:
    """Return a deed with one answer; `refused` stands for NotHeld."""

    def tried(session: Session) -> list[object]:
        try:
            return [real(session)]
        except NotHeld:
            return [refused]

    return Deed(name, tried, (told,))


def reserving(wanted: Sequence[ReserveRequest], now: datetime) -> Deed:
    """Reserve for several at once; each is a caller of its own."""

    def real(session: Session) -> list[object]:
        answers = service.reserve_batch(session, wanted, now=now)
        return [answer.warehouse if isinstance(answer, Reserved) else None for answer in answers]

    return Deed(
        "reserve", real, tuple(lambda oracle, w=wish: oracle.reserve(w, now) for wish in wanted)
    )


def allocating(owner: str, now: datetime) -> Deed:
    """Make a claim firm."""
    return one(
        "allocate",
        lambda session: bool(service.allocate(session, owner, now=now)),
        lambda oracle: oracle.allocate(owner, now),
    )


def renewing(owner: str, until: datetime, now: datetime) -> Deed:
    """Let a claim end later."""
    return one(
        "renew",
        lambda session: service.renew(session, owner, until=until, now=now),
        lambda oracle: oracle.renew(owner, until, now),
        refused=None,
    )


def releasing(owner: str, now: datetime) -> Deed:
    """Give back what an owner claims."""

    def real(session: Session) -> None:
        service.release(session, owner, cause="test", now=now)

    return one("release", real, lambda oracle: oracle.release(owner, now))


def lapsing(limit: int, now: datetime) -> Deed:
    """Sweep; the oracle does not count what has expired anyway."""
    return one(
        "lapse",
        lambda session: service.lapse_expired(session, now=now, limit=limit).stuck,
        lambda _: [],
    )


def pushing(owner: str, system: PhotoSource, now: datetime) -> Deed:
    """Note that a system is asked."""
    return one(
        "push",
        lambda session: service.note_pushed(session, owner, system=system, now=now),
        lambda oracle: oracle.pushed(owner, system),
    )


def posting(owner: str, system: PhotoSource, now: datetime) -> Deed:
    """Note that a system confirmed."""
    return one(
        "post",
        lambda session: service.note_posted(session, owner, system=system, now=now),
        lambda oracle: oracle.posted(owner, system, now),
    )


def withdrawing(owner: str, system: PhotoSource, now: datetime) -> Deed:
    """Note that a system is asked to forget."""
    return one(
        "withdraw",
        lambda session: service.note_withdrawn(session, owner, system=system, now=now),
        lambda oracle: oracle.withdrawn(owner, system, now),
    )


def keeping_safe(spot: Spot, quantity: int, now: datetime) -> Deed:
    """Set a safety stock."""

    def real(session: Session) -> None:
        sku, warehouse = spot
        service.set_safety_stock(
            session, sku, warehouse=warehouse, quantity=quantity, cause="test", now=now
        )

    return one("safety", real, lambda oracle: oracle.safety.update({spot: quantity}))


def shipped(report: ShipmentReport, now: datetime) -> Deed:
    """Hear of a shipment."""

    def real(session: Session) -> bool:
        service.deduct(
            session,
            report.owner,
            key=report.key,
            lines=report.lines,
            effective_at=report.at,
            now=now,
        )
        return True

    return one(
        "deduct",
        real,
        lambda oracle: oracle.ship(
            report.owner, report.lines, at=report.at, key=report.key, now=now
        ),
    )


def changed(report: ChangeReport, now: datetime) -> Deed:
    """Hear of units found or lost."""

    def real(session: Session) -> None:
        change = StockChange(report.key, *report.spot, report.units, report.at)
        service.apply_change(session, [change], now=now)

    return one(
        "change",
        real,
        lambda oracle: oracle.change(report.spot, report.units, at=report.at, key=report.key),
    )


def photographed(picture: Picture, now: datetime) -> Deed:
    """Take a photograph into account."""

    def real(session: Session) -> None:
        photograph(
            session,
            {spot: quantity for spot, (quantity, _) in picture.lines.items()},
            at=picture.at,
            now=now,
            source=picture.source,
            claims={spot: claims for spot, (_, claims) in picture.lines.items()},
        )

    return one(
        "photograph",
        real,
        lambda oracle: oracle.photographed(picture.source, picture.at, picture.lines),
    )


def heard(news: ShipmentReport | ChangeReport | Picture, now: datetime) -> Deed:
    """Hear any news, for the first time or again."""
    if isinstance(news, Picture):
        return photographed(news, now)
    return shipped(news, now) if isinstance(news, ShipmentReport) else changed(news, now)
