"""The board of channels: today's figures by shop, and which orders needed a person, by value."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.orders.builders import NOON
from tests.reports.builders import put
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.core.db import Session
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, Resolution, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, Order
from yinuo.reports.channel_board import Band, ShopFigures, band_figures, shop_figures
from yinuo.users.model import SYSTEM, Role

WEEK_AGO = NOON - timedelta(days=7)


@pytest.fixture(autouse=True)
def shops(session: Session) -> None:
    for shop_id, channel in (("mini", Channel.MINI_PROGRAM), ("pdd", Channel.PINDUODUO)):
        channels.save_shop(session, Shop(id=shop_id, channel=channel, name=shop_id))


def item(session: Session, order: Order, *, ends: Resolution | None = None, **more) -> None:
    facts = {
        "kind": WorkItemKind.SHORTAGE,
        "subject_type": "order",
        "subject_id": order.id,
        "subject_label": order.number,
        "code": "inventory.shortage",
    } | more
    exceptions.raise_item(session, NewItem(**facts), now=NOON)
    if ends is not None:
        exceptions.close_for_subject(
            session,
            kind=facts["kind"],
            subject_type=facts["subject_type"],
            subject_id=facts["subject_id"],
            resolution=ends,
            now=NOON,
        )


def test_a_shop_without_orders_is_there_with_nothing(session: Session):
    assert shop_figures(session, now=NOON)["pdd"] == ShopFigures(
        shop_id="pdd",
        orders_today=0,
        paid_today=0,
        paid_today_fen=0,
        shipped_today=0,
        unfinished=0,
        waiting_long=0,
        doubtful_addresses=0,
        waiting_messages=0,
        work_items=0,
        overdue_items=0,
    )
    assert band_figures(session, since=WEEK_AGO) == {}


def test_a_shop_is_counted_by_day_state_and_wait(session: Session):
    put(session, "unpaid")
    put(session, "paid", total=20_000, is_paid=True)
    put(session, "shipped", total=5_000, to=FulfillmentStatus.SHIPPED)
    put(session, "old", minutes=-60 * 80, is_paid=True)
    late = put(session, "other", shop="pdd", is_paid=True)
    item(session, late)
    now = NOON + timedelta(hours=3)
    found = shop_figures(session, now=now)
    mini = found["mini"]
    assert (mini.orders_today, mini.paid_today, mini.paid_today_fen) == (3, 2, 25_000)
    assert (mini.shipped_today, mini.unfinished, mini.waiting_long) == (1, 2, 1)
    assert (mini.work_items, mini.overdue_items) == (0, 0)
    pdd = found["pdd"]
    assert (pdd.orders_today, pdd.work_items, pdd.overdue_items) == (1, 1, 1)


def test_items_are_the_shops_whether_about_an_order_a_message_or_itself(session: Session):
    order = put(session, "A", is_paid=True)
    item(session, order)
    item(
        session,
        order,
        kind=WorkItemKind.UNKNOWN_SKU,
        subject_type="inbox",
        subject_id="inb_1",
        params={"shop_id": "mini", "codes": ["P"]},
    )
    item(session, order, kind=WorkItemKind.SHOP_BEHIND, subject_type="shop", subject_id="mini")
    item(session, order, kind=WorkItemKind.EVENT_UNDELIVERABLE, subject_type="event")
    assert shop_figures(session, now=NOON)["mini"].work_items == 3


def test_the_dearest_fifth_stands_apart_over_all_shops(session: Session):
    for number in range(10):
        shop = "mini" if number % 2 else "pdd"
        put(session, f"N{number}", total=1_000 * (number + 1), shop=shop, is_paid=True)
    put(session, "unpaid", total=99_000)
    put(session, "long ago", total=99_000, minutes=-60 * 24 * 8, is_paid=True)
    found = band_figures(session, since=WEEK_AGO)
    assert {key: (one.orders, one.least_fen) for key, one in found.items()} == {
        ("mini", Band.TOP): (1, 10_000),
        ("pdd", Band.TOP): (1, 9_000),
        ("mini", Band.MIDDLE): (2, 6_000),
        ("pdd", Band.MIDDLE): (1, 7_000),
        ("mini", Band.REST): (2, 2_000),
        ("pdd", Band.REST): (3, 1_000),
    }
    assert sum(one.paid_fen for one in found.values()) == 55_000


def by_hand(session: Session) -> int:
    return sum(one.by_hand for one in band_figures(session, since=WEEK_AGO).values())


def test_who_needed_a_person_is_counted_once(session: Session):
    order = put(session, "A", is_paid=True)
    put(session, "B", is_paid=True)
    item(session, order)
    item(session, order, kind=WorkItemKind.ERP_REJECTED, ends=Resolution.RETRIED)
    assert by_hand(session) == 1


def test_what_went_away_by_itself_needed_nobody(session: Session):
    item(session, put(session, "A", is_paid=True), ends=Resolution.VANISHED)
    assert by_hand(session) == 0


def test_a_message_that_a_person_set_right_counts_for_its_order(session: Session):
    order = put(session, "A", is_paid=True)
    about = {"kind": WorkItemKind.UNKNOWN_SKU, "subject_type": "inbox", "subject_id": "inb_1"}
    item(session, order, ends=Resolution.FIXED, subject_label=order.raw_number, **about)
    assert by_hand(session) == 1


@pytest.mark.parametrize(
    ("released_by", "expected"), [("system", 0), ("mini_program", 0), ("王芳", 1), (None, 1)]
)
def test_a_hold_needs_a_person_unless_the_product_lifts_it(
    session: Session, released_by: str | None, expected: int
):
    order = put(session, "A", is_paid=True)
    hold = orders.hold_order(
        session,
        order.id,
        reason="address_doubtful",
        owner_role=Role.CUSTOMER_SERVICE.value,
        note="",
        actor=SYSTEM.name,
        now=NOON,
    )
    if released_by is not None:
        orders.release_hold(session, order.id, hold_id=hold.id, actor=released_by, now=NOON)
    assert by_hand(session) == expected


@pytest.mark.parametrize(
    ("state", "decided_by", "expected"),
    [("passed", "", 0), ("doubtful", "", 1), ("corrected", "usr_1", 1)],
)
def test_an_address_that_a_person_decides_counts(
    session: Session, state: str, decided_by: str, expected: int
):
    order = put(session, "A", is_paid=True)
    session.execute(
        sa.text(
            "INSERT INTO address_readings (order_id, shop_id, channel, stated, code, confidence,"
            " doubt, contradictions, evidence, table_date, state, revision, read_at, decided_by)"
            " VALUES (:id, 'mini', 'mini_program', '{}', '330106', 0.9, NULL, '[]', '[]', '2025',"
            " :state, 1, :at, :by)"
        ),
        {"id": order.id, "state": state, "at": NOON, "by": decided_by},
    )
    assert by_hand(session) == expected
    assert shop_figures(session, now=NOON)["mini"].doubtful_addresses == (state == "doubtful")
