"""All channels at once, with everything that goes wrong, until the day proves itself.

    python bench/all_channels.py [orders a second] [seconds]

Starts the whole product as a merchant would (durable commits, a web process, two workers, the
sandboxes) and lets buyers order in the own shop, on Douyin, on Pinduoduo and in a group, while

- a fifth of all pushes and payment notices come twice, others late, out of order or never
- the marketplaces answer every fiftieth call with an error, and their tokens end again and again
- Pinduoduo is away for a fifth of the time
- a fiftieth of its orders is under review, which must become a work item and nothing else

Then it waits until nothing is left to do, counts orders against those that were made, lets the
reviews pass, and asks for the day's certificates, which compare orders and money with the
sandboxes' own books: what is lost, doubled or differs is named, and the bench fails. A group has no platform to compare with, so its certificate can be amber at best.
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import httpx
import sqlalchemy as sa

from pipeline import SANDBOX, SANDBOX_PORT, WEB, WEB_PORT
from yinuo.channels import service as channels
from yinuo.cli import demo_seed
from yinuo.cli.demo_catalog import DemoCatalog, demo_catalog
from yinuo.cli.demo_settings import DOUYIN, GROUP, PDD, SHOP, as_toml, demo_tables
from yinuo.cli.up import family, wait_for
from yinuo.core import clock, config, migrate, postgres
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Database

CLIENTS = 48
SHARES = {SHOP: 0.4, DOUYIN: 0.3, PDD: 0.25, GROUP: 0.05}
RECEIVER = {
    "name": "测试收件人",
    "phone": "19900000001",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "town": "",
    "detail": "测试路1号",
}
TOLD_BADLY = [
    {"kind": "duplicate", "probability": 0.2},
    {"kind": "reorder", "probability": 0.1},
    {"kind": "drop", "probability": 0.05},
    {"kind": "delay", "probability": 0.05, "seconds": 3},
]
FAULTS: dict[str, list[dict[str, object]]] = {
    "shop": [{"operation": "orders.push", **one} for one in TOLD_BADLY],
    "wechat-pay": [{"operation": "notify/*", **one} for one in TOLD_BADLY],
    "alipay": [{"operation": "notify/*", **one} for one in TOLD_BADLY],
    "douyin": [
        *({"operation": "push", **one} for one in TOLD_BADLY),
        {"operation": "order.*", "kind": "error", "probability": 0.02},
    ],
    "pinduoduo": [{"operation": "pdd.order.*", "kind": "error", "probability": 0.02}],
    "kingdee": [
        {"operation": "SO/Save", "kind": "lose_answer", "probability": 0.002, "seconds": 1}
    ],
}
AWAY: list[dict[str, object]] = [{"operation": "*", "kind": "drop"}]


@contextmanager
def merchant(home: Path) -> Iterator[tuple[Database, DemoCatalog]]:
    """Give the whole running product of the demo's merchant, with plenty on its shelves."""
    tables = demo_tables(web=WEB, sandbox=SANDBOX, sandbox_port=SANDBOX_PORT, sandbox_url="")
    tables["processes"] = {"late_payment_seconds": 30.0, "settle_seconds": 5.0}
    tables["sandbox.qimen"]["step_seconds"] = 86400.0
    tables["sandbox.kingdee"] |= {"save_seconds_least": 0.0, "save_seconds_most": 0.0}
    os.environ |= {
        "YINUO_DATA_DIR": str(home),
        "YINUO_CONFIG": str(home / "yinuo.toml"),
        "YINUO_PORT": str(WEB_PORT),
        "YINUO_LOG_LEVEL": "ERROR",
    }
    (home / "yinuo.toml").write_text("", encoding="utf-8")
    with postgres.running(config.settings()) as url:
        tables["sandbox"]["database_url"] = url
        (home / "yinuo.toml").write_text(as_toml(tables), encoding="utf-8")
        database = Database(url)
        migrate.upgrade(database)
        goods = demo_catalog()
        demo_seed.seed_hub(database, goods)
        demo_seed.add_accounts(database, home / "accounts.json")
        with family(url) as started:
            started.start("sandbox", "sandbox")
            wait_for(f"{SANDBOX}/healthz", started)
            plenty = [replace(line, quantity=1_000_000) for line in goods.stock]
            demo_seed.seed_sandbox(SANDBOX, goods, plenty)
            started.start("web", "web")
            started.start("worker-1", "worker")
            started.start("worker-2", "worker")
            wait_for(f"{WEB}/readyz", started)
            until(database, lambda there: _has(there, goods), what="for stock", seconds=300)
            yield database, goods
        database.dispose()


