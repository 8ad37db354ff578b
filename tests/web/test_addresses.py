"""Addresses over HTTP: tried, masked, revealed, corrected, learnt from, rolled back, counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.racing import race
from tests.reports.builders import put
from tests.web.client import Client, clients
from tests.web.conftest import SignInAs
from yinuo.addresses import service
from yinuo.addresses.model import StatedAddress
from yinuo.addresses.model.geocodes import Geocode
from yinuo.addresses.service import geocoding
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users.model import Role
from yinuo.web import addresses, addresses_learning, addresses_queue

XIHU, YUHANG = "330106", "330110"
DETAIL = "梦想小镇天使村3幢1802室 王小二收 19900000001"
STATED = StatedAddress(detail=DETAIL, name="王小二", phone="19900000001")
PERSONAL = ("王小二", "19900000001", "1802", "3幢")
ALIAS = {"text": "梦想小镇", "scope": "everywhere", "scope_value": ""}


@pytest.fixture
def app(app):
    for module in (addresses, addresses_queue, addresses_learning):
        app.include_router(module.router, prefix="/api/v1")
    return app


@pytest.fixture
def cs(sign_in_as: SignInAs) -> Client:
    return sign_in_as(Role.CUSTOMER_SERVICE)


def take(
    database: Database, number: str, stated: StatedAddress = STATED, *, minutes: int = 0
) -> str:
    """Place an order, keep its reading and return its id."""
    with database.transaction() as session:
        order = put(session, number)
        service.record(
            session,
            order.id,
            shop_id="mini",
            channel="mini_program",
            stated=stated,
            judged=service.read(session, stated, shop_id="mini"),
            now=clock.now() + timedelta(minutes=minutes),
        )
        return order.id


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def audit(database: Database) -> list[tuple[str, str, object, object]]:
    with database.read() as session:
        rows = session.execute(
            sa.text(
                "SELECT action, object, before, after FROM audit_entries"
                " WHERE action LIKE 'addresses.%' ORDER BY position"
            )
        )
        return [tuple(row) for row in rows]


def test_any_text_can_be_tried_and_tells_its_evidence(cs, database):
    answer = cs.post(
        "/api/v1/addresses/try", json={"text": "张三 13800001234 杭州西湖区文三路100号"}
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["line"]["code"], told["line"]["text"]) == (XIHU, "浙江省 杭州市 西湖区")
    assert (told["name"], told["phone"], told["rest"]) == ("张三", "13800001234", "文三路100号")
    assert (told["doubt"], told["doubt_label"], told["contradictions"]) == (None, "", [])
    assert told["candidates"][0]["line"]["code"] == XIHU
    district = next(one for one in told["evidence"] if one["level"] == "district")
    assert (district["start"], district["end"], district["kind"]) == (17, 20, "full")
    assert district["words"] == "区县：原文写有“西湖区”"
    province = next(one for one in told["evidence"] if one["level"] == "province")
    assert province["words"] == "省：由下级推出“浙江省”"
    with database.read() as session:
        assert service.count_doubtful(session) == {}


def test_fields_that_contradict_the_text_are_told(cs):
    fields = {"province": "江苏省", "city": "南京市", "codes": ["330106"]}
    told = cs.post(
        "/api/v1/addresses/try", json={"text": "杭州市西湖区文三路1号", "fields": fields}
    ).json()
    assert told["doubt"] == "contradiction"
    assert told["contradictions"] != []
    assert all(one["words"] for one in told["contradictions"])
    assert cs.post("/api/v1/addresses/try", json={}).json()["doubt"] == "unknown"
    assert cs.post("/api/v1/addresses/try", json={"text": "杭" * 5001}).status_code == 422


def test_divisions_are_chosen_step_by_step_or_searched(cs):
    provinces = cs.get("/api/v1/addresses/divisions").json()["items"]
    assert len(provinces) == 34
    below = cs.get("/api/v1/addresses/divisions?parent=330100").json()["items"]
    assert ("330106", "西湖区", "区县") in [
        (one["code"], one["name"], one["level_label"]) for one in below
    ]
    towns = cs.get("/api/v1/addresses/divisions?parent=330106").json()["items"]
    assert {one["level"] for one in towns} == {"town"}
    assert cs.get("/api/v1/addresses/divisions?parent=杭州").status_code == 422
    found = cs.post("/api/v1/addresses/divisions/search", json={"q": "杭州 西湖"}).json()["items"]
    assert found[0]["code"] == XIHU
    assert cs.post("/api/v1/addresses/divisions/search", json={"q": ""}).json() == {"items": []}


def test_the_queue_and_one_reading_are_masked(cs, database):
    later = take(database, "A2", minutes=1)
    first = take(database, "A1")
    answer = cs.get("/api/v1/addresses/doubtful?limit=1")
    assert answer.status_code == 200, answer.text
    listed = answer.json()
    (row,) = listed["items"]
    assert (row["order_id"], row["order_number"], row["doubt"]) == (first, "A1", "unknown")
    assert row["masked_text"] == "梦想小镇天使村*幢****室 王**收 ***********"
    assert (listed["counts"], listed["total"]) == ({"mini_program": 2}, 2)
    second = cs.get(f"/api/v1/addresses/doubtful?cursor={listed['next_cursor']}").json()
    assert [one["order_id"] for one in second["items"]] == [later]
    assert second["next_cursor"] is None
    one = cs.get(f"/api/v1/addresses/readings/{first}")
    assert one.json()["alias_hint"] == "梦想小镇天使村"
    for word in PERSONAL:
        assert word not in answer.text + one.text


def test_what_the_geocoder_said_stands_beside_the_candidates(cs, database):
    stated = StatedAddress(detail="鼓楼区中山路1号", name="测试", phone="19900000001")
    path = f"/api/v1/addresses/readings/{take(database, 'A1', stated)}"
    assert cs.get(path).json()["geocoder"] == ""
    with database.transaction() as session:
        later = clock.now() + timedelta(hours=1)
        (question,) = geocoding.questions(session, now=later, limit=5)
        geocode = Geocode(code="320106", precision="门牌号")
        geocoding.apply_geocode(session, question, geocode, now=later)
    shown = cs.get(path).json()
    assert shown["state"] == "doubtful"
    assert shown["geocoder"] == "高德地图认为在 江苏省 南京市 鼓楼区，仅供参考"
    lines = [one["line"]["code"] for one in shown["candidates"]]
    assert lines.count("320106") == 1


def test_the_whole_text_is_revealed_with_an_audit_entry(cs, database):
    order_id = take(database, "A1")
    path = f"/api/v1/addresses/readings/{order_id}/reveal"
    assert cs.post(path, json={"reason": ""}).status_code == 422
    assert audit(database) == []
    shown = cs.post(path, json={"reason": "核对门牌"})
    assert shown.json()["detail"] == DETAIL
    assert audit(database) == [("addresses.reveal", order_id, None, {"reason": "核对门牌"})]


def test_a_correction_is_previewed_made_and_learnt_from(cs, database):
    order_id, other = take(database, "A1"), take(database, "A2")
    wanted = {"code": YUHANG, "alias": ALIAS}
    seen = cs.post(f"/api/v1/addresses/readings/{order_id}/preview", json=wanted).json()
    assert (seen["line"]["code"], seen["is_clean"], seen["is_understood"]) == (YUHANG, True, True)
    assert (seen["settles"], seen["settles_total"]) == (
        [{"order_id": other, "order_number": "A2"}],
        1,
    )
    assert cs.get("/api/v1/addresses/aliases").json()["items"] == []
    done = cs.post(f"/api/v1/addresses/readings/{order_id}/correct", json={**wanted, "revision": 1})
    assert done.status_code == 200, done.text
    told = done.json()
    assert (told["reading"]["state"], told["reading"]["line"]["code"]) == ("corrected", YUHANG)
    assert [one["order_number"] for one in told["settled"]] == ["A2"]
    assert cs.get("/api/v1/addresses/doubtful").json()["total"] == 0
    tried = cs.post("/api/v1/addresses/try", json={"text": "梦想小镇1号"}).json()
    assert tried["line"]["code"] == YUHANG
    assert [one["kind"] for one in tried["evidence"] if one["level"] == "district"] == ["alias"]
    ((action, subject, before, after),) = audit(database)
    assert (action, subject, before) == (
        "addresses.correct",
        order_id,
        {"code": "", "state": "doubtful"},
    )
    assert after == {
        "code": YUHANG,
        "state": "corrected",
        "alias": told["alias_id"],
        "scope": "everywhere",
        "scope_value": "",
        "despite_conflicts": False,
        "settled": [other],
    }


def test_conflicts_are_shown_and_refused_until_told_otherwise(cs, database):
    first, second = take(database, "A1"), take(database, "A2", StatedAddress(detail="梦想小镇8幢"))
    with database.transaction() as session:
        channels.save_shop(session, Shop(id="mini", channel=Channel.MINI_PROGRAM, name="小程序"))
    cs.post(
        f"/api/v1/addresses/readings/{first}/correct",
        json={"code": YUHANG, "alias": ALIAS, "revision": 1},
    )
    nearer = {"text": "梦想小镇", "scope": "shop", "scope_value": "mini"}
    seen = cs.post(
        f"/api/v1/addresses/readings/{second}/preview", json={"code": XIHU, "alias": nearer}
    ).json()
    assert [(one["text"], one["line"]["code"]) for one in seen["conflicts"]] == [
        ("梦想小镇", YUHANG)
    ]
    wanted = {"code": XIHU, "alias": nearer, "revision": 2}
    path = f"/api/v1/addresses/readings/{second}/correct"
    refused = cs.post(path, json=wanted)
    assert code(refused) == (409, "addresses.alias_conflicts")
    assert refused.json()["error"]["next_step"]
    assert cs.post(path, json=wanted | {"despite_conflicts": True}).status_code == 200
    nowhere = {**nearer, "scope_value": "no-such-shop"}
    assert code(cs.post(path, json=wanted | {"alias": nowhere, "revision": 3})) == (
        404,
        "channels.unknown_shop",
    )


def test_an_alias_is_rolled_back_once_and_told_so(cs, database):
    order_id = take(database, "A1")
    made = cs.post(
        f"/api/v1/addresses/readings/{order_id}/correct",
        json={"code": YUHANG, "alias": ALIAS, "revision": 1},
    ).json()["alias_id"]
    (kept,) = cs.get("/api/v1/addresses/aliases?standing=true").json()["items"]
    assert (kept["id"], kept["line"]["code"], kept["scope_label"], kept["hits"]) == (
        made,
        YUHANG,
        "所有订单",
        1,
    )
    path = f"/api/v1/addresses/aliases/{made}/roll-back"
    for _ in range(2):
        gone = cs.post(path, json={"reason": "教错了"}).json()
        assert (gone["is_standing"], gone["rolled_back_why"]) == (False, "教错了")
    assert (
        cs.post("/api/v1/addresses/try", json={"text": "梦想小镇1号"}).json()["doubt"] == "unknown"
    )
    assert [one[0] for one in audit(database)] == ["addresses.correct", "addresses.roll_back_alias"]
    missing = cs.post("/api/v1/addresses/aliases/als_none/roll-back", json={"reason": "x"})
    assert code(missing) == (404, "addresses.alias_not_found")


def test_of_two_who_decide_at_once_one_is_told_that_it_was_decided(app, cs, database):
    order_id = take(database, "A1")
    outcomes: list[str] = []
    with clients(app, 2) as two:
        for client in two:
            client.cookies.update(cs.cookies)

        def decide(number: int) -> None:
            answer = two[number].post(
                f"/api/v1/addresses/readings/{order_id}/correct",
                json={"code": (XIHU, YUHANG)[number], "revision": 1},
            )
            outcomes.append("done" if answer.status_code == 200 else code(answer)[1])

        race(2, decide)
    assert sorted(outcomes) == ["addresses.already_decided", "done"]
    assert [one[0] for one in audit(database)] == ["addresses.correct"]


def test_what_was_read_rightly_is_confirmed(cs, database):
    order_id = take(database, "A1", StatedAddress("浙江省", "杭州市", "西湖区", "", ""))
    path = f"/api/v1/addresses/readings/{order_id}/confirm"
    done = cs.post(path, json={"revision": 1})
    assert (done.json()["state"], done.json()["decided_by"]) == (
        "confirmed",
        Role.CUSTOMER_SERVICE.value.title(),
    )
    assert code(cs.post(path, json={"revision": 1})) == (409, "addresses.already_decided")
    assert code(cs.post("/api/v1/addresses/readings/none/confirm", json={"revision": 1})) == (
        404,
        "addresses.reading_not_found",
    )


def test_accuracy_is_told_by_channel_and_day(cs, database):
    clear = StatedAddress("浙江省", "杭州市", "西湖区", "", "文三路1号", "张三", "13800000001")
    passed = [take(database, f"P{number}", clear) for number in range(4)]
    take(database, "A1")
    cs.post(f"/api/v1/addresses/readings/{passed[0]}/correct", json={"code": YUHANG, "revision": 1})
    told = cs.get("/api/v1/addresses/accuracy?days=7").json()
    ((day,), (channel,)) = (told["days"], told["channels"])
    wanted = {"total": 5, "passed": 4, "wrong": 1, "asked": 1, "waiting": 1, "misread": 0}
    assert {key: day[key] for key in wanted} == wanted
    assert (day["passed_share"], day["right_share"]) == (0.8, 0.75)
    assert (channel["channel_label"], channel["total"], channel["right_share"]) == (
        "小程序",
        5,
        0.75,
    )
    assert code(cs.get("/api/v1/addresses/accuracy?days=0")) == (422, "core.invalid")


def test_nothing_personal_is_in_the_audit_the_events_or_the_logs(cs, database, caplog, capfd):
    order_id = take(database, "A1")
    path = f"/api/v1/addresses/readings/{order_id}"
    cs.post("/api/v1/addresses/try", json={"text": DETAIL})
    cs.post(f"{path}/preview", json={"code": YUHANG, "alias": ALIAS})
    cs.post(f"{path}/correct", json={"code": "999999", "revision": 1})
    cs.post(f"{path}/correct", json={"code": YUHANG, "alias": ALIAS, "revision": 1})
    with database.read() as session:
        kept = session.execute(
            sa.text(
                "SELECT coalesce((SELECT string_agg(to_jsonb(a)::text, ' ') FROM audit_entries a), '')"
                " || coalesce((SELECT string_agg(to_jsonb(e)::text, ' ') FROM events e"
                " WHERE e.name LIKE 'addresses.%'), '')"
            )
        ).scalar_one()
    written = capfd.readouterr()
    for word in PERSONAL:
        assert word not in kept + caplog.text + written.out + written.err


def test_operations_may_correct_too(sign_in_as, database):
    ops = sign_in_as(Role.OPERATIONS)
    order_id = take(database, "A1")
    done = ops.post(
        f"/api/v1/addresses/readings/{order_id}/correct", json={"code": YUHANG, "revision": 1}
    )
    assert done.status_code == 200
