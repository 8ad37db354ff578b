"""What a completeness certificate says: green only for what all sides tell alike, order by order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from yinuo.channels.model.certificates import (
    Cause,
    Certificate,
    Colour,
    Doubt,
    GapKind,
    GapRepair,
    InErp,
    InHub,
    OnChannel,
    Tally,
    certify,
    day_bounds,
    due_days,
)
from yinuo.channels.service import certificates
from yinuo.core.db import Session
from yinuo.core.money import Fen

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
HERE = InHub(
    order_id="ord_1",
    number="A1",
    raw_number="A-1",
    total_fen=Fen(9900),
    goods_fen=Fen(9000),
    paid_fen=Fen(9900),
    is_paid=True,
    is_cancelled=False,
    paid_at=NOW - timedelta(hours=3),
    erp_number="YN1",
)
THERE = OnChannel(
    number="A1", raw_number="A-1", total_fen=Fen(9900), is_paid=True, is_cancelled=False
)
BOOKED = InErp(number="YN1", amount_fen=Fen(9000))


def made(
    *,
    channel: list[OnChannel] | None = None,
    hub: list[InHub] | None = None,
    erp: list[InErp] | None = None,
    troubles: frozenset[str] = frozenset(),
    doubts: tuple[Doubt, ...] = (),
) -> Certificate:
    return certify(
        channel=[THERE] if channel is None else channel,
        hub=[HERE] if hub is None else hub,
        erp=[BOOKED] if erp is None else erp,
        known_troubles=troubles,
        doubts=doubts,
        now=NOW,
    )


def test_four_sides_that_tell_alike_are_green_with_their_sums():
    certificate = made()
    assert (certificate.colour, certificate.gaps) == (Colour.GREEN, ())
    assert (
        certificate.channel
        == certificate.payments
        == certificate.hub
        == Tally(orders=1, fen=Fen(9900))
    )
    assert certificate.hub_goods == certificate.erp == Tally(orders=1, fen=Fen(9000))


def test_a_side_that_was_not_asked_is_never_green():
    certificate = certify(
        channel=None,
        hub=[HERE],
        erp=[BOOKED],
        known_troubles=frozenset(),
        doubts=[Doubt.CHANNEL_AWAY],
        now=NOW,
    )
    assert (certificate.colour, certificate.gaps) == (Colour.AMBER, ())


@pytest.mark.parametrize(
    ("changed", "kind", "repair"),
    [
        ({"hub": [], "erp": []}, GapKind.NOT_IN_HUB, GapRepair.PULL),
        ({"channel": []}, GapKind.NOT_ON_CHANNEL, None),
        (
            {"channel": [replace(THERE, is_cancelled=True)]},
            GapKind.CANCELLED_ON_CHANNEL,
            GapRepair.PULL,
        ),
        (
            {"hub": [replace(HERE, is_cancelled=True)], "erp": []},
            GapKind.CANCELLED_HERE,
            None,
        ),
        (
            {"channel": [replace(THERE, total_fen=Fen(9800))]},
            GapKind.TOTAL_DIFFERS,
            GapRepair.PULL,
        ),
        (
            {"hub": [replace(HERE, is_paid=False, paid_fen=Fen(0))], "erp": []},
            GapKind.PAYMENT_MISSING,
            GapRepair.PULL,
        ),
        ({"hub": [replace(HERE, paid_fen=Fen(9800))]}, GapKind.PAYMENT_DIFFERS, None),
        ({"erp": []}, GapKind.NOT_IN_ERP, GapRepair.PUSH),
        ({"erp": [replace(BOOKED, amount_fen=Fen(8999))]}, GapKind.ERP_DIFFERS, None),
        ({"erp": [BOOKED, BOOKED]}, GapKind.TWICE_IN_ERP, None),
        (
            {
                "channel": [replace(THERE, is_cancelled=True)],
                "hub": [replace(HERE, is_cancelled=True)],
            },
            GapKind.STILL_IN_ERP,
            GapRepair.TAKE_BACK,
        ),
    ],
)
def test_one_difference_is_one_red_gap_with_its_repair(
    changed: dict[str, list[object]], kind: GapKind, repair: GapRepair | None
):
    certificate = made(**changed)  # type: ignore[arg-type]  # one side each
    assert [(gap.kind, gap.number, gap.repair) for gap in certificate.gaps] == [
        (kind, "A1", repair)
    ]
    assert certificate.colour is Colour.RED


def test_the_own_shop_does_not_know_what_is_paid_and_the_money_says_so():
    unpaid = replace(
        HERE, number="A2", order_id="ord_2", is_paid=False, paid_fen=Fen(0), erp_number=None
    )
    lists = [replace(THERE, is_paid=None), replace(THERE, number="A2", is_paid=None)]
    certificate = made(channel=lists, hub=[HERE, unpaid])
    assert certificate.colour is Colour.GREEN
    assert certificate.channel.orders == certificate.hub.orders == 1


def test_an_order_cancelled_before_it_was_paid_and_never_seen_here_is_no_gap():
    gone = replace(THERE, number="A9", is_paid=False, is_cancelled=True)
    assert made(channel=[THERE, gone]).colour is Colour.GREEN
    refunded = replace(gone, is_paid=True)
    assert [gap.kind for gap in made(channel=[THERE, refunded]).gaps] == [GapKind.NOT_IN_HUB]


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"held_by": "address_doubtful"}, Cause.HELD),
        ({"has_work_item": True}, Cause.WORK_ITEM),
        ({"paid_at": NOW - timedelta(minutes=14)}, Cause.ON_ITS_WAY),
        ({"paid_at": NOW - timedelta(minutes=16)}, Cause.UNKNOWN),
        ({"paid_at": NOW - timedelta(minutes=1), "is_booked": True}, Cause.UNKNOWN),
    ],
)
def test_a_gap_that_somebody_is_at_is_amber(changed: dict[str, object], cause: Cause):
    certificate = made(hub=[replace(HERE, **changed)], erp=[])  # type: ignore[arg-type]
    assert [gap.cause for gap in certificate.gaps] == [cause]
    assert certificate.colour is (Colour.RED if cause is Cause.UNKNOWN else Colour.AMBER)


def test_an_order_that_could_not_be_read_is_known_by_its_work_item():
    certificate = made(hub=[], erp=[], troubles=frozenset({"A-1"}))
    assert [(gap.kind, gap.cause) for gap in certificate.gaps] == [
        (GapKind.NOT_IN_HUB, Cause.WORK_ITEM)
    ]


def test_an_order_that_is_too_new_to_be_pulled_is_on_its_way():
    certificate = made(channel=[replace(THERE, is_fresh=True)], hub=[], erp=[])
    assert [gap.cause for gap in certificate.gaps] == [Cause.ON_ITS_WAY]
    assert certificate.colour is Colour.AMBER


def test_a_document_of_another_shop_is_nothing_of_this_one():
    other = InErp(number="YN-OTHER", amount_fen=Fen(1))
    assert made(erp=[BOOKED, other]).colour is Colour.GREEN


def test_a_day_begins_at_midnight_in_shanghai():
    since, until = day_bounds(date(2026, 11, 23))
    assert (since.astimezone(UTC), until - since) == (
        datetime(2026, 11, 22, 16, tzinfo=UTC),
        timedelta(days=1),
    )


def test_a_day_is_due_in_its_evening_and_again_on_the_next_morning():
    due = dict(due_days(datetime(2026, 11, 23, 12, 31, tzinfo=UTC)))  # 20:31 in Shanghai
    assert max(due) == date(2026, 11, 23)
    assert due[date(2026, 11, 22)].astimezone(UTC) == datetime(2026, 11, 23, 0, tzinfo=UTC)
    early = dict(due_days(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)))  # 07:00
    assert max(early) == date(2026, 11, 22)
    assert early[date(2026, 11, 22)].astimezone(UTC) == datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


def test_the_days_before_the_first_of_all_are_none(session: Session):
    assert certificates.list_days(session, until=date.min, days=31) == []
