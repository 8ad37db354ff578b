"""The completeness certificate of one shop and day: four sides compared by id, every gap named.

Four sides tell of the orders that were placed on a day: the channel, the money, the hub, the ERP.
Green means that all were asked, and agree order by order. Amber means that nothing is wrong but not
all is proved: a side could not be asked, or a gap has its cause and somebody at it. Red means a gap
that nobody knew of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import Conflict, Invalid, NotFound
from yinuo.core.money import Fen

NO_MONEY = Fen(0)
# What was paid a moment ago may still be on its way into the ERP.
ON_ITS_WAY = timedelta(minutes=15)
EVENING = time(20, 30)
# By then the day's last orders are in the ERP; what came late in the evening is compared again.
NEXT_MORNING = time(8, 0)
LOOK_BACK = timedelta(days=7)
KEEP_DAYS = timedelta(days=400)


class BadCertificateDay(Invalid):
    """No certificate is made of that day: it has not begun, or lies too far back."""

    code = "certificates.bad_day"


class UnknownCertificate(NotFound):
    """There is no certificate of that shop and day."""

    code = "certificates.unknown"


class NothingToRepair(Conflict):
    """The gap is gone, or it is none that the hub can repair by itself."""

    code = "certificates.nothing_to_repair"


class Colour(StrEnum):
    """What a certificate says."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Doubt(StrEnum):
    """Why a side proves nothing."""

    CHANNEL_AWAY = "channel_away"
    CHANNEL_NOT_CONNECTED = "channel_not_connected"
    NO_PLATFORM = "no_platform"  # nobody to ask: the orders came from people in groups
    PULL_BEHIND = "pull_behind"
    ERP_AWAY = "erp_away"
    ERP_NOT_CONNECTED = "erp_not_connected"
    OBSERVING = "observing"


class GapKind(StrEnum):
    """In what two sides differ about an order."""

    NOT_IN_HUB = "not_in_hub"
    NOT_ON_CHANNEL = "not_on_channel"
    CANCELLED_ON_CHANNEL = "cancelled_on_channel"
    CANCELLED_HERE = "cancelled_here"
    TOTAL_DIFFERS = "total_differs"
    PAYMENT_MISSING = "payment_missing"
    PAYMENT_DIFFERS = "payment_differs"
    NOT_IN_ERP = "not_in_erp"
    ERP_DIFFERS = "erp_differs"
    TWICE_IN_ERP = "twice_in_erp"
    STILL_IN_ERP = "still_in_erp"


class GapRepair(StrEnum):
    """What the hub can do about a gap."""

    PULL = "pull"
    PUSH = "push"
    TAKE_BACK = "take_back"


REPAIRS: Mapping[GapKind, GapRepair] = {
    GapKind.NOT_IN_HUB: GapRepair.PULL,
    GapKind.CANCELLED_ON_CHANNEL: GapRepair.PULL,
    GapKind.TOTAL_DIFFERS: GapRepair.PULL,
    GapKind.PAYMENT_MISSING: GapRepair.PULL,
    GapKind.NOT_IN_ERP: GapRepair.PUSH,
    GapKind.STILL_IN_ERP: GapRepair.TAKE_BACK,
}


