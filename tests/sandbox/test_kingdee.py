"""The K3 stand-in: its rules, its oddities, its faults, and the tables beside it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import psycopg
import pytest

from tests.sandbox.conftest import Sandbox, running, until
from yinuo.core.db import Database
from yinuo.sandbox.kingdee.components import Components
from yinuo.sandbox.kingdee.envelope import Failure
from yinuo.sandbox.kingdee.filters import Condition, Ordering, parse_filter, parse_order
from yinuo.sandbox.kingdee.photograph import photograph
from yinuo.sandbox.kingdee.store.figures import Figure
from yinuo.sandbox.kingdee.store.schema import reader_url
from yinuo.sandbox.kingdee.system import Kingdee
from yinuo.sandbox.kingdee.tokens import Tokens
from yinuo.sandbox.settings import SandboxSettings

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SECRET = {"X-Bridge-Secret": "yinuo-sandbox-bridge-secret-001"}
STOCK = [
    {"itemCode": "LOVE-2026", "stockCode": "WH-HZ", "onHand": 100, "name": "情人节礼盒"},
    {"itemCode": "LOVE-2026", "stockCode": "WH-NT", "onHand": 40},
    {"itemCode": "RUG-160", "stockCode": "WH-HZ", "onHand": 7},
]
Body = dict[str, Any]


class Client:
    """Calls the WebAPI with a token of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.token = self.create_token()

    def create_token(self) -> str:
        answer = self.sandbox.client.get(
            "/kingdee/K3API/Token/Create", params={"authorityCode": "yinuo-sandbox-authority-code"}
        ).json()
        assert (answer["StatusCode"], answer["Data"]["Code"]) == (200, "Y")
        token: str = answer["Data"]["Token"]
        return token

    def __call__(self, action: str, data: Body, *, entity: str = "SO") -> Body:
        answer = self.sandbox.client.post(
            f"/kingdee/K3API/{entity}/{action}", params={"Token": self.token}, json={"Data": data}
        )
        assert answer.status_code == 200
        body: Body = answer.json()
        return body

    def save(self, **given: Any) -> Body:
        return self("Save", document(**given))

    def row(self, action: str, data: Body) -> Body:
        answer = self(action, data)
        assert (answer["StatusCode"], answer["Message"], len(answer["Data"])) == (
            200, "Successful", 1,
        )  # fmt: skip
        row: Body = answer["Data"][0]
        return row

    def counts(self) -> dict[str, int]:
        state = self.sandbox.client.get("/control/systems/kingdee/state").json()["state"]
        return {number: one["count"] for number, one in state["documents"].items()}

    def stock(self, *items: str) -> dict[tuple[str, str], tuple[int, int, int]]:
        answer = self.sandbox.client.get(
            "/kingdee/bridge/stock", params={"itemCodes": ",".join(items)}, headers=SECRET
        )
        return {
            (one["itemCode"], one["stockCode"]): (one["onHand"], one["open"], one["available"])
            for one in answer.json()["items"]
        }


def document(
    number: str = "YN20261122000001",
    *,
    header: Body | None = None,
    line: Body | None = None,
    lines: int = 1,
) -> Body:
    one = {
        "FItemID": {"FNumber": "LOVE-2026", "FName": "情人节礼盒"},
        "FUnitID": {"FNumber": "004", "FName": "个"},
        "Fauxqty": "1",
        "Fauxprice": "259.90",
        "Famount": "259.90",
        "FDate1": "2026-11-24 00:00:00",
        "Fnote": "VIP-LOVE",
    }
    head = {
        "Fdate": "2026-11-22 00:00:00",
        "FCancellation": "0",
        "FCustID": {"FNumber": "DY01", "FName": "抖音小店"},
        "FDeptID": {"FNumber": "01", "FName": "电商部"},
        "FEmpID": {"FNumber": "E01", "FName": "王五"},
        "FHeadSelfS0155": number,
    }
    return {"Page1": [head | (header or {})], "Page2": [one | (line or {})] * lines}


