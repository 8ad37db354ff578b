"""What people taught stays right: repeats, cases that must not break, nothing personal kept."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa

from tests.addresses.test_teaching import ESTATE, NOON, XIHU, YUHANG, correct, take
from yinuo.addresses import service
from yinuo.addresses.model import AliasScope, ReadingState, StatedAddress
from yinuo.addresses.model.readings import (
    AliasConflicts,
    AliasWish,
    AliasWithoutEffect,
    BadCorrection,
)
from yinuo.core.db import Database, Session

PLAZA = StatedAddress(detail="梦想小镇广场9幢", name="测试", phone="19900000002")


def test_what_a_person_decided_stays_when_the_order_is_read_again(session: Session):
    decided = correct(session, take(session, "ord_1"), XIHU, alias=None).reading
    correct(session, take(session, "ord_2"), YUHANG)
    assert take(session, "ord_1") == decided
    assert service.load_reading(session, "ord_1").code == XIHU


def test_the_same_address_read_the_same_again_changes_nothing(session: Session):
    first = take(session, "ord_1")
    assert take(session, "ord_1") == first
    assert first.revision == 1


def test_another_address_of_the_order_is_read_anew(session: Session):
    decided = correct(session, take(session, "ord_1"), XIHU, alias=None).reading
    moved = StatedAddress("浙江省", "杭州市", "余杭区", "", "文一西路1号", "测试", "19900000001")
    fresh = take(session, "ord_1", moved)
    assert (fresh.state, fresh.code, fresh.revision) == (
        ReadingState.PASSED,
        YUHANG,
        decided.revision + 1,
    )


def test_what_no_column_can_hold_is_kept_all_the_same(session: Session):
    reading = take(
        session, "ord_1", StatedAddress(detail="杭州西湖区\x00文三路\ud800", codes=("\x00",))
    )
    assert reading.code == XIHU
    assert take(
        session, "ord_1", StatedAddress(detail="杭州西湖区\x00文三路\ud800", codes=("\x00",))
    )


def test_an_alias_that_breaks_a_kept_case_is_shown_and_refused(session: Session):
    correct(session, take(session, "ord_1", PLAZA), YUHANG, alias="小镇广场")
    reading = take(session, "ord_2", StatedAddress(detail="青年小镇广场1号楼"))
    # The longer text wins wherever both stand, and the kept case is about the shorter one.
    assert reading.code == YUHANG
    wish = AliasWish(text="小镇广场1号", scope=AliasScope.EVERYWHERE)
    seen = service.preview(session, "ord_2", code=XIHU, wish=wish)
    assert [(one.case.code, one.found.code) for one in seen.broken] == [(YUHANG, XIHU)]
    assert (seen.conflicts, seen.is_clean, seen.is_understood) == ((), False, True)
    with pytest.raises(AliasConflicts) as refused:
        correct(session, reading, XIHU, alias="小镇广场1号")
    assert refused.value.details == {"aliases": 0, "cases": 1}
    assert len(service.aliases(session).items) == 1
    done = correct(session, reading, XIHU, alias="小镇广场1号", force=True)
    assert done.alias_id is not None
    later = take(session, "ord_3", StatedAddress(detail="梦想小镇广场5幢"))
    assert later.code == YUHANG
    again = service.preview(
        session,
        "ord_3",
        code=XIHU,
        wish=AliasWish(text="梦想小镇广场5幢", scope=AliasScope.EVERYWHERE),
    )
    assert again.broken == ()


def test_an_alias_that_does_not_help_is_refused(session: Session):
    reading = take(session, "ord_1")
    wish = AliasWish(text="星光大道", scope=AliasScope.EVERYWHERE)
    assert not service.preview(session, "ord_1", code=YUHANG, wish=wish).is_understood
    with pytest.raises(AliasWithoutEffect):
        correct(session, reading, YUHANG, alias="星光大道")
    assert service.load_reading(session, "ord_1") == reading


def test_a_preview_only_reads(database: Database):
    with database.transaction() as session:
        take(session, "ord_1")
        take(session, "ord_2", PLAZA)
    wish = AliasWish(text="梦想小镇", scope=AliasScope.EVERYWHERE)
    with database.read() as session:
        seen = service.preview(session, "ord_1", code=YUHANG, wish=wish)
    assert (seen.settles, seen.is_clean, seen.is_understood) == (("ord_2",), True, True)


def test_an_alias_with_a_phone_is_refused(session: Session):
    with pytest.raises(BadCorrection):
        correct(session, take(session, "ord_1"), YUHANG, alias="梦想小镇19900000001")


def test_a_rolled_back_alias_gives_the_former_answer_and_may_be_taught_again(session: Session):
    before = take(session, "ord_1")
    done = correct(session, before)
    service.roll_back_alias(
        session, done.alias_id or "", by="usr_1", by_name="客服", why="教错了", now=NOON
    )
    after = take(session, "ord_2")
    assert (after.code, after.doubt, after.state) == (before.code, before.doubt, before.state)
    again = correct(session, after)
    assert take(session, "ord_3").alias_id == again.alias_id


def test_a_town_added_to_what_was_read_is_no_mistake(session: Session):
    stated = StatedAddress("浙江省", "杭州市", "西湖区", "", "文三路1号", "测试", "19900000001")
    reading = take(session, "ord_1", stated)
    correct(session, reading, "330106002", alias=None)
    (row,) = service.accuracy(session, since=NOON.replace(hour=0), until=NOON.replace(hour=23))
    assert (row.passed, row.wrong) == (1, 0)


_PROCESS = """
import sys
from yinuo.addresses import service
from yinuo.addresses.model import StatedAddress
from yinuo.core.db import Database
database = Database(sys.argv[1], pool_size=1)
for line in sys.stdin:
    with database.read() as session:
        stated = StatedAddress(detail=line.strip(), name="-", phone="-")
        print(service.read(session, stated, shop_id="shop-a").line.code or "none", flush=True)
"""


def test_another_process_knows_an_alias_at_once_and_forgets_it_at_once(database: Database):
    with subprocess.Popen(
        [sys.executable, "-c", _PROCESS, database.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as other:

        def ask() -> str:
            assert other.stdin is not None
            assert other.stdout is not None
            print(ESTATE.detail, file=other.stdin, flush=True)
            return other.stdout.readline().strip()

        assert ask() == "none"
        with database.transaction() as session:
            done = correct(session, take(session, "ord_1"))
            assert ask() == "none"
        assert ask() == YUHANG
        with database.transaction() as session:
            service.roll_back_alias(
                session, done.alias_id or "", by="usr_1", by_name="客服", why="教错了", now=NOON
            )
        assert ask() == "none"


def test_events_and_cases_hold_nothing_of_the_person_or_the_house(session: Session):
    stated = StatedAddress(
        province="王小二", detail="梦想小镇天使村3幢1802室 王小二 19900000001", name="王小二"
    )
    correct(session, take(session, "ord_1", stated))
    told = session.execute(sa.text("SELECT string_agg(body::text, ' ') FROM events")).scalar_one()
    cases = session.execute(
        sa.text("SELECT string_agg(to_jsonb(c)::text, ' ') FROM address_cases c")
    ).scalar_one()
    for word in ("王小二", "19900000001", "天使村", "1802"):
        assert word not in told + cases
