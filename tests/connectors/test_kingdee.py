"""K3 WISE: one document per number, whatever its WebAPI answers."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from yinuo.connectors import http
from yinuo.connectors.http import Outside, Repeats, Timeouts
from yinuo.connectors.kingdee_k3 import mapping
from yinuo.connectors.kingdee_k3.connector import KingdeeConnector
from yinuo.connectors.kingdee_k3.settings import KingdeeSettings
from yinuo.connectors.kingdee_k3.stock import BridgeStock
from yinuo.connectors.protocols import (
    Busy,
    ErpDocument,
    HealthState,
    OutcomeUnknown,
    Rejected,
    SalesDocument,
    SalesLine,
    Unavailable,
)
from yinuo.connectors.testing import LocalServer, Received, Reply, local_server
from yinuo.core import clock
from yinuo.core.money import Fen

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
DOCUMENT = SalesDocument(
    number="YN20261122000001",
    shop_code="mini",
    placed_at=datetime(2026, 11, 21, 17, 0, tzinfo=UTC),  # already the 22nd in Shanghai
    deliver_by=datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
    lines=(
        SalesLine(
            sku="LOVE-2026",
            name="情人节礼盒",
            unit="个",
            quantity=1,
            unit_price_fen=Fen(25990),
            amount_fen=Fen(25990),
            note="VIP-LOVE",
        ),
    ),
)
FOUND = {
    "FBillNo": "SEORD000579",
    "FStatus": "0",
    "FCancellation": "0",
    "FHeadSelfS0155": "YN20261122000001",
}
SAVED = [{"FStatus": True, "FMessage": "", "FBillNo": "SEORD000579", "FInterID": "1001"}]


def envelope(data: object, status: int = 200, message: str = "Successful") -> Reply:
    body = {"StatusCode": status, "Message": message, "Data": data}
    return Reply(body=json.dumps(body).encode())


def token(code: str = "t0ken", validity: int = 3600) -> Reply:
    return envelope(
        {"Code": "Y", "Token": code, "Create": "2026-11-22 10:00:00", "Validity": validity}
    )


class Vendor:
    """Answers each action from its own list of replies; the last one stays."""

    def __init__(self, **replies: Reply | list[Reply]) -> None:
        self.replies = {
            name: reply if isinstance(reply, list) else [reply] for name, reply in replies.items()
        }
        self.replies.setdefault("Create", [token()])
        self.actions: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, received: Received) -> Reply:
        action = received.path.rsplit("/", 1)[1]
        with self._lock:
            self.actions.append(action)
            left = self.replies[action]
            return left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def k3(vendor: Callable[[Received], Reply]) -> Iterator[tuple[KingdeeConnector, LocalServer]]:
    with local_server(vendor) as server, http.new_client() as client:
        outside = Outside(
            "kingdee",
            client=client,
            timeouts=Timeouts(connect=5, read=1.5, total=6),
            repeats=Repeats(first_pause_seconds=0.001, longest_pause_seconds=0.002),
        )
        settings = KingdeeSettings.model_validate(
            {
                "address": f"{server.address}/K3API",
                "authority_code": "made-up-authority",
                "department": "01",
                "employee": "E01",
                "customers": {"mini": "MINI"},
                "units": {"个": "004"},
                "bridge_address": f"{server.address}/bridge/stock",
            }
        )
        yield KingdeeConnector(settings, outside, stock=BridgeStock(settings, outside)), server


def listed(*rows: dict[str, str]) -> Reply:
    return envelope({"DATA": list(rows)})


def test_a_new_document_is_looked_up_then_saved_with_our_number() -> None:
    vendor = Vendor(GetList=listed(), Save=envelope(SAVED))
    with k3(vendor) as (connector, server):
        posted = connector.post_document(DOCUMENT)
    assert posted == ErpDocument(
        number="YN20261122000001", bill_number="SEORD000579", is_audited=False
    )
    assert vendor.actions == ["Create", "GetList", "Save"]
    assert json.loads(server.seen[1].body) == {
        "Data": {
            "Top": "10",
            "PageSize": "10",
            "PageIndex": "1",
            "SelectPage": "1",
            "Fields": "FBillNo,FStatus,FCancellation,FHeadSelfS0155",
            "Filter": "[FHeadSelfS0155] = 'YN20261122000001'",
            "OrderBy": "[FBillNo] asc",
        }
    }
    assert json.loads(server.seen[2].body) == {
        "Data": {
            "Page1": [
                {
                    "Fdate": "2026-11-22 00:00:00",
                    "FCancellation": "0",
                    "FCustID": {"FNumber": "MINI"},
                    "FDeptID": {"FNumber": "01"},
                    "FEmpID": {"FNumber": "E01"},
                    "FHeadSelfS0155": "YN20261122000001",
                }
            ],
            "Page2": [
                {
                    "FItemID": {"FNumber": "LOVE-2026", "FName": "情人节礼盒"},
                    "FUnitID": {"FNumber": "004", "FName": "个"},
                    "Fauxqty": "1",
                    "Fauxprice": "259.90",
                    "Famount": "259.90",
                    "FDate1": "2026-11-24 00:00:00",
                    "Fnote": "VIP-LOVE",
                }
            ],
        }
    }
    assert server.seen[2].query == {"Token": "t0ken"}


def test_a_document_that_is_there_is_never_saved_again() -> None:
    vendor = Vendor(GetList=listed(FOUND | {"FStatus": "1"}))
    with k3(vendor) as (connector, _server):
        posted = connector.post_document(DOCUMENT)
    assert posted.is_audited
    assert "Save" not in vendor.actions


@pytest.mark.parametrize(
    "reply", [Reply(wait_seconds=30), Reply(hangs_up=True), Reply(status=500)], ids=str
)
def test_a_save_without_an_answer_is_unknown_and_the_next_call_finds_it(reply: Reply) -> None:
    vendor = Vendor(GetList=[listed(), listed(FOUND)], Save=reply)
    with k3(vendor) as (connector, _server):
        with pytest.raises(OutcomeUnknown):
            connector.post_document(DOCUMENT)
        assert connector.post_document(DOCUMENT).bill_number == "SEORD000579"
    assert vendor.actions.count("Save") == 1


def test_a_look_up_that_fails_saves_nothing() -> None:
    vendor = Vendor(GetList=Reply(status=500), Save=envelope(SAVED))
    with k3(vendor) as (connector, _server), pytest.raises(Unavailable) as caught:
        connector.post_document(DOCUMENT)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert vendor.actions == ["Create", "GetList", "GetList", "GetList"]


@pytest.mark.parametrize(
    "data",
    [
        [{"FStatus": False, "FMessage": "客户代码[MINI]不存在"}],
        [{"Data": {"FStatus": "false", "FMessage": "客户代码[MINI]不存在"}}],
        [SAVED[0], {"FStatus": False, "FMessage": "客户代码[MINI]不存在"}],
    ],
    ids=["row", "inner", "second_row"],
)
def test_a_200_that_is_a_failure_is_rejected_with_the_vendors_words(data: object) -> None:
    vendor = Vendor(GetList=listed(), Save=envelope(data))
    with k3(vendor) as (connector, _server), pytest.raises(Rejected) as caught:
        connector.post_document(DOCUMENT)
    assert caught.value.details["outside_message"] == "客户代码[MINI]不存在"
    assert vendor.actions.count("Save") == 1


@pytest.mark.parametrize(
    "data",
    [[], None, {}, [{"FMessage": "ok"}], [{"FStatus": True}], "done"],
    ids=["empty", "null", "object", "no_status", "no_id", "text"],
)
def test_an_answer_that_proves_nothing_is_unknown(data: object) -> None:
    vendor = Vendor(GetList=listed(), Save=envelope(data))
    with k3(vendor) as (connector, _server), pytest.raises(OutcomeUnknown):
        connector.post_document(DOCUMENT)


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (201, "Faild", Rejected),
        (500, "组件正忙，请稍后再试 (component busy)", Busy),
        (500, "服务器内部错误", OutcomeUnknown),
    ],
)
def test_the_status_inside_decides(status: int, message: str, expected: type[Exception]) -> None:
    vendor = Vendor(GetList=listed(), Save=envelope("", status, message))
    with k3(vendor) as (connector, _server), pytest.raises(expected) as caught:
        connector.post_document(DOCUMENT)
    assert type(caught.value) is expected


def test_two_documents_with_our_number_are_for_people() -> None:
    vendor = Vendor(GetList=listed(FOUND, FOUND | {"FBillNo": "SEORD000580"}))
    with k3(vendor) as (connector, _server):
        for call in (
            lambda: connector.find_document(DOCUMENT.number),
            lambda: connector.post_document(DOCUMENT),
            lambda: connector.cancel_document(DOCUMENT.number),
        ):
            with pytest.raises(mapping.DuplicateDocuments) as caught:
                call()
            assert caught.value.code == "kingdee.duplicate_documents"
            assert caught.value.details["bills"] == ["SEORD000579", "SEORD000580"]
    assert set(vendor.actions) == {"Create", "GetList"}


def test_a_voided_document_is_not_made_again_without_a_person() -> None:
    vendor = Vendor(GetList=listed(FOUND | {"FCancellation": "1"}))
    with k3(vendor) as (connector, _server):
        assert connector.find_document(DOCUMENT.number) is None
        with pytest.raises(mapping.DocumentVoided):
            connector.post_document(DOCUMENT)
        connector.cancel_document(DOCUMENT.number)
    assert set(vendor.actions) == {"Create", "GetList"}


def test_a_list_that_hides_our_number_proves_nothing() -> None:
    hidden = {"FBillNo": "SEORD000579", "FStatus": "0"}
    vendor = Vendor(GetList=listed(hidden), Save=envelope(SAVED))
    with k3(vendor) as (connector, _server), pytest.raises(Unavailable):
        connector.post_document(DOCUMENT)
    assert "Save" not in vendor.actions


def test_documents_of_others_are_not_ours() -> None:
    vendor = Vendor(GetList=listed(FOUND | {"FHeadSelfS0155": "YN2"}))
    with k3(vendor) as (connector, _server):
        assert connector.find_document(DOCUMENT.number) is None


@pytest.mark.parametrize(
    "number", ["YN' OR 1=1 --", "", "YN[1", "YN%", "单号", "x" * 51, "Y N", "YN\n"]
)
def test_a_number_that_could_be_sql_is_never_sent(number: str) -> None:
    vendor = Vendor()
    with k3(vendor) as (connector, _server), pytest.raises(mapping.UnsafeNumber):
        connector.find_document(number)
    assert vendor.actions == []


def test_cancelling_deletes_what_is_not_audited() -> None:
    vendor = Vendor(GetList=listed(FOUND), Delete=envelope(SAVED))
    with k3(vendor) as (connector, server):
        connector.cancel_document(DOCUMENT.number)
    assert json.loads(server.seen[-1].body) == {"Data": {"FBillNo": "SEORD000579"}}


def test_cancelling_what_is_gone_is_fine() -> None:
    gone = envelope([{"FStatus": False, "FMessage": "单据不存在"}])
    with k3(Vendor(GetList=listed())) as (connector, _server):
        connector.cancel_document(DOCUMENT.number)
    with k3(Vendor(GetList=listed(FOUND), Delete=gone)) as (connector, _server):
        connector.cancel_document(DOCUMENT.number)


def test_cancelling_what_is_audited_is_refused() -> None:
    vendor = Vendor(GetList=listed(FOUND | {"FStatus": "1"}))
    with k3(vendor) as (connector, _server), pytest.raises(mapping.DocumentAudited):
        connector.cancel_document(DOCUMENT.number)
    audited = envelope([{"FStatus": False, "FMessage": "单据已审核，不能删除"}])
    vendor = Vendor(GetList=listed(FOUND), Delete=audited)
    with k3(vendor) as (connector, _server), pytest.raises(Rejected):
        connector.cancel_document(DOCUMENT.number)


def test_the_token_is_kept_and_renewed_two_minutes_early() -> None:
    vendor = Vendor(GetList=listed(), Create=[token("one"), token("two")])
    with clock.fixed(AT) as fixed, k3(vendor) as (connector, server):
        connector.find_document("YN1")
        fixed.advance(seconds=3479)
        connector.find_document("YN1")
        fixed.advance(seconds=1)
        connector.find_document("YN1")
    assert vendor.actions == ["Create", "GetList", "GetList", "Create", "GetList"]
    assert server.seen[-1].query == {"Token": "two"}


def test_a_short_token_is_used_for_half_of_its_life() -> None:
    vendor = Vendor(GetList=listed(), Create=token(validity=60))
    with clock.fixed(AT) as fixed, k3(vendor) as (connector, _server):
        connector.find_document("YN1")
        fixed.advance(seconds=29)
        connector.find_document("YN1")
    assert vendor.actions.count("Create") == 1


def test_a_refused_token_is_renewed_once_and_the_save_is_done_once() -> None:
    refused = envelope("", 401, "Token无效或已过期")
    vendor = Vendor(
        GetList=listed(),
        Save=[refused, envelope(SAVED)],
        Create=[token("old"), token("new")],
    )
    with k3(vendor) as (connector, server):
        connector.post_document(DOCUMENT)
    assert vendor.actions == ["Create", "GetList", "Save", "Create", "Save"]
    assert server.seen[-1].query == {"Token": "new"}


def test_a_token_that_stays_refused_is_rejected() -> None:
    vendor = Vendor(GetList=envelope("", 401, "Token无效或已过期"))
    with k3(vendor) as (connector, _server):
        with pytest.raises(mapping.TokenRefused):
            connector.find_document("YN1")
        assert connector.check().state is HealthState.DEGRADED
    assert vendor.actions[:4] == ["Create", "GetList", "Create", "GetList"]


def test_threads_share_one_token() -> None:
    vendor = Vendor(GetList=listed(), Create=Reply(body=token().body, wait_seconds=0.05))
    with k3(vendor) as (connector, _server):
        threads = [
            threading.Thread(target=connector.find_document, args=("YN1",)) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert vendor.actions.count("Create") == 1
    assert vendor.actions.count("GetList") == 6


def test_token_and_authority_code_reach_no_log_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[Any] = []
    for vendor in (
        Vendor(GetList=Reply(hangs_up=True)),
        Vendor(Create=Reply(hangs_up=True)),
        Vendor(GetList=listed(), Save=Reply(status=500, body=b"t0ken made-up-authority")),
        Vendor(Create=envelope("", 401, "授权码无效")),
    ):
        with k3(vendor) as (connector, _server):
            with pytest.raises((Rejected, Unavailable)) as caught:
                connector.post_document(DOCUMENT)
            told += [repr(caught.value), caught.value.details, caught.value.__cause__]
            told.append(repr(connector.settings))
    everything = f"{told} {caplog.text}"
    assert "t0ken" not in everything
    assert "made-up-authority" not in everything


def test_check_tells_health() -> None:
    with k3(Vendor(GetList=listed())) as (connector, _server):
        assert connector.check().state is HealthState.OK
    with k3(Vendor(Create=Reply(hangs_up=True))) as (connector, _server):
        assert connector.check().state is HealthState.DOWN
