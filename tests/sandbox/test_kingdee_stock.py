"""The K3 stand-in's components, faults, stock, and the tables that SQL reads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from tests.sandbox.conftest import Sandbox, running, until
from tests.sandbox.k3_client import STOCK, Client, document, seeded
from yinuo.core.db import Database
from yinuo.sandbox.kingdee.store.schema import reader_url
from yinuo.sandbox.kingdee.system import Kingdee
from yinuo.sandbox.settings import SandboxSettings


@pytest.fixture
def k3(sandbox: Sandbox) -> Client:
    return seeded(sandbox)


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


def test_what_has_shipped_in_part_is_neither_deleted_nor_opened_again(k3: Client) -> None:
    number = k3.row("Save", document(line={"Fauxqty": "3"}))["FBillNo"]
    k3.row("CheckBill", {"FBillNo": number})
    system = k3.sandbox.kernel.systems["kingdee"]
    assert isinstance(system, Kingdee)
    k3.sandbox.client.put("/control/kingdee/settings", json={"booking_delay_seconds": 0})
    movements = [("LOVE-2026", "WH-HZ", -1), ("NOBODY-KNOWS", "WH-HZ", -1)]
    system.book_later("ship-1", number="YN20261122000001", movements=movements)
    system.accounts.tick()
    assert k3.stock("LOVE-2026")["LOVE-2026", "WH-HZ"] == (99, 2, 97)
    refused = k3.row("CheckBill", {"FBillNo": number, "FCheckDirection": "0"})
    assert (refused["FStatus"], refused["FMessage"]) == (False, "单据已出库，不能反审核")
    k3.row("Save", document("YN2", line={"Fauxqty": "3"}))
    system.book_later("ship-2", number="YN2", movements=movements[:1])
    system.accounts.tick()
    assert k3.row("Delete", {"FBillNo": "SEORD000002"})["FMessage"] == "单据已出库，不能删除"


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
