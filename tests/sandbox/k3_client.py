"""A caller of the K3 stand-in, and a document with defaults."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import Sandbox

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


def seeded(sandbox: Sandbox) -> Client:
    """Return a caller of a stand-in that has stock."""
    assert sandbox.client.put("/control/kingdee/stock", json=STOCK).json() == {"kept": 3}
    return Client(sandbox)