class Cause(StrEnum):
    """Why a gap is there; all but the unknown one have somebody or something at it."""

    UNKNOWN = "unknown"
    HELD = "held"
    WORK_ITEM = "work_item"
    ON_ITS_WAY = "on_its_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChannel:
    """An order as its channel lists it; `is_paid` is None where the channel does not know.

    `is_fresh` says that it is so new that it need not have come in yet.
    """

    number: str
    raw_number: str
    total_fen: Fen
    is_paid: bool | None
    is_cancelled: bool
    is_fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InHub:
    """An order as the hub has it; `goods_fen` is what its lines cost, as the ERP books it.

    `is_booked` says that the hub believes its document to stand in the ERP.
    """

    order_id: str
    number: str
    raw_number: str
    total_fen: Fen
    goods_fen: Fen
    paid_fen: Fen
    is_paid: bool
    is_cancelled: bool
    paid_at: datetime | None
    held_by: str | None = None
    has_work_item: bool = False
    erp_number: str | None = None
    is_booked: bool = False

    @property
    def stands(self) -> bool:
        """Tell whether the order is one to carry out."""
        return self.is_paid and not self.is_cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class InErp:
    """A document of the ERP."""

    number: str
    amount_fen: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One order that two sides tell differently; an amount is None where a side has none."""

    kind: GapKind
    number: str
    raw_number: str
    order_id: str | None = None
    channel_fen: Fen | None = None
    hub_fen: Fen | None = None
    erp_fen: Fen | None = None
    cause: Cause = Cause.UNKNOWN
    held_by: str | None = None

    @property
    def is_explained(self) -> bool:
        """Tell whether somebody or something is at it."""
        return self.cause is not Cause.UNKNOWN

    @property
    def repair(self) -> GapRepair | None:
        """Return what the hub can do about it; a held order waits for whoever holds it."""
        is_held = self.kind is GapKind.NOT_IN_ERP and self.cause is Cause.HELD
        return None if is_held else REPAIRS.get(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many orders a side has, and what they cost."""

    orders: int = 0
    fen: Fen = NO_MONEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a comparison found; `hub_goods` is beside `erp`, the three others beside each other."""

    channel: Tally
    payments: Tally
    hub: Tally
    hub_goods: Tally
    erp: Tally
    gaps: tuple[Gap, ...]
    doubts: tuple[Doubt, ...]

    @property
    def colour(self) -> Colour:
        """Return green only for what is proved."""
        if any(not gap.is_explained for gap in self.gaps):
            return Colour.RED
        return Colour.AMBER if self.gaps or self.doubts else Colour.GREEN


def certify(
    *,
    channel: Iterable[OnChannel] | None,
    hub: Iterable[InHub],
    erp: Iterable[InErp] | None,
    known_troubles: frozenset[str],
    doubts: Iterable[Doubt],
    now: datetime,
) -> Certificate:
    """Return the certificate of a day's orders; a side that could not be asked is None.

    `known_troubles` are numbers of orders that a work item already tells of.
    """
    ours = {one.number: one for one in hub}
    theirs = {one.number: one for one in channel} if channel is not None else None
    gaps = [*_outside(theirs, ours, known_troubles)] if theirs is not None else []
    gaps += _money(ours)
    documents: dict[str, list[InErp]] = {}
    for document in erp or ():
        documents.setdefault(document.number, []).append(document)
    if erp is not None:
        gaps += _erp(ours, documents, now)
    standing = [one for one in ours.values() if one.stands]
    booked = [document for one in ours.values() for document in documents.get(_erp_of(one), ())]
    return Certificate(
        channel=_channel_tally(theirs or {}, ours),
        payments=_tally(one.paid_fen for one in standing),
        hub=_tally(one.total_fen for one in standing),
        hub_goods=_tally(one.goods_fen for one in standing),
        erp=_tally(document.amount_fen for document in booked),
        gaps=tuple(sorted(gaps, key=lambda gap: (gap.kind, gap.number))),
        doubts=tuple(sorted(set(doubts))),
    )


def _erp_of(one: InHub) -> str:
    return one.erp_number or ""


def _tally(amounts: Iterable[Fen]) -> Tally:
    found = list(amounts)
    return Tally(orders=len(found), fen=Fen(sum(found)))


def _channel_tally(theirs: Mapping[str, OnChannel], ours: Mapping[str, InHub]) -> Tally:
    """Return the channel's paid orders; where it does not know, the money says which are."""
    return _tally(
        one.total_fen
        for one in theirs.values()
        if not one.is_cancelled
        and (
            one.number in ours and ours[one.number].is_paid if one.is_paid is None else one.is_paid
        )
    )


