"""A small merchant with real sandboxes on real ports and the hub in this process."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from tests.sandbox.conftest import free_port, running, serving
from tests.workflows.merchant import SHOP, WAREHOUSES, order_body, receiver, seed
from yinuo.channels.model import ReserveOn
from yinuo.cli.demo_settings import as_toml, demo_tables
from yinuo.connectors.shop.signing import signed_headers
from yinuo.core import clock, durable
from yinuo.core.db import Database
from yinuo.core.outbox import Relay
from yinuo.fulfillment import service as fulfillment
from yinuo.inventory import service as inventory
from yinuo.orders import service as orders
from yinuo.orders.model import Order
from yinuo.sandbox import settings as sandbox_settings
from yinuo.sandbox.kernel import Kernel
from yinuo.web.app import create_app
from yinuo.workflows import rounds, start_up, subscriptions
from yinuo.workflows.hub import Hub, NotStarted, use
from yinuo.workflows.hub import hub as current_hub


@cache
def settings_tables() -> dict[str, dict[str, object]]:
    """Return settings with keys made once for all tests; the addresses are filled in later."""
    tables = demo_tables(
        web="http://hub.invalid", sandbox="http://sandbox.invalid", sandbox_port=1, sandbox_url=""
    )
    # Without a geocoder a doubtful address stays so until the test itself decides about it.
    return {name: table for name, table in tables.items() if name != "amap"}


@dataclass
class World:
    """The running parts of a test."""

    hub: Hub
    database: Database
    web: str
    sandbox: httpx.Client
    client: httpx.Client
    stand_ins: Kernel

    def place(self, number: str, *, lines: list[tuple[str, int]] | None = None, **more) -> dict:
        """Send a signed order in and return the hub's answer."""
        answer = self.send(order_body(number, lines=lines, **more))
        assert answer.status_code in {200, 201, 202}, answer.text
        return answer.json()

    def send(self, body: dict[str, object] | bytes) -> httpx.Response:
        """Send a signed order body in."""
        path = f"/api/shop/v1/{SHOP}/orders"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = signed_headers(
            "POST", path, body=content, now=clock.now(), secret=secret_of(self.hub)
        )
        return self.client.post(
            path, content=content, headers={**headers, "Content-Type": "application/json"}
        )

    def buy(
        self, *lines: tuple[str, int], province: str = "浙江省", pays_with: str = "wechat_pay"
    ) -> str:
        """Place an order in the sandbox's shop as a buyer does, and return its number."""
        answer = self.sandbox.post(
            "/shop/api/orders",
            json={
                "lines": [{"listing": listing, "quantity": many} for listing, many in lines],
                "receiver": receiver(province),
                "pays_with": pays_with,
            },
        )
        assert answer.status_code == 201, answer.text
        number: str = answer.json()["number"]
        self.until(lambda: self.find(number) is not None, what="for the shop's push")
        return number

    def find(self, number: str) -> Order | None:
        """Return an order by its number, or None."""
        with self.database.read() as session:
            return orders.find_order(session, shop_id=SHOP, number=number)

    def pay(self, number: str, **more: object) -> None:
        """Press pay in the buyer's app."""
        shown = self.sandbox.get(f"/shop/api/orders/{number}").json()
        body = {"out_trade_no": shown["payment_number"], **more}
        path = {"wechat_pay": "/wechat-pay", "alipay": "/alipay"}[shown["pays_with"]]
        answer = self.sandbox.post(f"{path}/buyer/pay", json=body)
        assert answer.status_code == 200, answer.text

    def order(self, number: str) -> Order:
        """Return an order by its number."""
        found = self.find(number)
        assert found is not None, number
        return found

    def timeline(self, number: str) -> list[str]:
        """Return the codes of an order's timeline."""
        with self.database.read() as session:
            return list(
                session.execute(
                    sa.text("SELECT code FROM order_timeline WHERE order_id = :id ORDER BY at, id"),
                    {"id": self.order(number).id},
                ).scalars()
            )

    def items(self) -> list[tuple[str, str]]:
        """Return kind and state of all work items."""
        with self.database.read() as session:
            rows = session.execute(
                sa.text("SELECT kind, state FROM work_items ORDER BY created_at")
            )
            return [(row.kind, row.state) for row in rows]

    def items_of(self, subject_id: str) -> list[tuple[str, str]]:
        """Return kind and state of the work items about one thing."""
        with self.database.read() as session:
            rows = session.execute(
                sa.text(
                    "SELECT kind, state FROM work_items WHERE subject_id = :id ORDER BY created_at"
                ),
                {"id": subject_id},
            )
            return [(row.kind, row.state) for row in rows]

    def claimed(self, number: str) -> dict[str, int]:
        """Return units per SKU that an order claims now."""
        with self.database.read() as session:
            found = inventory.find_reservation(session, self.order(number).id, now=clock.now())
        return found.open_units() if found is not None and found.is_held(clock.now()) else {}

    def documents(self, number: str) -> dict[str, str]:
        """Return the state of each document that an order has, by kind."""
        with self.database.read() as session:
            found = fulfillment.load_documents(session, self.order(number).id)
        return {document.kind.value: document.state.value for document in found}

    def atp(self, sku: str) -> int:
        """Return the sellable units of a SKU."""
        with self.database.read() as session:
            return inventory.sellable(session, [sku], now=clock.now())[sku]

    def drift(self) -> list[object]:
        """Return where the counters differ from the ledger or from the claims."""
        with self.database.transaction() as session:
            return list(inventory.reconcile(session, repair=False, now=clock.now()))

    def erp_documents(self, number: str) -> int:
        """Return how many documents the ERP stand-in holds for an order."""
        items = self.sandbox.get(
            "/control/kingdee/documents", params={"number": outside_number(self, number)}
        ).json()["items"]
        return sum(item["count"] for item in items)

    def wms(self, number: str) -> dict[str, object]:
        """Return what the WMS stand-in holds for an order: its hold and its delivery order."""
        code = outside_number(self, number)
        order = self.sandbox.get(f"/control/qimen/orders/{code}")
        hold = self.sandbox.get(f"/control/qimen/holds/{code}")
        return {
            "order": order.json() if order.status_code == 200 else None,
            "hold": hold.json() if hold.status_code == 200 else None,
        }

    def faults(self, system: str, *faults: dict[str, object]) -> None:
        """Put faults on a stand-in in place of those that stood."""
        answer = self.sandbox.put(
            f"/control/systems/{system}/faults", json={"faults": list(faults)}
        )
        assert answer.status_code == 200, answer.text

    def step_warehouse(self, number: str) -> None:
        """Let the warehouse take its next step with an order: accept, print, pick, pack, ship."""
        code = outside_number(self, number)
        answer = self.sandbox.post(f"/control/qimen/orders/{code}/step")
        assert answer.status_code == 200, answer.text

    def ship(self, number: str) -> Order:
        """Let the warehouse pick and ship an order, and return it when the hub knows."""
        for _ in range(8):
            if self.wms(number)["order"]["status"] == "DELIVERED":
                break
            self.step_warehouse(number)
        return self.until_status(number, "shipped")

    def until(self, claim: Callable[[], bool], *, seconds: float = 60.0, what: str = "") -> None:
        """Wait until a claim holds."""
        end = time.monotonic() + seconds
        while not claim():
            if time.monotonic() > end:
                pytest.fail(f"waited too long {what}: {self.items()}")
            time.sleep(0.03)

    def until_status(self, number: str, status: str, *, seconds: float = 60.0) -> Order:
        """Wait until an order has a status, and return it."""
        self.until(
            lambda: self.order(number).status.value == status,
            seconds=seconds,
            what=f"for {status}, timeline {self.timeline(number)}",
        )
        return self.order(number)


