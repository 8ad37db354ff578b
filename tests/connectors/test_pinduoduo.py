"""The hub asks Pinduoduo: what it sends, and what each answer means."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.pinduoduo_orders import ORDER
from tests.connectors.pinduoduo_server import (
    AT,
    NUMBER,
    SECRET,
    Call,
    params_of,
    pinduoduo,
    refuses,
    says,
    types,
)
from yinuo.connectors.pinduoduo.connector import FIND, RENEW
from yinuo.connectors.pinduoduo.envelope import TokenRefused, WrongMall
from yinuo.connectors.pinduoduo.paging import Place
from yinuo.connectors.pinduoduo.signing import sign
from yinuo.connectors.protocols import (
    Busy,
    HealthState,
    Receiver,
    Rejected,
    SealedReceiver,
    Unavailable,
)
from yinuo.connectors.testing import Reply
from yinuo.core import clock
from yinuo.core.texts import has_text


def test_a_call_is_signed_and_sends_nothing_empty() -> None:
    def answer(_call: Call) -> Reply:
        return says("order_sn_increment_get", total_count=1, order_sn_list=[ORDER])

    since = AT - timedelta(minutes=30)
    with clock.fixed(AT), pinduoduo(answer) as (connector, server):
        page = connector.pull_orders(since, AT)
    sent = params_of(server.seen[0])
    assert sent.pop("sign") == sign(sent, SECRET)
    assert sent == {
        "type": "pdd.order.number.list.increment.get",
        "client_id": "client1",
        "access_token": "token1",
        "timestamp": "1795312800",
        "data_type": "JSON",
        "version": "V1",
        "start_updated_at": "1795311000",
        "end_updated_at": "1795312800",
        "order_status": "5",
        "refund_status": "5",
        "is_lucky_flag": "0",
        "page": "1",
        "page_size": "2",
    }
    assert page.next_cursor is None
    assert [(one.number, one.version) for one in page.orders] == [(NUMBER, 1795312802)]
    assert json.loads(page.orders[0].body) == ORDER


def test_pages_are_read_from_the_last_to_the_first() -> None:
    def answer(call: Call) -> Reply:
        orders = [{"order_sn": f"p{call['page']}", "updated_at": "2026-11-22 10:00:00"}, 7]
        return says("order_sn_increment_get", total_count=5, order_sn_list=orders)

    cursor, read = None, []
    with pinduoduo(answer) as (connector, server):
        while cursor is not None or not read:
            page = connector.pull_orders(AT, AT, cursor=cursor)
            read.append([one.number for one in page.orders])
            cursor = page.next_cursor
    assert read == [["", "p3"], ["", "p2"], ["", "p1"]]
    assert [params_of(one)["page"] for one in server.seen] == ["1", "3", "2", "1"]


@pytest.mark.parametrize(
    ("place", "total", "following"),
    [
        (Place(3, 250), 250, Place(2, 250)),
        (Place(3, 250), 240, Place(2, 240)),
        (Place(2, 250), 251, Place(3, 251)),
        (Place(1, 250), 451, Place(5, 451)),
        (Place(1, 50), 50, Place(0, 50)),
    ],
)
def test_reading_goes_down_and_begins_anew_when_orders_came(
    place: Place, total: int, following: Place
) -> None:
    after = place.after(total, size=100)
    assert after == following
    assert Place.of(after.cursor) == (following if following.page else None)


@given(
    st.integers(min_value=1, max_value=7),
    st.integers(min_value=0, max_value=40),
    st.lists(st.tuples(st.booleans(), st.integers(0, 60), st.integers(1, 9)), max_size=12),
)
def test_whatever_leaves_or_appears_between_two_pages_no_order_is_missed(
    size: int, count: int, events: list[tuple[bool, int, int]]
) -> None:
    window, left, seen = list(range(count)), set[int](), set[int]()
    place, coming = Place.last(count, size=size), iter(range(10_000, 11_000))
    while place.page > 0:
        if events:
            appears, at, how_many = events.pop()
            if appears:
                window[at:at] = [next(coming) for _ in range(how_many)]
            else:
                left.update(window[at : at + how_many])
                del window[at : at + how_many]
        seen.update(window[(place.page - 1) * size : place.page * size])
        place = place.after(len(window), size=size)
    assert set(window) - seen == set()
    assert seen <= set(window) | left


def test_a_cursor_of_another_form_starts_anew() -> None:
    assert [Place.of(text) for text in (None, "", "x", "3", "-1:2", "3:4:5")] == [None] * 6
    assert Place.of("3:250") == Place(3, 250)


@pytest.mark.parametrize(
    ("code", "kind", "calls"),
    [(code, Rejected, 1) for code in (10001, 10036, 20004, 30000, 50001, 50002, 52001, 52003)]
    + [(code, Busy, 3) for code in (52101, 70031)]
    + [(code, Unavailable, 3) for code in (52004, 52102, 52103)]
    + [(code, Rejected, 1) for code in (53000, 70030, 99999)],
)
def test_error_families_are_stable_errors(code: int, kind: type[Exception], calls: int) -> None:
    with (
        pinduoduo(lambda _call: refuses(code)) as (connector, server),
        pytest.raises((Rejected, Unavailable)) as caught,
    ):
        connector.find_order(NUMBER)
    assert type(caught.value) is kind
    assert caught.value.details["outside_code"] == str(code)
    assert len(server.seen) == calls


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b'{"a_response":{"order_info":1},"b_response":{}}']
)
def test_useless_answers_are_no_answers(body: bytes) -> None:
    with (
        pinduoduo(lambda _call: Reply(body=body)) as (connector, server),
        pytest.raises(Unavailable),
    ):
        connector.find_order(NUMBER)
    assert len(server.seen) == 3


def test_one_order_is_found_as_it_is_or_not_at_all() -> None:
    replies = iter(
        [
            says("order_info_get", order_info=ORDER),
            says("order_info_get", order_info=None),
            refuses(50001, "订单不存在"),
            refuses(50001, "系统异常"),
        ]
    )
    with pinduoduo(lambda _call: next(replies)) as (connector, server):
        found = connector.find_order(NUMBER)
        assert found is not None
        assert connector.read_order(found).number == NUMBER
        assert connector.find_order(NUMBER) is None
        assert connector.find_order(NUMBER) is None
        with pytest.raises(Rejected):
            connector.find_order(NUMBER)
    assert params_of(server.seen[0])["order_sn"] == NUMBER


def renewing(call: Call, *, good: str = "token2", owner: str = "77") -> Reply:
    if call["type"].endswith("token.refresh"):
        return says(
            "pop_auth_token_refresh", access_token="token2", refresh_token="r2", owner_id=owner
        )
    if call["access_token"] != good:
        return refuses(10019, "access_token已过期")
    return says("order_info_get", order_info=ORDER)


def test_a_token_that_has_ended_is_renewed_once_for_all_threads() -> None:
    with pinduoduo(renewing) as (connector, server):
        threads = [threading.Thread(target=connector.find_order, args=(NUMBER,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert connector.find_order(NUMBER) is not None
    renewals = [params_of(one) for one in server.seen if b"token.refresh" in one.body]
    assert len(renewals) == 1
    assert renewals[0]["refresh_token"] == "refresh1"
    assert "access_token" not in renewals[0]
    assert renewals[0].pop("sign") == sign(renewals[0], SECRET)


def test_a_token_is_renewed_no_second_time_in_one_call() -> None:
    with (
        pinduoduo(lambda call: renewing(call, good="another")) as (connector, server),
        pytest.raises(TokenRefused) as caught,
    ):
        connector.find_order(NUMBER)
    assert types(server) == [FIND.name, RENEW.name, FIND.name]
    assert has_text(caught.value.code)


def test_without_a_refresh_token_the_refusal_stands() -> None:
    with (
        pinduoduo(renewing, refresh_token=None) as (connector, server),
        pytest.raises(TokenRefused),
    ):
        connector.find_order(NUMBER)
    assert len(server.seen) == 1


def test_a_token_of_another_shop_is_not_used() -> None:
    with (
        pinduoduo(lambda call: renewing(call, owner="78")) as (connector, _server),
        pytest.raises(WrongMall) as caught,
    ):
        connector.find_order(NUMBER)
    assert has_text(caught.value.code)
    assert caught.value.details["mall_id"] == "77"


SEALED = SealedReceiver(name="~name~", phone="$phone$", detail="~detail~")
MASKED = Receiver(
    name="李*",
    phone="138****0000",
    province="上海市",
    city="上海市",
    district="浦东新区",
    detail="*",
)


def test_secrets_and_ciphertext_reach_no_error(caplog: pytest.LogCaptureFixture) -> None:
    echo = "token1 ~name~ $phone$ yinuo-example-pdd-secret 13800000000"
    with (
        pinduoduo(lambda _call: refuses(10001, echo)) as (connector, _server),
        pytest.raises(Rejected) as caught,
    ):
        connector.unseal(NUMBER, SEALED, MASKED)
    shown = repr(connector.settings)
    assert caught.value.details["outside_message"] == "*** *** *** *** [redacted]"
    for text in ("token1", "refresh1", SECRET, "~name~"):
        assert text not in f"{shown} {caplog.text} {caught.value!r} {caught.value.details}"


def test_health_is_asked_for_by_a_second_of_orders() -> None:
    def answer(_call: Call) -> Reply:
        return says("order_sn_increment_get", total_count=0, order_sn_list=[])

    with clock.fixed(AT), pinduoduo(answer) as (connector, server):
        assert connector.check().state is HealthState.OK
    sent = params_of(server.seen[0])
    assert (sent["start_updated_at"], sent["end_updated_at"]) == ("1795312560", "1795312561")
    with pinduoduo(lambda _call: refuses(10001)) as (connector, _server):
        assert connector.check().state is HealthState.DEGRADED