def _has(database: Database, goods: DemoCatalog) -> bool:
    counted = one(database, "SELECT count(*) FROM stock_levels WHERE on_hand > 0")
    return counted >= len(goods.stock)


@dataclass
class Buyers:
    """People who order everywhere; what they did is what the hub must come to know."""

    client: httpx.Client
    listings: list[str]
    made: dict[str, list[str]] = field(default_factory=lambda: {SHOP: [], DOUYIN: [], PDD: []})
    reviewed: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    seeds: Iterator[int] = field(default_factory=lambda: itertools.count(int(time.time() * 1000)))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def come(self, shop: str, chance: random.Random) -> None:
        """Let one buyer do what he does; what the stand-in cannot do is counted."""
        try:
            {SHOP: self._own, DOUYIN: self._douyin, PDD: self._pinduoduo}[shop](chance)
        except httpx.HTTPError as error:
            with self.lock:
                self.failed[f"{shop}: {type(error).__name__}"] += 1

    def _own(self, chance: random.Random) -> None:
        lines = [{"listing": chance.choice(self.listings), "quantity": 1}]
        way = chance.choice(["wechat_pay", "alipay"])
        wish = {"lines": lines, "receiver": RECEIVER, "pays_with": way}
        placed = self.client.post("/shop/api/orders", json=wish).raise_for_status().json()
        self._note(SHOP, placed["number"])
        if chance.random() < 0.9:
            path = "/wechat-pay" if way == "wechat_pay" else "/alipay"
            number = {"out_trade_no": placed["payment_number"]}
            self.client.post(f"{path}/buyer/pay", json=number).raise_for_status()

    def _douyin(self, chance: random.Random) -> None:
        pays_later = chance.random() < 0.1
        number = self._made(DOUYIN, "douyin", odd_share=0.0, is_paid=not pays_later)
        if pays_later:
            self.client.post(f"/control/douyin/orders/{number}/pay").raise_for_status()

    def _pinduoduo(self, chance: random.Random) -> None:
        is_reviewed = chance.random() < 0.02
        number = self._made(PDD, "pinduoduo", under_review=is_reviewed)
        if is_reviewed:
            with self.lock:
                self.reviewed.append(number)

    def _made(self, shop: str, system: str, **wish: object) -> str:
        body = {"count": 1, "seed": next(self.seeds), **wish}
        made = self.client.post(f"/control/{system}/orders", json=body).raise_for_status().json()
        number = str(made["numbers"][0])
        self._note(shop, number)
        return number

    def _note(self, shop: str, number: str) -> None:
        with self.lock:
            self.made[shop].append(number)


def load(buyers: Buyers, *, rate: int, seconds: int) -> float:
    """Return the rate reached; tokens end and a marketplace goes away while it lasts."""
    chance = random.Random(2026)
    client = buyers.client
    for system, faults in FAULTS.items():
        fail(client, system, faults)
    talk(client, rate * SHARES[GROUP] * 60, buyers.listings)
    shops = [shop for shop in SHARES if shop != GROUP]
    weights = [SHARES[shop] for shop in shops]
    count = round(rate * seconds * (1 - SHARES[GROUP]))
    with ThreadPoolExecutor(CLIENTS) as pool:
        threading.Thread(target=trouble, args=(client, seconds), daemon=True).start()
        began = time.perf_counter()
        for place in range(count):
            wait = began + place * seconds / count - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            shop = chance.choices(shops, weights)[0]
            pool.submit(buyers.come, shop, random.Random(chance.random()))
        pool.shutdown(wait=True)
        took = time.perf_counter() - began
    talk(client, 0, [])
    for system in FAULTS:
        fail(client, system, [])
    return count / took


