"""Why a SKU has its numbers: the parts add up, and nothing is left unsaid."""

from dataclasses import replace
from datetime import timedelta

from tests.inventory.builders import HZ, NT, RUG, T0, photograph, reserve, set_up, wish
from yinuo.inventory import service
from yinuo.inventory.model import (
    NO_MOVEMENTS,
    Claimed,
    Level,
    Movements,
    Part,
    PartKind,
    Photograph,
    PhotoSource,
    Stage,
    StockChange,
    explain,
)

MINUTE = timedelta(minutes=1)
ERP, WMS = PhotoSource.ERP, PhotoSource.WMS
PLACE = (RUG, HZ)


def a_level(**counters) -> Level:
    standard = Level(RUG, HZ, photo_quantity=20, photo_at=T0, photo_source=WMS)
    return replace(standard, **counters).settled()


def units(parts: tuple[Part, ...]) -> int:
    return sum(part.units for part in parts)


def test_the_parts_lead_from_each_photograph_to_on_hand_and_on_to_atp():
    level = a_level(
        in_flight=3, changed=2, reserved=4, allocated=5, photo_claims=6, contained=5, safety_stock=1
    )
    told = explain(
        level,
        claimed=Claimed(unpaid=1, paid=3, first_lapse_at=T0 + MINUTE),
        photographs=[
            Photograph(WMS, 20, T0, locked=6),
            Photograph(ERP, 24, T0 - MINUTE, open=9),
        ],
        read_with={WMS: Movements(3, 2, 5), ERP: Movements(4, 2, 5)},
        stages={},
    )
    assert (told.wms, told.erp, told.on_hand, told.atp) == (20, 24, 19, 8)
    erp, wms = told.looks
    assert wms.sets_on_hand
    assert wms.parts == (
        Part(PartKind.PHOTOGRAPHED, 20),
        Part(PartKind.CHANGED, 2),
        Part(PartKind.LEFT, -3),
    )
    assert erp.parts[-1] == Part(PartKind.UNEXPLAINED, -3)
    assert (erp.unexplained, wms.unexplained) == (-3, 0)
    assert units(erp.parts) == units(wms.parts) == told.on_hand
    assert told.to_atp == (
        Part(PartKind.RESERVED_UNPAID, -1),
        Part(PartKind.RESERVED_PAID, -3),
        Part(PartKind.ALLOCATED, -5),
        Part(PartKind.ELSEWHERE, -1),
        Part(PartKind.SAFETY, -1),
    )
    assert told.on_hand + units(told.to_atp) == told.atp
    assert told.first_lapse_at == T0 + MINUTE


def test_a_count_below_zero_is_said():
    told = explain(
        a_level(photo_quantity=2, in_flight=5),
        claimed=Claimed(),
        photographs=[Photograph(WMS, 2, T0)],
        read_with={WMS: Movements(shipped=5)},
        stages={},
    )
    assert told.looks[0].parts[-1] == Part(PartKind.BELOW_ZERO, 3)
    assert units(told.looks[0].parts) == told.on_hand == 0


def test_a_place_that_nobody_counted_has_no_looks():
    told = explain(
        Level(RUG, NT),
        claimed=Claimed(),
        photographs=[],
        read_with={WMS: NO_MOVEMENTS},
        stages={},
    )
    assert (told.wms, told.erp, told.on_hand, told.atp, told.looks) == (None, None, 0, 0, ())


def test_claims_are_told_by_how_far_they_got_in_each_system(session):
    set_up(session, {PLACE: 20})
    photograph(session, {PLACE: 22}, at=T0, source=ERP)
    for owner, many in (("new", 1), ("sent", 2), ("posted", 3), ("old", 4)):
        reserve(session, wish(owner, {RUG: many}))
    reserve(session, wish("unpaid", {RUG: 1}, is_paid=False, ttl_seconds=60))
    reserve(session, wish("gone", {RUG: 1}, is_paid=False, ttl_seconds=5))
    service.allocate(session, "old", now=T0)
    service.note_pushed(session, "sent", system=WMS, now=T0)
    service.note_posted(session, "old", system=WMS, now=T0)
    service.note_posted(session, "old", system=ERP, now=T0)
    photograph(session, {PLACE: 20}, at=T0 + MINUTE / 2, claims={PLACE: 5})
    service.note_posted(session, "posted", system=WMS, now=T0 + MINUTE / 2)
    (told,) = service.explanations(session, RUG, now=T0 + MINUTE / 2)
    erp, wms = told.looks
    assert [(one.stage, one.units, one.claims, one.owners) for one in wms.stages] == [
        (Stage.CONTAINED, 4, 1, ("old",)),
        (Stage.POSTED, 3, 1, ("posted",)),
        (Stage.PUSHED, 2, 1, ("sent",)),
        (Stage.RESERVED, 2, 2, ("unpaid", "new")),
    ]
    assert [(one.stage, one.units) for one in erp.stages] == [
        (Stage.POSTED, 4),
        (Stage.RESERVED, 7),
    ]
    assert told.to_atp == (
        Part(PartKind.RESERVED_UNPAID, -1),
        Part(PartKind.RESERVED_PAID, -6),
        Part(PartKind.ALLOCATED, -4),
        Part(PartKind.ELSEWHERE, -1),
    )
    assert (told.on_hand, told.atp, told.first_lapse_at) == (20, 8, T0 + MINUTE)
    assert erp.unexplained == -2


def test_what_moved_since_each_photograph_is_told_for_each(session):
    set_up(session, {PLACE: 20})
    photograph(session, {PLACE: 20}, at=T0, source=ERP)
    reserve(session, wish("a", {RUG: 3}))
    at = T0 + MINUTE
    service.deduct(session, "a", key="r1", effective_at=at, now=at)
    service.apply_change(session, [StockChange("k1", RUG, HZ, 5, at)], now=at)
    photograph(session, {PLACE: 22}, at=T0 + 2 * MINUTE)
    (told,) = service.explanations(session, RUG, now=T0 + 2 * MINUTE)
    erp, wms = told.looks
    assert wms.parts == (Part(PartKind.PHOTOGRAPHED, 22),)
    assert erp.parts == (
        Part(PartKind.PHOTOGRAPHED, 20),
        Part(PartKind.CHANGED, 5),
        Part(PartKind.LEFT, -3),
    )
    assert told.on_hand == 22