@pytest.fixture
def k3(sandbox: Sandbox) -> Client:
    assert sandbox.client.put("/control/kingdee/stock", json=STOCK).json() == {"kept": 3}
    return Client(sandbox)


# Pure parts


def test_filter_reads_the_forms_of_the_notes() -> None:
    assert parse_filter("[FHeadSelfS0155] = 'YN1' and FBillNo LIKE N'%it''s%'") == [
        Condition("FHeadSelfS0155", "=", "YN1"),
        Condition("FBillNo", "like", "%it's%"),
    ]
    assert parse_filter("") == []
    assert parse_order("[fbillno] asc, Fdate desc") == [
        Ordering("FBillNo", False), Ordering("Fdate", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["FBillNo = 'a'; DROP TABLE x", "FBillNo = 'a' or 1=1", "FBillNo = 'a' and", "1=1", "FBillNo =",
     "FBillNo = 'a' --", "FBillNo in ('a')"],
)  # fmt: skip
def test_filter_refuses_everything_else(text: str) -> None:
    failure = parse_filter(text)
    assert isinstance(failure, Failure)
    assert failure.status == 500


def test_filter_names_an_unknown_column() -> None:
    assert parse_filter("[FHubNumber] = 'x'") == Failure(500, "列名 'FHubNumber' 无效。")


def test_token_ends_with_its_validity_and_earlier_ones_stay_good() -> None:
    tokens = Tokens(authority_code="code", validity_seconds=3600)
    assert tokens.create("Code", now=NOW) is None
    first = tokens.create("code", now=NOW)
    second = tokens.create("code", now=NOW + timedelta(seconds=1))
    assert first is not None
    assert second is not None
    assert tokens.is_valid(first, now=NOW + timedelta(seconds=3599))
    assert not tokens.is_valid(first, now=NOW + timedelta(seconds=3600))
    assert tokens.is_valid(second, now=NOW + timedelta(seconds=3600))
    assert not tokens.is_valid("", now=NOW)


def test_demand_without_a_stock_is_laid_on_the_fullest_first() -> None:
    on_hand = [Figure("A", "HZ", Decimal(5)), Figure("A", "NT", Decimal(9))]
    lines = photograph(
        on_hand, [Figure("A", "", Decimal(11)), Figure("A", "HZ", Decimal(1))], now=NOW
    )
    assert [(one.stock_code, one.on_hand, one.open, one.available) for one in lines] == [
        ("HZ", 5, 3, 2), ("NT", 9, 9, 0),
    ]  # fmt: skip
    assert lines[0].as_of == "2026-11-22T10:00:00+08:00"


def test_demand_that_nothing_covers_shows_as_negative_on_the_last() -> None:
    on_hand = [Figure("A", "HZ", Decimal(5)), Figure("A", "NT", Decimal(2))]
    lines = photograph(on_hand, [Figure("A", "", Decimal(10))], now=NOW)
    assert [(one.stock_code, one.open, one.available) for one in lines] == [
        ("HZ", 5, 0), ("NT", 5, -3),
    ]  # fmt: skip


def test_no_more_components_than_there_are() -> None:
    components = Components(most=2)
    with components.one() as first, components.one() as second, components.one() as third:
        assert (first, second, third) == (True, True, False)
    assert components.busy == 0


# Tokens and envelopes over HTTP


def test_wrong_authority_code_gets_no_token(sandbox: Sandbox) -> None:
    answer = sandbox.client.get("/kingdee/K3API/Token/Create", params={"authorityCode": "x"})
    assert answer.status_code == 200
    assert answer.json() == {"StatusCode": 401, "Message": "授权码无效", "Data": ""}


def test_token_answer_has_the_vendors_fields(sandbox: Sandbox) -> None:
    answer = sandbox.client.get(
        "/kingdee/K3API/Token/Create", params={"AUTHORITYCODE": "yinuo-sandbox-authority-code"}
    ).json()
    assert (answer["StatusCode"], answer["Message"]) == (200, "Successful")
    assert set(answer["Data"]) == {"Code", "Token", "Create", "Validity"}
    assert answer["Data"]["Validity"] == 3600
    assert len(answer["Data"]["Token"]) == 32


def test_unknown_token_is_401_inside_http_200(k3: Client) -> None:
    k3.token = "0" * 32
    answer = k3.save()
    assert (answer["StatusCode"], answer["Message"]) == (401, "Token无效或已过期")
    assert k3.counts() == {}


def test_forgotten_tokens_are_unknown_and_a_new_one_works(k3: Client) -> None:
    k3.sandbox.client.delete("/control/kingdee/tokens")
    assert k3.save()["StatusCode"] == 401
    k3.token = k3.create_token()
    assert k3.save()["StatusCode"] == 200


def test_token_parameter_and_path_know_no_case(k3: Client) -> None:
    answer = k3.sandbox.client.post(
        "/kingdee/K3API/so/save", params={"tOKEN": k3.token}, json={"data": document()}
    ).json()
    assert answer["Data"][0]["FStatus"] is True
    calls = k3.sandbox.calls("kingdee")
    assert (calls[0]["operation"], calls[0]["reference"]) == ("SO/Save", "YN20261122000001")


def test_unknown_entity_and_method_are_http_errors(k3: Client) -> None:
    client = k3.sandbox.client
    assert client.post("/kingdee/K3API/SEOrder/Save", params={"Token": k3.token}).status_code == 404
    assert client.get("/kingdee/K3API/SO/Save", params={"Token": k3.token}).status_code == 405


def test_template_lists_the_odd_spellings(k3: Client) -> None:
    answer = k3.sandbox.client.get(
        "/kingdee/K3API/SO/GetTemplate", params={"Token": k3.token}
    ).json()
    assert {"Fdate", "FCustID", "FHeadSelfS0155"} <= set(answer["Data"]["Page1"][0])
    assert {"Fauxqty", "Fauxprice", "Famount", "FDate1"} <= set(answer["Data"]["Page2"][0])
    assert answer["Data"]["Page2"][0]["FItemID"] == {"FNumber": "", "FName": ""}


# Save


def test_save_answers_id_and_number_and_keeps_the_document(k3: Client) -> None:
    row = k3.row("Save", document())
    assert row["FStatus"] is True
    assert row["FBillNo"] == "SEORD000001"
    assert row["FInterID"].isdigit()
    assert k3.counts() == {"YN20261122000001": 1}
    detail = k3("GetDetail", {"FBillNo": "SEORD000001"})["Data"]
    assert detail["Page1"][0]["FCustID"] == {"FNumber": "DY01", "FName": "抖音小店"}
    assert detail["Page2"][0]["Fauxprice"] == "259.90"


def test_the_same_hub_number_twice_makes_two_documents(k3: Client) -> None:
    assert [k3.row("Save", document())["FBillNo"] for _ in range(2)] == [
        "SEORD000001", "SEORD000002",
    ]  # fmt: skip
    assert k3.counts() == {"YN20261122000001": 2}
    found = k3.sandbox.client.get(
        "/control/kingdee/documents", params={"number": "YN20261122000001"}
    ).json()["items"]
    assert found == [
        {"hub_number": "YN20261122000001", "count": 2, "bills": ["SEORD000001", "SEORD000002"],
         "checked": 0, "cancelled": 0}
    ]  # fmt: skip
    state = k3.sandbox.client.get("/control/systems/kingdee/state").json()["state"]
    assert state["doubled"] == {"YN20261122000001": 2}


def test_a_successful_answer_can_hold_a_row_that_failed(k3: Client) -> None:
    row = k3.row(
        "Save",
        document(header={"FCustID": {"FNumber": "NOBODY"}}, line={"FItemID": {"FNumber": "NOPE"}}),
    )
    assert row["FStatus"] is False
    assert row["FMessage"] == "客户代码[NOBODY]不存在；第1行物料代码[NOPE]不存在"
    assert (row["FInterID"], k3.counts()) == ("", {})


def test_a_given_bill_number_is_taken_once(k3: Client) -> None:
    assert k3.row("Save", document(header={"FBillNo": "SEORD000002"}))["FStatus"] is True
    row = k3.row("Save", document(header={"FBillNo": "seord000002"}))
    assert (row["FStatus"], row["FMessage"]) == (False, "单据编号[seord000002]重复")
    # The vendor's own row leaves out the number that somebody took.
    assert [k3.row("Save", document())["FBillNo"] for _ in range(2)] == [
        "SEORD000001", "SEORD000003",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"header": {"Fdate": ""}}, "字段[Fdate]不能为空"),
        ({"header": {"FHubNo": "1"}}, "字段[FHubNo]不存在"),
        ({"header": {"FCustID": "DY01"}}, "字段[FCustID]类型错误"),
        ({"line": {"FAuxQty": "1"}}, "第1行字段[FAuxQty]不存在"),
        ({"line": {"Fauxqty": "0"}}, "第1行数量必须大于零"),
        ({"line": {"Famount": "two"}}, "第1行字段[Famount]的值不正确"),
        ({"line": {"FStockID": {"FNumber": "WH-XX"}}}, "第1行仓库代码[WH-XX]不存在"),
    ],
)
def test_save_says_what_is_wrong_in_the_row(k3: Client, given: Body, message: str) -> None:
    row = k3.row("Save", document(**given))
    assert (row["FStatus"], row["FMessage"]) == (False, message)
    assert k3.counts() == {}