def trouble(client: httpx.Client, seconds: float) -> None:
    """End tokens again and again, and let Pinduoduo be away for the third fifth of the time."""
    for fifth in range(5):
        if fifth == 2:
            fail(client, "pinduoduo", AWAY)
        if fifth == 3:
            fail(client, "pinduoduo", FAULTS["pinduoduo"])
        for system in ("douyin", "pinduoduo"):
            client.post(f"/control/{system}/token/end").raise_for_status()
        time.sleep(seconds / 5)


def fail(client: httpx.Client, system: str, faults: list[dict[str, object]]) -> None:
    """Set what goes wrong with a stand-in from now on."""
    path = f"/control/systems/{system}/faults"
    client.put(path, json={"faults": faults}).raise_for_status()


def talk(client: httpx.Client, messages_per_minute: float, goods: list[str]) -> None:
    """Let a group talk so much from now on."""
    plan = {"messages_per_minute": messages_per_minute, "is_running": messages_per_minute > 0}
    body = plan | ({"goods": goods[:80]} if goods else {})
    client.put("/control/wecom/traffic", json=body).raise_for_status()


def one(database: Database, query: str, **values: object) -> int:
    """Return the number that a query counts."""
    with database.read() as session:
        return int(session.execute(sa.text(query), values).scalar_one())


def until(
    database: Database, claim: Callable[[Database], bool], *, what: str, seconds: float
) -> float:
    """Return after how many seconds a claim holds; ends the bench when it does not."""
    began = time.monotonic()
    while not claim(database):
        if time.monotonic() - began > seconds:
            raise SystemExit(f"waited {seconds:.0f} s {what}")
        time.sleep(0.5)
    return time.monotonic() - began


# What is paid and neither held nor short is on its way; what waits in the inbox is not done.
LEFT = (
    "SELECT (SELECT count(*) FROM inbox WHERE state IN ('received', 'failed'))"
    " + (SELECT count(*) FROM orders WHERE payment_status = 'paid' AND hold_count = 0"
    " AND fulfillment_status IN ('waiting', 'reserved', 'sending'))"
)


def has_read(database: Database, moment: datetime) -> bool:
    """Tell whether every shop that is asked for its orders was read up to a moment."""
    with database.read() as session:
        read = [channels.read_until(session, shop) for shop in (SHOP, DOUYIN, PDD)]
    return all(one is not None and one >= moment for one in read)


def compare(database: Database, buyers: Buyers) -> list[str]:
    """Return what is wrong, shop by shop; prints the counts."""
    wrong = []
    for shop, numbers in buyers.made.items():
        with database.read() as session:
            rows = session.execute(
                sa.text("SELECT raw_number FROM orders WHERE shop_id = :shop"), {"shop": shop}
            )
            known = Counter(str(row[0]) for row in rows)
        made = set(numbers)
        lost, doubled = made - set(known), [key for key, many in known.items() if many > 1]
        print(
            f"  {shop:10} made {len(made):6}, here {sum(known.values()):6},"
            f" lost {len(lost)}, doubled {len(doubled)}, strange {len(set(known) - made)}"
        )
        wrong += [f"{shop}: lost {sorted(lost)[:5]}"] if lost else []
        wrong += [f"{shop}: doubled {sorted(doubled)[:5]}"] if doubled else []
    held = one(
        database,
        "SELECT count(DISTINCT o.raw_number) FROM orders AS o JOIN order_holds AS h"
        " ON h.order_id = o.id WHERE o.shop_id = :shop AND h.reason = 'channel_review'"
        " AND h.released_at IS NULL AND o.raw_number = ANY (:numbers)",
        shop=PDD,
        numbers=buyers.reviewed,
    )
    print(f"  under review: made {len(set(buyers.reviewed))}, held with a work item {held}")
    wrong += ["an order under review is not held"] if held != len(set(buyers.reviewed)) else []
    with database.read() as session:
        holds = session.execute(
            sa.text(
                "SELECT o.shop_id, h.reason, count(*) FROM order_holds AS h"
                " JOIN orders AS o ON o.id = h.order_id WHERE h.released_at IS NULL"
                " GROUP BY 1, 2 ORDER BY 1, 2"
            )
        )
        print("  held: " + (", ".join(f"{row[2]} x {row[0]} {row[1]}" for row in holds) or "none"))
    twice = one(
        database,
        "SELECT count(*) FROM (SELECT order_id FROM payments WHERE outcome = 'accepted'"
        " GROUP BY order_id HAVING count(*) > 1) AS twice",
    )
    wrong += [f"{twice} orders with two accepted payments"] if twice else []
    return wrong