def _outside(
    theirs: Mapping[str, OnChannel], ours: Mapping[str, InHub], known_troubles: frozenset[str]
) -> Iterator[Gap]:
    for number, there in theirs.items():
        here = ours.get(number)
        if here is None:
            # One that was cancelled before it was paid never mattered to anybody.
            if not there.is_cancelled or there.is_paid:
                is_known = number in known_troubles or there.raw_number in known_troubles
                unknown = Cause.ON_ITS_WAY if there.is_fresh else Cause.UNKNOWN
                cause = Cause.WORK_ITEM if is_known else unknown
                yield Gap(
                    kind=GapKind.NOT_IN_HUB,
                    number=number,
                    raw_number=there.raw_number,
                    channel_fen=there.total_fen,
                    cause=cause,
                )
        else:
            yield from _both(there, here)
    for number, here in ours.items():
        if number not in theirs:
            yield _gap(GapKind.NOT_ON_CHANNEL, here, None)


def _both(there: OnChannel, here: InHub) -> Iterator[Gap]:
    if there.is_cancelled and not here.is_cancelled:
        yield _gap(GapKind.CANCELLED_ON_CHANNEL, here, there)
    elif here.is_cancelled and not there.is_cancelled and there.is_paid is not False:
        yield _gap(GapKind.CANCELLED_HERE, here, there)
    elif here.is_cancelled:
        return
    elif there.total_fen != here.total_fen:
        yield _gap(GapKind.TOTAL_DIFFERS, here, there)
    elif there.is_paid and not here.is_paid:
        yield _gap(GapKind.PAYMENT_MISSING, here, there)


def _money(ours: Mapping[str, InHub]) -> Iterator[Gap]:
    for one in ours.values():
        if one.stands and one.paid_fen != one.total_fen:
            yield _gap(GapKind.PAYMENT_DIFFERS, one, None)


def _erp(
    ours: Mapping[str, InHub], documents: Mapping[str, list[InErp]], now: datetime
) -> Iterator[Gap]:
    for one in ours.values():
        found = documents.get(_erp_of(one), [])
        booked = Fen(sum(document.amount_fen for document in found)) if found else None
        if not one.stands:
            if found:
                yield _gap(GapKind.STILL_IN_ERP, one, None, erp_fen=booked)
        elif not found:
            is_new = one.paid_at is not None and now - one.paid_at < ON_ITS_WAY
            is_fresh = is_new and not one.is_booked
            yield _gap(GapKind.NOT_IN_ERP, one, None, is_on_its_way=is_fresh)
        elif len(found) > 1:
            yield _gap(GapKind.TWICE_IN_ERP, one, None, erp_fen=booked)
        elif booked != one.goods_fen:
            yield _gap(GapKind.ERP_DIFFERS, one, None, erp_fen=booked)


def _gap(
    kind: GapKind,
    here: InHub,
    there: OnChannel | None,
    *,
    erp_fen: Fen | None = None,
    is_on_its_way: bool = False,
) -> Gap:
    cause = Cause.UNKNOWN
    if here.held_by is not None:
        cause = Cause.HELD
    elif here.has_work_item:
        cause = Cause.WORK_ITEM
    elif is_on_its_way:
        cause = Cause.ON_ITS_WAY
    return Gap(
        kind=kind,
        number=here.number,
        raw_number=here.raw_number,
        order_id=here.order_id,
        channel_fen=there.total_fen if there else None,
        hub_fen=here.goods_fen if erp_fen is not None else here.total_fen,
        erp_fen=erp_fen,
        cause=cause,
        held_by=here.held_by,
    )


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins and ends in Shanghai."""
    since = datetime.combine(day, time(0), tzinfo=SHANGHAI)
    return since, since + timedelta(days=1)


def due_days(now: datetime) -> list[tuple[date, datetime]]:
    """Return the days to have a certificate of, each with the moment it must not be older than.

    A day is certified in its evening and once more on the next morning; days while the product
    was down are caught up.
    """
    local = now.astimezone(SHANGHAI)
    due = []
    for back in range(LOOK_BACK.days + 1):
        day = local.date() - timedelta(days=back)
        moments = (
            datetime.combine(day + timedelta(days=1), NEXT_MORNING, tzinfo=SHANGHAI),
            datetime.combine(day, EVENING, tzinfo=SHANGHAI),
        )
        passed = next((moment for moment in moments if moment <= local), None)
        if passed is not None:
            due.append((day, passed))
    return due
