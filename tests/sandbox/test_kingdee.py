"""The K3 stand-in's WebAPI: tokens, documents, queries, with its rules and its oddities."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Sandbox
from tests.sandbox.k3_client import Body, Client, document, seeded


@pytest.fixture
def k3(sandbox: Sandbox) -> Client:
    return seeded(sandbox)


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


def test_update_says_what_is_wrong_and_changes_nothing(k3: Client) -> None:
    number = k3.row("Save", document())["FBillNo"]
    for data, message in (
        ({"FBillNo": "NO", "Page1": [{}]}, "单据不存在"),
        ({"FBillNo": number, "Page1": [{"FNope": "1"}]}, "字段[FNope]不存在"),
        (
            {"FBillNo": number, "Page1": [{}], "Page2": [{"FItemID": {"FNumber": "NOPE"}}]},
            "第1行字段[FUnitID]不能为空；第1行字段[Fauxqty]不能为空；第1行字段[Fauxprice]不能为空；"
            "第1行字段[Famount]不能为空；第1行物料代码[NOPE]不存在",
        ),
    ):
        row = k3.row("Update", data)
        assert (row["FStatus"], row["FMessage"]) == (False, message)
    assert k3("Update", {"FBillNo": number, "Page1": []})["StatusCode"] == 201
    assert k3("GetDetail", {"FBillNo": number})["Data"]["Page2"][0]["Fauxqty"] == "1"


def test_update_replaces_all_lines(k3: Client) -> None:
    number = k3.row("Save", document(lines=2))["FBillNo"]
    new = document(line={"Fauxqty": "9"})["Page2"]
    assert k3.row("Update", {"FBillNo": number, "Page1": [{}], "Page2": new})["FStatus"] is True
    assert k3.stock("LOVE-2026")["LOVE-2026", "WH-HZ"] == (100, 9, 91)


def test_bodies_that_lack_the_number_are_faild(k3: Client) -> None:
    for action in ("CheckBill", "Delete", "GetDetail", "Update"):
        assert k3(action, {})["StatusCode"] == 201
    assert k3("CheckBill", {"FBillNo": "1", "FCheckDirection": "x"})["StatusCode"] == 201
    assert k3.row("CheckBill", {"FBillNo": "1"})["FMessage"] == "单据不存在"
    assert k3("GetList", {"Top": 5})["StatusCode"] == 201


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