def outside_number(world: World, number: str) -> str:
    """Return the number by which the ERP and the WMS know an order."""
    return "YN" + world.order(number).id.rpartition("_")[2].upper()


def secret_of(hub: Hub) -> str:
    """Return the shop's made-up secret."""
    return hub.connectors.shop_secret(SHOP)


def write_settings(path: Path, *, web: str, sandbox: str, database_url: str) -> None:
    """Write the settings file of a test's processes."""
    text = as_toml(settings_tables())
    text = text.replace("http://hub.invalid", web).replace("http://sandbox.invalid", sandbox)
    text = text.replace("settle_seconds = 8.0", "settle_seconds = 1.5\npatient_runs = 2")
    text = text.replace("read_seconds = 6\n", "read_seconds = 1\n")
    text = text.replace("save_seconds_least = 0.3", "save_seconds_least = 0.0")
    text = text.replace("save_seconds_most = 0.8", "save_seconds_most = 0.0")
    text = text.replace("step_seconds = 60.0", "step_seconds = 86400.0")
    text = text.replace("stock_every_seconds = 60.0", "stock_every_seconds = 8640000.0")
    text = text.replace("bills_of_today = true", "bills_of_today = false")
    text = text.replace('database_url = ""', f'database_url = "{database_url}"')
    path.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def world(
    database: Database,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    reserve_on: ReserveOn = ReserveOn.PAYMENT,
    works: bool = True,
) -> Iterator[World]:
    """Give a running world; without `works` nobody carries orders out (a test starts workers).

    Times are shorter than in the product: a lost answer settles in 1.5 seconds, a person is told
    at the second run that is put off.
    """
    settings_file = path / "yinuo.toml"
    monkeypatch.setenv("YINUO_CONFIG", str(settings_file))
    hub_socket = free_port()
    web = f"http://127.0.0.1:{hub_socket.getsockname()[1]}"
    write_settings(settings_file, web=web, sandbox="http://unset.invalid", database_url="")
    stand_ins = sandbox_settings.load()
    with running(stand_ins, database) as sandbox:
        write_settings(settings_file, web=web, sandbox=sandbox.address, database_url=database.url)
        before = shared_hub()
        hub = start_up.share(database)
        with contextlib.ExitStack() as stack:
            stack.enter_context(serving(create_app(hub), hub_socket))
            client = stack.enter_context(httpx.Client(base_url=web, timeout=30))
            seed(database, sandbox.client, reserve_on=reserve_on)
            if works:
                stack.enter_context(working(hub))
                _until_photographed(hub)
            yield World(
                hub=hub,
                database=database,
                web=web,
                sandbox=sandbox.client,
                client=client,
                stand_ins=sandbox.kernel,
            )
        hub.settling.close(timeout=5)
        hub.lane.close(timeout=5)
        hub.connectors.close()
        if before is not None:  # the world of the whole file goes on
            use(before)


