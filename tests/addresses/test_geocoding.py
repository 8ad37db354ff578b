"""A geocoder's word on doubtful addresses: asked sparingly, believed by rule, never twice."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier

import pytest
import sqlalchemy as sa

from yinuo.addresses import service
from yinuo.addresses.model import ReadingState, Resolver, StatedAddress
from yinuo.addresses.model.geocodes import Geocode, Kept, Question, Verdict, question_about, weigh
from yinuo.addresses.model.readings import Reading
from yinuo.addresses.service import geocoding
from yinuo.core.db import Database, Session

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
PUDONG, GULOU, XIHU = "310115", "320106", "330106"
PEOPLE = StatedAddress(detail="浦东世纪大道100号", name="测试", phone="19900000001")
RESOLVER = Resolver()


def take(session: Session, order_id: str, stated: StatedAddress = PEOPLE) -> Reading:
    judged = service.read(session, stated, shop_id="shop-a")
    return service.record(
        session, order_id, shop_id="shop-a", channel="mini", stated=stated, judged=judged, now=NOON
    )


def at(code: str, precision: str = "门牌号") -> Geocode:
    return Geocode(code=code, precision=precision, longitude=121.5, latitude=31.2)


def only_question(session: Session) -> Question:
    (question,) = geocoding.questions(session, now=NOON, limit=10)
    return question


@pytest.mark.parametrize(
    ("detail", "code", "precision", "verdict"),
    [
        ("浦东世纪大道100号", PUDONG, "门牌号", Verdict.PASSES),
        ("浦东世纪大道100号", PUDONG, "兴趣点", Verdict.PASSES),
        ("浦东世纪大道100号", PUDONG, "道路", Verdict.PASSES),
        ("浦东世纪大道100号", PUDONG, "住宅区", Verdict.SUGGESTS),
        ("浦东世纪大道100号", PUDONG, "区县", Verdict.WEAK),
        ("浦东世纪大道100号", PUDONG, "市", Verdict.WEAK),
        ("浦东世纪大道100号", PUDONG, "未知", Verdict.WEAK),
        ("浦东世纪大道100号", PUDONG, "", Verdict.WEAK),
        ("浦东世纪大道100号", "310000", "门牌号", Verdict.WEAK),
        ("浦东世纪大道100号", XIHU, "门牌号", Verdict.CONTRADICTS),
        ("浦东世纪大道100号", "000000", "门牌号", Verdict.NOTHING),
        ("鼓楼区中山路1号", GULOU, "门牌号", Verdict.SUGGESTS),
        ("杭州 鼓楼区中山路1号", GULOU, "门牌号", Verdict.CONTRADICTS),
        ("梦想小镇天使村3幢", "330110", "兴趣点", Verdict.SUGGESTS),
        ("浙江省某某小区1号", GULOU, "兴趣点", Verdict.CONTRADICTS),
        ("和平区南京路12号", "120101", "门牌号", Verdict.SUGGESTS),
    ],
)
def test_an_answer_is_believed_by_rule(
    session: Session, detail: str, code: str, precision: str, verdict: Verdict
) -> None:
    reading = take(session, "ord_1", StatedAddress(detail=detail, name="测试", phone="19900000001"))

    assert reading.state is ReadingState.DOUBTFUL
    assert weigh(RESOLVER, reading, at(code, precision)) is verdict


def test_a_stated_code_that_disagrees_is_a_contradiction(session: Session) -> None:
    reading = take(session, "ord_1", StatedAddress(detail="某某小区1号", codes=("330200",)))

    assert weigh(RESOLVER, reading, at(XIHU)) is Verdict.CONTRADICTS


@pytest.mark.parametrize(
    "detail",
    [
        "张三 13800000001 浦东世纪大道100号",
        "浦东世纪大道100号 张三 138 0000 0001",
        "浦东世纪大道100号，收货人：张三，电话138-0000-0001转8899",
    ],
)
@pytest.mark.parametrize("beside", [("", ""), ("李四", "13900000002")])
def test_the_question_carries_no_name_and_no_phone(
    session: Session, detail: str, beside: tuple[str, str]
) -> None:
    reading = take(session, "ord_1", StatedAddress(detail=detail, name=beside[0], phone=beside[1]))
    question = question_about(RESOLVER, reading)

    assert question is not None
    assert "世纪大道100号" in question.text
    for personal in ("张三", "李四", "1380", "0001", "139"):
        assert personal not in question.text
    assert question.text not in repr(question)


@pytest.mark.parametrize(
    "stated",
    [
        StatedAddress("浙江省", "南京市", "", "", "中山路1号"),
        StatedAddress("浙江省", "杭州市", "西湖区", "", " ", "张三", "13800000001"),
        StatedAddress("浙江省", "杭州市", "西湖区", "", "文三路1号", "张三", "13800000001"),
        StatedAddress(detail="？"),
    ],
    ids=["contradiction", "no_street", "passed", "empty"],
)
def test_where_asking_cannot_help_nothing_is_asked(session: Session, stated: StatedAddress) -> None:
    take(session, "ord_1", stated)

    assert geocoding.questions(session, now=NOON, limit=10) == []


def test_an_answer_lifts_a_doubtful_address_once(session: Session) -> None:
    before = take(session, "ord_1")
    question = only_question(session)

    first = geocoding.apply_geocode(session, question, at(PUDONG), now=NOON)
    again = geocoding.apply_geocode(session, question, at(PUDONG), now=NOON)

    after = service.load_reading(session, "ord_1")
    assert (first, again) == (Verdict.PASSES, None)
    assert (after.state, after.code) == (ReadingState.PASSED, PUDONG)
    assert after.revision == before.revision + 1
    assert geocoding.questions(session, now=NOON, limit=10) == []
    events = session.execute(
        sa.text("SELECT count(*) FROM events WHERE name = 'addresses.reading_settled'")
    ).scalar_one()
    assert events == 1


def test_a_suggestion_leaves_the_address_with_the_person(session: Session) -> None:
    before = take(session, "ord_1", StatedAddress(detail="鼓楼区中山路1号", name="测", phone="1"))

    verdict = geocoding.apply_geocode(session, only_question(session), at(GULOU), now=NOON)

    told = geocoding.suggestion(session, "ord_1")
    assert verdict is Verdict.SUGGESTS
    assert service.load_reading(session, "ord_1") == before
    assert told is not None
    assert (told.verdict, told.geocode) == (Verdict.SUGGESTS, at(GULOU))
    assert geocoding.questions(session, now=NOON, limit=10) == []


def test_a_late_answer_changes_nothing_that_a_person_decided(session: Session) -> None:
    reading = take(session, "ord_1")
    question = only_question(session)
    service.correct(
        session, "ord_1", code=XIHU, revision=reading.revision, by="usr_1", by_name="客服", now=NOON
    )
    decided = service.load_reading(session, "ord_1")

    assert geocoding.apply_geocode(session, question, at(PUDONG), now=NOON) is None
    assert service.load_reading(session, "ord_1") == decided
    assert geocoding.suggestion(session, "ord_1") is None


def test_an_answer_to_an_older_address_changes_nothing(session: Session) -> None:
    take(session, "ord_1")
    question = only_question(session)
    newer = take(session, "ord_1", StatedAddress(detail="浦东某某小区"))

    assert geocoding.apply_geocode(session, question, at(PUDONG), now=NOON) is None
    assert service.load_reading(session, "ord_1") == newer


def test_the_same_text_is_answered_from_what_is_kept_while_it_holds(session: Session) -> None:
    take(session, "ord_1")
    question = only_question(session)
    life = timedelta(days=90)
    assert geocoding.kept_geocode(session, question, now=NOON) is None

    geocoding.keep_geocode(session, question, None, now=NOON, lifetime=life)
    assert geocoding.kept_geocode(session, question, now=NOON) == Kept(None)
    geocoding.keep_geocode(session, question, at(PUDONG), now=NOON, lifetime=life)

    wide = StatedAddress(detail="浦东 世纪大道１００号", name="别人", phone="19900000002")
    take(session, "ord_2", wide)
    keys = {one.key for one in geocoding.questions(session, now=NOON, limit=10)}
    assert keys == {question.key}
    assert geocoding.kept_geocode(session, question, now=NOON) == Kept(at(PUDONG))
    assert geocoding.kept_geocode(session, question, now=NOON + life) is None
    geocoding.forget_geocodes(session, now=NOON + life)
    assert session.execute(sa.text("SELECT count(*) FROM address_geocodes")).scalar_one() == 0


def test_a_days_budget_begins_at_midnight_in_shanghai(session: Session) -> None:
    last = datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)
    taken = [geocoding.take_call(session, now=last, most=2) for _ in range(3)]
    next_day = geocoding.take_call(session, now=last + timedelta(seconds=1), most=2)

    assert (taken, next_day) == ([True, True, False], True)
    geocoding.give_call_back(session, taken_at=last)
    assert geocoding.used_calls(session, now=last) == 1
    geocoding.close_day(session, now=last, most=2)
    assert not geocoding.take_call(session, now=last, most=2)
    assert not geocoding.take_call(session, now=NOON + timedelta(days=9), most=0)


def _race(url: str, barrier: Barrier) -> int:
    database = Database(url)
    barrier.wait(60)
    won = 0
    for _ in range(20):
        with database.transaction() as session:
            won += geocoding.take_call(session, now=NOON, most=1)
    database.dispose()
    return won


def _racer(url: str, barrier: Barrier, told: multiprocessing.Queue[int]) -> None:
    told.put(_race(url, barrier))


def test_two_processes_never_take_more_than_the_budget(database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, told = context.Barrier(2), context.Queue()
    racers = [context.Process(target=_racer, args=(database_url, barrier, told)) for _ in range(2)]
    for racer in racers:
        racer.start()
    won = [told.get(timeout=120) for _ in racers]
    for racer in racers:
        racer.join(60)

    assert sorted(won) == [0, 1]
