"""The hub asks Amap where an address lies."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import prometheus_client
import pytest

from yinuo.connectors import http
from yinuo.connectors.amap.connector import AmapConnector
from yinuo.connectors.amap.settings import AmapSettings
from yinuo.connectors.amap.signing import sign
from yinuo.connectors.http import Outside, Repeats, Timeouts
from yinuo.connectors.protocols import (
    Busy,
    Health,
    HealthState,
    Located,
    OutcomeUnknown,
    Point,
    QuotaUsed,
    Rejected,
    Unavailable,
)
from yinuo.connectors.testing import LocalServer, Received, Reply, local_server

KEY = "yinuoamapkey"  # made up
PRIVATE = "yinuoamapprivatekey"  # made up
ADDRESS = "上海市浦东新区世纪大道100号"
PLACE = {
    "formatted_address": ADDRESS,
    "country": "中国",
    "province": "上海市",
    "citycode": "021",
    "city": "上海市",
    "district": "浦东新区",
    "township": [],
    "neighborhood": {"name": [], "type": []},
    "building": {"name": [], "type": []},
    "adcode": "310115",
    "street": "世纪大道",
    "number": "100号",
    "location": "121.507,31.234",
    "level": "门牌号",
}


@contextmanager
def amap(
    answer: Callable[[Received], Reply], **settings: object
) -> Iterator[tuple[AmapConnector, LocalServer]]:
    with local_server(answer) as server, http.new_client() as client:
        outside = Outside(
            "amap",
            client=client,
            timeouts=Timeouts(connect=5, read=1.5, total=6),
            repeats=Repeats(first_pause_seconds=0.001, longest_pause_seconds=0.002),
        )
        given = {"address": server.address, "key": KEY, "private_key": PRIVATE} | settings
        read = AmapSettings.model_validate({"calls_per_second": 1000} | given)
        yield AmapConnector(read, outside), server


def found(*places: object) -> Callable[[Received], Reply]:
    body = {"status": "1", "info": "OK", "infocode": "10000", "count": str(len(places))}
    return lambda _received: Reply(body=json.dumps(body | {"geocodes": places}).encode())


def refuses(infocode: str, info: str = "SOMETHING") -> Callable[[Received], Reply]:
    body = {"status": "0", "info": info, "infocode": infocode}
    return lambda _received: Reply(body=json.dumps(body).encode())


def test_signature_is_the_vendors_own() -> None:
    params = {"output": "JSON", "key": KEY, "address": ADDRESS}

    assert sign(params, PRIVATE) == "b1ba0ad81a4149eed3a45946c62150e2"


def test_address_is_located_with_a_signed_request() -> None:
    with amap(found(PLACE)) as (connector, server):
        located = connector.locate(ADDRESS)

    assert located == Located(
        code="310115",
        province="上海市",
        city="上海市",
        district="浦东新区",
        precision="门牌号",
        point=Point(121.507, 31.234),
    )
    assert server.seen[0].path == "/v3/geocode/geo"
    assert server.seen[0].query == {
        "address": ADDRESS,
        "key": KEY,
        "output": "JSON",
        "sig": "b1ba0ad81a4149eed3a45946c62150e2",
    }


def test_signs_are_encoded_after_the_signature_is_made() -> None:
    text = "a&b=c #1+2 号"
    with amap(found(PLACE)) as (connector, server):
        connector.locate(text)

    query = dict(parse_qsl(urlsplit(server.seen[0].target).query))
    assert query["address"] == text
    assert query["sig"] == sign({"address": text, "key": KEY, "output": "JSON"}, PRIVATE)


def test_without_private_key_nothing_is_signed() -> None:
    with amap(found(PLACE), private_key=None) as (connector, server):
        connector.locate(ADDRESS)

    assert "sig" not in server.seen[0].query


def test_empty_values_arrive_as_empty_lists() -> None:
    direct = PLACE | {"city": [], "district": [], "adcode": "429004", "location": [], "level": []}
    with amap(found(direct)) as (connector, _server):
        located = connector.locate(ADDRESS)

    assert located == Located(
        code="429004", province="上海市", city="", district="", precision="", point=None
    )


@pytest.mark.parametrize("location", ["x,y", "121.5", "inf,1", "500,10", "nan,nan", ""])
def test_unreadable_location_is_no_point(location: str) -> None:
    with amap(found(PLACE | {"location": location})) as (connector, _server):
        located = connector.locate(ADDRESS)

    assert located is not None
    assert located.point is None


@pytest.mark.parametrize(
    "answer",
    [found(), refuses("30001"), refuses("20000"), found(PLACE | {"adcode": []})],
    ids=["0", "30001", "20000", "[]"],
)
def test_no_such_address_is_none(answer: Callable[[Received], Reply]) -> None:
    with amap(answer) as (connector, _server):
        assert connector.locate(ADDRESS) is None


@pytest.mark.parametrize(
    ("infocode", "kind"),
    [(code, QuotaUsed) for code in ("10003", "10044")]
    + [(code, Busy) for code in ("10004", "10014", "10019", "10020", "10021")]
    + [(code, Rejected) for code in ("10001", "10005", "10007", "10009", "20001", "77777")],
)
def test_infocodes_are_stable_errors_and_asked_once(infocode: str, kind: type[Exception]) -> None:
    with amap(refuses(infocode)) as (connector, server):
        with pytest.raises((Rejected, Unavailable)) as caught:
            connector.locate(ADDRESS)

        assert type(caught.value) is kind
        assert caught.value.details["outside_code"] == infocode
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>"),
        Reply(body=b"[]"),
        Reply(body=b"\xff"),
        Reply(status=502),
        Reply(hangs_up=True),
        Reply(wait_seconds=3),
    ],
    ids=["html", "list", "bytes", "502", "hangs_up", "slow"],
)
def test_useless_answers_are_not_asked_again(reply: Reply) -> None:
    with amap(lambda _received: reply) as (connector, server):
        with pytest.raises(OutcomeUnknown):
            connector.locate(ADDRESS)

        assert len(server.seen) == 1


def test_health_is_asked_for_without_an_address() -> None:
    with amap(found()) as (connector, server):
        assert connector.check() == Health(state=HealthState.OK)

    assert server.seen[0].path == "/v3/config/district"
    assert "address" not in server.seen[0].query


def test_wrong_key_shows_as_a_refusing_system() -> None:
    with amap(refuses("10001", "INVALID_USER_KEY")) as (connector, _server):
        health = connector.check()

    assert health == Health(state=HealthState.DEGRADED, note="connectors.health.refused")


def test_key_and_address_reach_no_log_no_error_and_no_metric(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    echo = refuses("10001", f"bad {KEY} for {ADDRESS}")
    with caplog.at_level(logging.INFO), amap(echo) as (connector, _server):
        with pytest.raises(Rejected) as caught:
            connector.locate(ADDRESS)
        shown = repr(connector.settings)

    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)
    written = capfd.readouterr()
    metrics = prometheus_client.generate_latest().decode()
    told = (caplog.text, written.out, written.err, metrics, shown)
    for text in (*told, str(caught.value), repr(caught.value), str(caught.value.details)):
        assert KEY not in text
        assert "世纪大道" not in text
        assert "%E4%B8%96" not in text
    assert caught.value.__cause__ is None
    assert caught.value.details["outside_message"] == "bad *** for ***"