def test_numbers_in_json_are_refused_as_faild(k3: Client) -> None:
    answer = k3.save(line={"Fauxqty": 1})
    assert (answer["StatusCode"], answer["Message"]) == (201, "Faild")
    assert k3.save(lines=0)["StatusCode"] == 201
    assert k3("Save", {"Page2": []})["StatusCode"] == 201


def test_a_body_that_is_no_json_is_500_inside_http_200(k3: Client) -> None:
    answer = k3.sandbox.client.post(
        "/kingdee/K3API/SO/Save", params={"Token": k3.token}, content=b"<xml/>"
    )
    assert (answer.status_code, answer.json()["StatusCode"]) == (200, 500)


# Change, audit, delete


def test_delete_is_refused_once_checked(k3: Client) -> None:
    number = k3.row("Save", document())["FBillNo"]
    assert k3.row("CheckBill", {"FBillNo": number})["FStatus"] is True
    again = k3.row("CheckBill", {"FBillNo": number})
    assert (again["FStatus"], again["FMessage"]) == (False, "单据已审核")
    refused = k3.row("Delete", {"FBillNo": number})
    assert (refused["FStatus"], refused["FMessage"]) == (False, "单据已审核，不能删除")
    assert k3.counts() == {"YN20261122000001": 1}
    assert k3.row("CheckBill", {"FBillNo": number, "FCheckDirection": "0"})["FStatus"] is True
    assert k3.row("Delete", {"FBillNo": number})["FStatus"] is True
    assert k3.counts() == {}
    gone = k3.row("Delete", {"FBillNo": number})
    assert (gone["FStatus"], gone["FMessage"]) == (False, "单据不存在")