def certify(home: Path) -> list[str]:
    """Return what the certificates of today say is wrong; prints their colours and sums."""
    password = json.loads((home / "accounts.json").read_text(encoding="utf-8"))["ops"]
    today = clock.now().astimezone(SHANGHAI).date().isoformat()
    wrong = []
    with httpx.Client(base_url=WEB, timeout=120, headers={"X-Yinuo-Console": "1"}) as web:
        account = {"username": "ops", "password": password}
        web.post("/api/v1/session", json=account).raise_for_status()
        web.post("/api/v1/certificates", json={"day": today}).raise_for_status()
        deadline = time.monotonic() + 900
        while True:
            items = web.get("/api/v1/certificates?days=1").raise_for_status().json()["items"]
            if items and not any(item["is_waiting"] for item in items):
                break
            if time.monotonic() > deadline:
                raise SystemExit("the certificates were not made in 15 minutes")
            time.sleep(2)
        for item in items:
            print(f"  {item['shop_id']:10} {item['colour']:6} {item['doubts']}")
            path = f"/api/v1/certificates/{item['shop_id']}/{today}"
            gaps = web.get(path).raise_for_status().json()["gaps"]
            for (kind, cause), many in Counter((gap["kind"], gap["cause"]) for gap in gaps).items():
                print(f"             {many} x {kind}: {cause}")
            best = "amber" if item["shop_id"] == GROUP else "green"
            if item["colour"] not in {"green", best}:
                wrong.append(f"{item['shop_id']} is {item['colour']}")
    return wrong


def main() -> None:
    """Run the bench and print."""
    rate = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 600
    print(
        f"all channels: {platform.machine()}, {os.cpu_count()} cores, load before"
        f" {os.getloadavg()[0]:.1f}; buyers, web, workers, sandboxes and database share the machine"
    )
    with tempfile.TemporaryDirectory(prefix="yinuo-bench-") as directory:
        home = Path(directory)
        with (
            merchant(home) as (database, goods),
            httpx.Client(base_url=SANDBOX, timeout=60) as client,
        ):
            home.chmod(0o711)
            buyers = Buyers(client, [product.listing for product in goods.products])
            reached = load(buyers, rate=rate, seconds=seconds)
            print(f"  {rate} orders/s for {seconds} s, made {reached:.1f}/s {dict(buyers.failed)}")
            took = until(
                database,
                lambda there: one(there, LEFT) == 0,
                what=f"for the end; left: {one(database, LEFT)}",
                seconds=300 + rate * seconds / 2,
            )
            print(f"  nothing left to do {took:.0f} s after the last order")
            told = clock.now()
            until(database, lambda there: has_read(there, told), what="for pulls", seconds=1800)
            until(database, lambda there: one(there, LEFT) == 0, what="again", seconds=1800)
            wrong = compare(database, buyers)
            for number in buyers.reviewed:
                path = f"/control/pinduoduo/orders/{number}/pass-review"
                client.post(path).raise_for_status()
            passed = clock.now()
            until(database, lambda there: has_read(there, passed), what="for pulls", seconds=1800)
            until(database, lambda there: one(there, LEFT) == 0, what="at last", seconds=1800)
            wrong += certify(home)
    print("  " + ("; ".join(wrong) if wrong else "nothing lost, nothing doubled, all proved"))
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