def _until_photographed(hub: Hub) -> None:
    """Wait for the stock that workers read when they begin, so that it comes in no test's way."""
    bucket = int(clock.now().timestamp() // hub.settings.stock_every_seconds)
    keys = [f"sync:wms:{warehouse.code}:{bucket}" for warehouse in WAREHOUSES]
    waiting = {*keys, f"sync:erp:{bucket}"}
    end = time.monotonic() + 30
    while waiting and time.monotonic() < end:
        states = {key: durable.state(hub.database, key) for key in waiting}
        waiting = {key for key, one in states.items() if one is None or one.status != "SUCCESS"}
        time.sleep(0.02)
    assert not waiting, waiting


def shared_hub() -> Hub | None:
    """Return what the processes of this program share now, if anything."""
    try:
        return current_hub()
    except NotStarted:
        return None


@contextlib.contextmanager
def working(hub: Hub) -> Iterator[None]:
    """Carry orders out in this process while the block runs."""
    engine = durable.Engine(hub.database, poll_seconds=0.05)
    aside(engine.launch)
    relay = Relay(hub.database, on_dead=subscriptions.tell_dead_event)
    thread = threading.Thread(target=relay.run, daemon=True)
    thread.start()
    stop = threading.Event()
    threads = rounds.run_rounds(hub.database, stop)
    try:
        yield
    finally:
        stop.set()
        relay.stop()
        aside(lambda: engine.stop(drain_seconds=1))
        for one in [thread, *threads]:
            one.join(timeout=10)


def aside(work: Callable[[], object]) -> None:
    """Do something in a thread of its own: a browser test has an event loop in this one."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