def test_update_changes_fields_and_cancels(k3: Client) -> None:
    number = k3.row("Save", document(line={"Fauxqty": "5"}))["FBillNo"]
    assert k3.stock("LOVE-2026")["LOVE-2026", "WH-HZ"] == (100, 5, 95)
    row = k3.row("Update", {"Page1": [{"FBillNo": number, "FCancellation": "1"}]})
    assert row["FStatus"] is True
    assert k3.stock("LOVE-2026")["LOVE-2026", "WH-HZ"] == (100, 0, 100)
    assert k3.row("CheckBill", {"FBillNo": number})["FMessage"] == "单据已作废，不能审核"
    detail = k3("GetDetail", {"FBillNo": number})["Data"]
    assert detail["Page1"][0]["FCancellation"] == "1"
    assert detail["Page1"][0]["FHeadSelfS0155"] == "YN20261122000001"


def test_update_is_refused_once_checked(k3: Client) -> None:
    number = k3.row("Save", document())["FBillNo"]
    k3.row("CheckBill", {"FBillNo": number})
    row = k3.row("Update", {"FBillNo": number, "Page1": [{"FHeadSelfS0155": "OTHER"}]})
    assert (row["FStatus"], row["FMessage"]) == (False, "单据已审核，不能修改")
    assert k3.counts() == {"YN20261122000001": 1}


