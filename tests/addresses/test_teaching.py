"""Addresses of orders are read, corrected, taught from, and an alias is taken back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from yinuo.addresses import service
from yinuo.addresses.model import AliasScope, Doubt, ReadingState, StatedAddress
from yinuo.addresses.model.readings import (
    AliasConflicts,
    AliasKnown,
    AliasNotFound,
    AliasWish,
    AlreadyDecided,
    BadCorrection,
    Reading,
    ReadingNotFound,
)
from yinuo.core.db import Database, Session

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
XIHU, YUHANG, GULOU = "330106", "330110", "320106"
ESTATE = StatedAddress(detail="梦想小镇天使村3幢", name="测试", phone="19900000001")


def take(
    session: Session, order_id: str, stated: StatedAddress = ESTATE, *, shop: str = "shop-a"
) -> Reading:
    judged = service.read(session, stated, shop_id=shop)
    return service.record(
        session, order_id, shop_id=shop, channel="miniapp", stated=stated, judged=judged, now=NOON
    )


def correct(
    session: Session,
    reading: Reading,
    code: str = YUHANG,
    *,
    alias: str | None = "梦想小镇",
    scope: AliasScope = AliasScope.EVERYWHERE,
    value: str = "",
    force: bool = False,
):
    wish = AliasWish(text=alias, scope=scope, scope_value=value) if alias else None
    return service.correct(
        session,
        reading.order_id,
        code=code,
        revision=reading.revision,
        wish=wish,
        despite_conflicts=force,
        by="usr_1",
        by_name="客服",
        now=NOON + timedelta(minutes=3),
    )


def test_a_clear_address_passes_and_keeps_no_name(session: Session) -> None:
    stated = StatedAddress("浙江省", "", "西湖区", "", "文三路1号", "张三", "13800000001")
    reading = take(session, "ord_1", stated)
    assert (reading.state, reading.doubt, reading.code) == (ReadingState.PASSED, None, XIHU)
    kept = session.execute(sa.text("SELECT stated::text FROM address_readings")).scalar_one()
    assert "张三" not in kept
    assert "13800000001" not in kept


@pytest.mark.parametrize(
    ("stated", "doubt"),
    [
        (ESTATE, Doubt.UNKNOWN),
        (StatedAddress("浙江省", "南京市", "", "", "中山路1号"), Doubt.CONTRADICTION),
        (StatedAddress("浙江省", "", "", "", "某某小区1号"), Doubt.INCOMPLETE),
        (
            StatedAddress("浙江省", "杭州市", "西湖区", "", " ", "张三", "13800000001"),
            Doubt.NO_STREET,
        ),
    ],
)
def test_what_is_not_sure_waits_for_a_person(
    session: Session, stated: StatedAddress, doubt: Doubt
) -> None:
    reading = take(session, "ord_1", stated)
    assert (reading.state, reading.doubt) == (ReadingState.DOUBTFUL, doubt)
    assert [one.order_id for one in service.doubtful(session).items] == ["ord_1"]
    assert service.count_doubtful(session) == {"miniapp": 1}


def test_a_correction_teaches_the_next_order_and_settles_those_that_wait(session: Session) -> None:
    first, second = take(session, "ord_1"), take(session, "ord_2")
    other = take(session, "ord_3", StatedAddress(detail="示例小区1幢"))
    done = correct(session, first)
    assert (done.reading.state, done.reading.code) == (ReadingState.CORRECTED, YUHANG)
    assert done.settled == ("ord_2",)
    settled = service.load_reading(session, "ord_2")
    assert (settled.state, settled.code, settled.alias_id) == (
        ReadingState.PASSED,
        YUHANG,
        done.alias_id,
    )
    assert settled.revision == second.revision + 1
    assert service.load_reading(session, other.order_id).state is ReadingState.DOUBTFUL
    fresh = take(session, "ord_4")
    assert (fresh.state, fresh.code, fresh.alias_id) == (
        ReadingState.PASSED,
        YUHANG,
        done.alias_id,
    )
    (kept,) = service.aliases(session).items
    assert (kept.hits, kept.made_by_name, kept.order_id) == (3, "客服", "ord_1")
    told = session.execute(
        sa.text("SELECT body->>'order_id' FROM events WHERE name='addresses.reading_settled'")
    )
    assert sorted(row[0] for row in told) == ["ord_1", "ord_2"]


def test_a_rolled_back_alias_is_forgotten_and_its_orders_stay(session: Session) -> None:
    done = correct(session, take(session, "ord_1"))
    assert done.alias_id is not None
    for _ in range(2):
        gone = service.roll_back_alias(
            session, done.alias_id, by="usr_2", by_name="主管", why="教错了", now=NOON
        )
        assert gone.rolled_back_by_name == "主管"
    assert take(session, "ord_2").state is ReadingState.DOUBTFUL
    assert service.load_reading(session, "ord_1").code == YUHANG
    active = session.execute(sa.text("SELECT count(*) FROM address_cases WHERE is_active"))
    assert active.scalar_one() == 0
    with pytest.raises(AliasNotFound):
        service.roll_back_alias(session, "als_no", by="u", by_name="u", why="", now=NOON)


def test_an_alias_of_a_shop_or_city_holds_there_alone(session: Session) -> None:
    correct(session, take(session, "ord_1"), scope=AliasScope.SHOP, value="shop-a")
    assert take(session, "ord_2").state is ReadingState.PASSED
    assert take(session, "ord_3", shop="shop-b").state is ReadingState.DOUBTFUL
    in_city = StatedAddress("浙江省", "杭州市", "", "", "云栖小镇2幢", "测试", "19900000001")
    correct(
        session,
        take(session, "ord_4", in_city),
        XIHU,
        alias="云栖小镇",
        scope=AliasScope.CITY,
        value="330100",
    )
    assert take(session, "ord_5", in_city).code == XIHU
    assert take(session, "ord_6", StatedAddress(detail="云栖小镇2幢")).doubt is Doubt.UNKNOWN


def test_conflicts_and_broken_cases_are_shown_before_and_refused(session: Session) -> None:
    correct(session, take(session, "ord_1"))
    again = take(session, "ord_2", ESTATE, shop="shop-b")
    wish = AliasWish(text="梦想小镇", scope=AliasScope.SHOP, scope_value="shop-b")
    seen = service.preview(session, "ord_2", code=XIHU, wish=wish)
    assert [one.code for one in seen.conflicts] == [YUHANG]
    assert not seen.is_clean
    with pytest.raises(AliasConflicts):
        correct(session, again, XIHU, scope=AliasScope.SHOP, value="shop-b")
    session.rollback()


def test_the_person_may_go_on_and_the_nearer_scope_wins(session: Session) -> None:
    correct(session, take(session, "ord_1"))
    correct(
        session,
        take(session, "ord_2", shop="shop-b"),
        XIHU,
        scope=AliasScope.SHOP,
        value="shop-b",
        force=True,
    )
    assert take(session, "ord_3", shop="shop-b").code == XIHU
    assert take(session, "ord_4", shop="shop-a").code == YUHANG


def test_the_same_alias_twice_is_refused(session: Session) -> None:
    correct(session, take(session, "ord_1"))
    with pytest.raises(AliasKnown):
        correct(session, take(session, "ord_2"))


@pytest.mark.parametrize(
    ("code", "alias", "scope", "value"),
    [
        ("330000", None, AliasScope.EVERYWHERE, ""),
        ("330100", None, AliasScope.EVERYWHERE, ""),
        ("999999", None, AliasScope.EVERYWHERE, ""),
        (XIHU, "云", AliasScope.EVERYWHERE, ""),
        (XIHU, "12345", AliasScope.EVERYWHERE, ""),
        (XIHU, "云" * 41, AliasScope.EVERYWHERE, ""),
        (XIHU, "云栖小镇", AliasScope.EVERYWHERE, "shop-a"),
        (XIHU, "云栖小镇", AliasScope.SHOP, ""),
        (XIHU, "云栖小镇", AliasScope.CITY, "杭州"),
    ],
)
def test_what_cannot_be_is_refused_whole(
    session: Session, code: str, alias: str | None, scope: AliasScope, value: str
) -> None:
    reading = take(session, "ord_1")
    with pytest.raises(BadCorrection):
        correct(session, reading, code, alias=alias, scope=scope, value=value)
    assert service.load_reading(session, "ord_1") == reading
    assert service.aliases(session).items == []


def test_dongguan_needs_no_district(session: Session) -> None:
    done = correct(session, take(session, "ord_1"), "441900", alias=None)
    assert done.reading.line.city is not None
    assert done.reading.line.city.name == "东莞市"


def test_confirming_says_that_it_was_right(session: Session) -> None:
    stated = StatedAddress("浙江省", "杭州市", "西湖区", "", "", "测试", "19900000001")
    reading = take(session, "ord_1", stated)
    done = service.confirm(
        session, "ord_1", revision=reading.revision, by="usr_1", by_name="客服", now=NOON
    )
    assert (done.state, done.code, done.decided_by_name) == (ReadingState.CONFIRMED, XIHU, "客服")
    with pytest.raises(AlreadyDecided):
        service.confirm(session, "ord_1", revision=1, by="u", by_name="u", now=NOON)
    with pytest.raises(ReadingNotFound):
        service.confirm(session, "ord_9", revision=1, by="u", by_name="u", now=NOON)


def test_accuracy_counts_by_day_and_channel(session: Session) -> None:
    clear = StatedAddress("浙江省", "", "西湖区", "", "文三路1号", "张三", "13800000001")
    for number in range(3):
        take(session, f"ord_p{number}", clear)
    correct(session, service.load_reading(session, "ord_p0"), GULOU, alias=None)
    correct(session, take(session, "ord_d1"))
    take(session, "ord_d2", StatedAddress(detail="示例小区1幢"))
    (row,) = service.accuracy(session, since=NOON - timedelta(days=1), until=NOON + timedelta(1))
    assert (row.total, row.passed, row.wrong, row.asked, row.misread, row.waiting) == (
        5,
        3,
        1,
        2,
        1,
        1,
    )


def test_an_alias_is_known_at_once_to_another_process(database: Database) -> None:
    elsewhere = Database(database.url)
    try:
        with elsewhere.transaction() as session:
            assert service.read(session, ESTATE, shop_id="s").doubt is Doubt.UNKNOWN
        with database.transaction() as session:
            correct(session, take(session, "ord_1"))
            with elsewhere.transaction() as other:  # not committed: known to nobody else
                assert service.read(other, ESTATE, shop_id="s").doubt is Doubt.UNKNOWN
        with elsewhere.transaction() as session:
            assert service.read(session, ESTATE, shop_id="s").line.code == YUHANG
    finally:
        elsewhere.dispose()


def test_of_two_people_at_the_same_address_one_decides(database: Database) -> None:
    with database.transaction() as session:
        reading = take(session, "ord_1")
    outcomes: list[str] = []

    def decide(code: str) -> None:
        try:
            with database.transaction() as session:
                correct(session, reading, code, alias=None)
            outcomes.append(code)
        except AlreadyDecided as error:
            outcomes.append(error.code)

    racing = [threading.Thread(target=decide, args=(code,)) for code in (XIHU, YUHANG)]
    for one in racing:
        one.start()
    for one in racing:
        one.join()
    assert sorted(outcomes)[1] == AlreadyDecided.code
    with database.transaction() as session:
        assert service.load_reading(session, "ord_1").code == min(outcomes)


def test_conflicting_aliases_taught_at_the_same_time_do_not_both_stand(database: Database) -> None:
    with database.transaction() as session:
        readings = [take(session, f"ord_{number}") for number in range(2)]
    outcomes: list[str] = []

    def teach(reading: Reading, code: str) -> None:
        try:
            with database.transaction() as session:
                correct(session, reading, code)
            outcomes.append("taught")
        except (AliasConflicts, AlreadyDecided, AliasKnown) as error:
            outcomes.append(error.code)

    racing = [
        threading.Thread(target=teach, args=pair)
        for pair in zip(readings, (XIHU, YUHANG), strict=True)
    ]
    for one in racing:
        one.start()
    for one in racing:
        one.join()
    assert outcomes.count("taught") == 1
    with database.transaction() as session:
        assert len(service.aliases(session, is_standing=True).items) == 1


def test_pages_of_the_queue_follow_one_another(session: Session) -> None:
    for number in range(5):
        take(session, f"ord_{number}")
    first = service.doubtful(session, limit=3)
    second = service.doubtful(session, limit=3, cursor=first.next_cursor)
    assert [one.order_id for one in [*first.items, *second.items]] == [
        f"ord_{number}" for number in range(5)
    ]
    assert second.next_cursor is None