def test_detail_of_an_unknown_number_is_faild(k3: Client) -> None:
    answer = k3("GetDetail", {"FBillNo": "SEORD009999"})
    assert (answer["StatusCode"], answer["Message"]) == (201, "Faild")


# GetList


def test_list_finds_by_the_hub_number(k3: Client) -> None:
    for number in ("YN1", "YN12", "YN2"):
        k3.save(number=number)
    query = {"Top": "0", "PageSize": "100", "PageIndex": "1", "SelectPage": "1",
             "Fields": "FBillNo,FStatus,FCustID,FHeadSelfS0155", "OrderBy": "[FBillNo] desc"}  # fmt: skip
    exact = k3("GetList", query | {"Filter": "[FHeadSelfS0155] = 'YN1'"})
    assert exact["Data"]["DATA"] == [
        {"FBillNo": "SEORD000001", "FStatus": "0", "FCustID": "DY01", "FHeadSelfS0155": "YN1"}
    ]
    like = k3("GetList", query | {"Filter": "[FHeadSelfS0155] like 'YN1%' and FCustID = 'dy01'"})
    assert [row["FHeadSelfS0155"] for row in like["Data"]["DATA"]] == ["YN12", "YN1"]
    none = k3("GetList", query | {"Filter": "[FHeadSelfS0155] = 'YN9'"})
    assert (none["StatusCode"], none["Data"]["DATA"]) == (200, [])


def test_list_pages_and_bounds(k3: Client) -> None:
    for number in range(5):
        k3.save(number=f"YN{number}")

    def numbers(**given: str) -> list[str]:
        rows = k3("GetList", {"Fields": "FHeadSelfS0155", "SelectPage": "1"} | given)["Data"][
            "DATA"
        ]
        return [row["FHeadSelfS0155"] for row in rows]

    assert numbers(Top="0", PageSize="2", PageIndex="2") == ["YN2", "YN3"]
    assert numbers(Top="3", PageSize="2", PageIndex="2") == ["YN2"]
    assert numbers(Top="2") == ["YN0", "YN1"]
    assert len(numbers(Top="0")) == 5


def test_list_of_lines_joins_the_header(k3: Client) -> None:
    k3.save(lines=2)
    answer = k3(
        "GetList", {"SelectPage": "2", "Fields": "FBillNo,FEntryID,FItemID,Fauxqty,FStockQty"}
    )
    assert answer["Data"]["DATA"] == [
        {"FBillNo": "SEORD000001", "FEntryID": str(number), "FItemID": "LOVE-2026", "Fauxqty": "1",
         "FStockQty": "0"}
        for number in (1, 2)
    ]  # fmt: skip


def test_list_fails_as_a_whole_for_bad_sql(k3: Client) -> None:
    for bad in (
        {"Filter": "FBillNo = 'x' or 1=1"},
        {"Fields": "FNope"},
        {"Fields": "Fauxqty", "SelectPage": "1"},
        {"OrderBy": "FBillNo; drop"},
    ):
        assert k3("GetList", bad)["StatusCode"] == 500
    assert k3("GetList", {"PageSize": "x"})["StatusCode"] == 201


# One component per call


def test_a_third_call_at_once_is_told_that_components_are_busy(k3: Client) -> None:
    k3.sandbox.client.put(
        "/control/kingdee/settings", json={"save_seconds_least": 0.6, "save_seconds_most": 0.6}
    )
    together = threading.Barrier(3)

    def save(number: int) -> int:
        together.wait()
        with httpx.Client(base_url=k3.sandbox.address, timeout=30) as client:
            answer = client.post(
                "/kingdee/K3API/SO/Save", params={"Token": k3.token},
                json={"Data": document(f"YN{number}")},
            )  # fmt: skip
        assert answer.status_code == 200
        body = answer.json()
        if body["StatusCode"] == 500:
            assert body["Message"] == "组件正忙，请稍后再试 (component busy)"
        return int(body["StatusCode"])

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(save, range(3))) == [200, 200, 500]
    assert sum(k3.counts().values()) == 2


# Faults through the frame


def test_a_lost_answer_leaves_exactly_one_document(k3: Client) -> None:
    k3.sandbox.set_faults("kingdee", {"operation": "SO/Save", "kind": "lose_answer", "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        k3.save()
    assert k3.counts() == {"YN20261122000001": 1}
    found = k3("GetList", {"Filter": "[FHeadSelfS0155] = 'YN20261122000001'", "Fields": "FBillNo"})
    assert found["Data"]["DATA"] == [{"FBillNo": "SEORD000001"}]


def test_a_drop_leaves_none(k3: Client) -> None:
    k3.sandbox.set_faults("kingdee", {"operation": "SO/*", "kind": "drop", "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        k3.save()
    assert k3.counts() == {}
    assert k3.row("Save", document())["FStatus"] is True


def test_error_codes_on_demand(k3: Client) -> None:
    answers = []
    for code in ("201", "401", "busy", "FStatus", None):
        k3.sandbox.set_faults("kingdee", {"operation": "SO/Save", "kind": "error", "code": code})
        answers.append(k3.save())
    assert [answer["StatusCode"] for answer in answers] == [201, 401, 500, 200, 500]
    assert answers[3]["Data"][0]["FStatus"] is False
    k3.sandbox.set_faults("kingdee", {"kind": "error", "code": "http503"})
    answer = k3.sandbox.client.post("/kingdee/K3API/SO/Save", params={"Token": k3.token})
    assert answer.status_code == 503
    k3.sandbox.set_faults("kingdee")
    assert k3.counts() == {}


def test_duplicate_does_the_work_twice(k3: Client) -> None:
    k3.sandbox.set_faults("kingdee", {"operation": "SO/Save", "kind": "duplicate", "times": 1})
    assert k3.row("Save", document())["FStatus"] is True
    assert k3.counts() == {"YN20261122000001": 2}


# Stock


def test_bridge_needs_its_secret(k3: Client) -> None:
    client = k3.sandbox.client
    assert client.get("/kingdee/bridge/stock").status_code == 401
    wrong = client.get("/kingdee/bridge/stock", headers={"X-Bridge-Secret": "no"})
    assert (wrong.status_code, wrong.json()) == (401, {"message": "unauthorized"})


def test_a_save_takes_from_what_is_available(k3: Client) -> None:
    before = k3.stock()
    assert before == {
        ("LOVE-2026", "WH-HZ"): (100, 0, 100),
        ("LOVE-2026", "WH-NT"): (40, 0, 40),
        ("RUG-160", "WH-HZ"): (7, 0, 7),
    }
    number = k3.row("Save", document(line={"Fauxqty": "30"}))["FBillNo"]
    k3.save(line={"Fauxqty": "4", "FStockID": {"FNumber": "WH-NT"}})
    assert k3.stock("love-2026") == {
        ("LOVE-2026", "WH-HZ"): (100, 30, 70),
        ("LOVE-2026", "WH-NT"): (40, 4, 36),
    }
    k3.row("Delete", {"FBillNo": number})
    assert k3.stock("LOVE-2026")["LOVE-2026", "WH-HZ"] == (100, 0, 100)


def test_shipments_reach_the_books_late_and_once(k3: Client) -> None:
    number = k3.row("Save", document(line={"Fauxqty": "3"}))["FBillNo"]
    system = k3.sandbox.kernel.systems["kingdee"]
    assert isinstance(system, Kingdee)
    for _ in range(2):
        system.book_later(
            "ship-1", number="YN20261122000001", movements=[("LOVE-2026", "WH-NT", -3)]
        )
    system.accounts.tick()
    assert k3.stock("LOVE-2026") == {
        ("LOVE-2026", "WH-HZ"): (100, 3, 97),
        ("LOVE-2026", "WH-NT"): (40, 0, 40),
    }
    k3.sandbox.client.post("/control/clock", json={"scale": 10_000})
    until(lambda: k3.stock("LOVE-2026")["LOVE-2026", "WH-NT"] == (37, 0, 37))
    assert k3.stock("LOVE-2026")["LOVE-2026", "WH-HZ"] == (100, 0, 100)
    head = k3("GetDetail", {"FBillNo": number})["Data"]["Page1"][0]
    assert (head["FClosed"], head["FStatus"]) == ("1", "3")
    system.book_later("ship-1", number="YN20261122000001", movements=[("LOVE-2026", "WH-NT", -3)])
    system.accounts.tick()
    assert k3.stock("LOVE-2026")["LOVE-2026", "WH-NT"] == (37, 0, 37)


def test_a_booking_waits_over_a_restart(settings: SandboxSettings, database: Database) -> None:
    with running(settings, database) as first:
        first.client.put("/control/kingdee/stock", json=STOCK)
        Client(first).save()
        system = first.kernel.systems["kingdee"]
        assert isinstance(system, Kingdee)
        system.book_later("count-1", number="", movements=[("RUG-160", "WH-HZ", -2)])
    with running(settings, database) as second:
        again = Client(second)
        assert again.counts() == {"YN20261122000001": 1}
        assert again.stock("RUG-160") == {("RUG-160", "WH-HZ"): (7, 0, 7)}
        second.client.post("/control/clock", json={"scale": 10_000})
        until(lambda: again.stock("RUG-160") == {("RUG-160", "WH-HZ"): (5, 0, 5)})


PORTABLE = """
SELECT i.FNumber, s.FNumber, SUM(v.FQty) AS on_hand,
       (SELECT SUM(e.FQty - e.FStockQty) FROM SEOrder o
        JOIN SEOrderEntry e ON e.FInterID = o.FInterID
        WHERE o.FCancellation = 0 AND o.FClosed = 0 AND e.FItemID = i.FItemID) AS open_demand
FROM ICInventory v JOIN t_ICItem i ON i.FItemID = v.FItemID
JOIN t_Stock s ON s.FItemID = v.FStockID
GROUP BY i.FItemID, i.FNumber, s.FNumber ORDER BY i.FNumber, s.FNumber
"""


def test_the_portable_select_reads_the_same_rows(k3: Client, database_url: str) -> None:
    k3.save(line={"Fauxqty": "30"})
    with psycopg.connect(reader_url(database_url)) as connection:
        rows = connection.execute(PORTABLE).fetchall()
    assert rows == [
        ("LOVE-2026", "WH-HZ", 100, 30), ("LOVE-2026", "WH-NT", 40, 30), ("RUG-160", "WH-HZ", 7, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ICInventory SET FQty = 0", "DELETE FROM SEOrder", "SELECT * FROM sandbox.documents",
     "SELECT * FROM t_Organization"],
)  # fmt: skip
def test_the_reader_may_do_nothing_else(k3: Client, database_url: str, statement: str) -> None:
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
    with psycopg.connect(reader_url(database_url)) as connection, pytest.raises(refused):
        connection.execute(statement)
    assert k3.stock("RUG-160") == {("RUG-160", "WH-HZ"): (7, 0, 7)}


def test_control_refuses_what_it_cannot_read(k3: Client) -> None:
    client = k3.sandbox.client
    for path in ("stock", "items", "customers", "settings"):
        assert client.put(f"/control/kingdee/{path}", json={"x": 1}).status_code == 422
    assert client.put("/control/kingdee/customers", json=[{"number": "XHS01"}]).json() == {
        "kept": 1
    }
    assert k3.row("Save", document(header={"FCustID": {"FNumber": "XHS01"}}))["FStatus"] is True
    assert client.put(
        "/control/kingdee/items", json=[{"number": "NEW-1", "name": "新"}]
    ).json() == {"kept": 1}
    assert k3.row("Save", document(line={"FItemID": {"FNumber": "NEW-1"}}))["FStatus"] is True
    assert (
        client.get("/control/kingdee/stock", params={"itemCodes": "RUG-160"}).json()["items"][0][
            "onHand"
        ]
        == 7
    )
