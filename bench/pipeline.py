"""From a paid callback to reserved, to a product page, and through the whole pipeline.

    python bench/pipeline.py [callbacks] [orders]

Starts the product as a merchant would (embedded PostgreSQL with durable commits, a web process,
worker processes, the sandboxes with two K3 calls at a time) in a throw-away directory and prints:

- the time from sending a signed payment notice to its answer, which is given only after the stock
  is reserved, and to the moment a product page's stream shows the new number (p50, p99)
- orders per second from payment to the warehouse having the order, with one worker process and
  with two, in the same run
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import sqlalchemy as sa

from yinuo.catalog import service as catalog
from yinuo.catalog.model import Sku
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.cli.demo_settings import SHOP, as_toml, demo_tables
from yinuo.cli.up import Family, family, wait_for
from yinuo.connectors.shop.signing import signed_headers
from yinuo.core import clock, config, migrate, postgres
from yinuo.core.db import Database
from yinuo.core.money import Fen
from yinuo.inventory import service as inventory
from yinuo.inventory.model import PhotographLine, PhotoSource, Warehouse
from yinuo.sandbox.wechat_pay import crypto
from yinuo.sandbox.wechat_pay.notices import new_notice_id

WEB_PORT, SANDBOX_PORT = 18700, 18701
WEB, SANDBOX = f"http://127.0.0.1:{WEB_PORT}", f"http://127.0.0.1:{SANDBOX_PORT}"
SKU, PRICE, UNITS = "BENCH-1", 9900, 1_000_000


@contextmanager
def product(home: Path) -> Iterator[tuple[Database, Family, dict[str, dict[str, object]]]]:
    """Give the running product without workers, its database, and its settings."""
    tables = demo_tables(web=WEB, sandbox=SANDBOX, sandbox_port=SANDBOX_PORT, sandbox_url="")
    tables["processes"] = {"stock_every_seconds": 3600.0, "late_payment_seconds": 3600.0}
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
        with family(url) as started:
            started.start("sandbox", "sandbox")
            started.start("web", "web")
            wait_for(f"{SANDBOX}/healthz", started)
            wait_for(f"{WEB}/readyz", started)
            seed(database)
            yield database, started, tables
        database.dispose()


def seed(database: Database) -> None:
    """Put one SKU with plenty of stock into the hub and the stand-ins."""
    line = {"itemCode": SKU, "name": "bench"}
    httpx.put(
        f"{SANDBOX}/control/kingdee/stock",
        json=[{**line, "stockCode": "WH-HZ", "onHand": UNITS}],
    ).raise_for_status()
    httpx.put(
        f"{SANDBOX}/control/qimen/stock",
        json=[{"warehouseCode": "WH-HZ", "itemCode": SKU, "quantity": UNITS}],
    ).raise_for_status()
    with database.transaction() as session:
        catalog.save_skus(session, [Sku(code=SKU, name="bench", price_fen=Fen(PRICE))])
        channels.save_shop(session, Shop(id=SHOP, channel=Channel.MINI_PROGRAM, name="bench"))
        inventory.save_warehouses(
            session, [Warehouse(code="WH-HZ", name="杭州仓", province="浙江省")]
        )
        inventory.apply_photograph(
            session,
            source=PhotoSource.WMS,
            as_of=clock.now(),
            lines=[PhotographLine(sku=SKU, warehouse="WH-HZ", quantity=UNITS)],
            now=clock.now(),
        )


def place(client: httpx.Client, number: str, *, secret: str) -> None:
    """Send a signed order in."""
    body = json.dumps(
        {
            "number": number,
            "version": 1,
            "placed_at": datetime.now(UTC).isoformat(),
            "payment_number": f"P{number}",
            "buyer": {"id": "bench", "nick": "bench"},
            "lines": [
                {"listing": SKU, "quantity": 1, "unit_price_fen": PRICE, "amount_fen": PRICE}
            ],
            "items_fen": PRICE,
            "discount_fen": 0,
            "freight_fen": 0,
            "total_fen": PRICE,
            "receiver": {
                "name": "测试",
                "phone": "19900000001",
                "province": "浙江省",
                "city": "杭州市",
                "district": "西湖区",
                "town": "",
                "detail": "测试路1号",
            },
            "remark": "",
            "status": "placed",
        }
    ).encode()
    path = f"/api/shop/v1/{SHOP}/orders"
    headers = signed_headers("POST", path, body=body, now=clock.now(), secret=secret)
    client.post(
        path, content=body, headers={**headers, "Content-Type": "application/json"}
    ).raise_for_status()


class Notices:
    """Signed and encrypted payment notices, as the provider sends them."""

    def __init__(self, tables: dict[str, dict[str, object]]) -> None:
        self._key = crypto.private_key(str(tables["sandbox.wechat_pay"]["platform_private_key"]))
        self._apiv3 = str(tables["wechat_pay"]["apiv3_key"])
        self._serial = next(iter(tables["wechat_pay"]["platform_keys"]))

    def make(self, number: str) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of a notice that pays an order."""
        plain = {
            "appid": "wx00000000000000aa",
            "mchid": "1900000001",
            "out_trade_no": f"P{number}",
            "transaction_id": f"4200{number}",
            "trade_type": "JSAPI",
            "trade_state": "SUCCESS",
            "trade_state_desc": "",
            "bank_type": "OTHERS",
            "attach": "",
            "success_time": datetime.now(UTC).isoformat(timespec="seconds"),
            "payer": {"openid": "bench"},
            "amount": {
                "total": PRICE,
                "payer_total": PRICE,
                "currency": "CNY",
                "payer_currency": "CNY",
            },
        }
        nonce = os.urandom(6).hex()
        body = json.dumps(
            {
                "id": new_notice_id(),
                "create_time": plain["success_time"],
                "resource_type": "encrypt-resource",
                "event_type": "TRANSACTION.SUCCESS",
                "summary": "",
                "resource": {
                    "original_type": "transaction",
                    "algorithm": "AEAD_AES_256_GCM",
                    "ciphertext": crypto.encrypt(
                        self._apiv3, nonce, "transaction", json.dumps(plain).encode()
                    ),
                    "associated_data": "transaction",
                    "nonce": nonce,
                },
            }
        ).encode()
        moment, once = str(int(time.time())), os.urandom(16).hex()
        return body, {
            "Wechatpay-Timestamp": moment,
            "Wechatpay-Nonce": once,
            "Wechatpay-Serial": self._serial,
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Wechatpay-Signature": crypto.sign(self._key, crypto.signed_text(moment, once, body)),
            "Content-Type": "application/json",
        }


class Page(threading.Thread):
    """A product page's stream: the moment at which each number of sellable units was seen."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: dict[int, float] = {}
        self.is_open = threading.Event()

    def run(self) -> None:
        """Read the stream until the server goes."""
        with suppress(httpx.HTTPError):
            self._read()

    def _read(self) -> None:
        stream = httpx.stream("GET", f"{WEB}/api/public/stock/stream?sku={SKU}", timeout=None)
        with stream as answer:
            for line in answer.iter_lines():
                if line.startswith("data: {"):
                    self.is_open.set()
                    told = json.loads(line[6:])
                    if "sellable" in told:
                        self.seen.setdefault(told["sellable"], time.perf_counter())


def measure_callbacks(notices: Notices, secret: str, count: int) -> None:
    """Print the latency of one callback after another, at the provider and on a page."""
    page = Page()
    page.start()
    page.is_open.wait(10)
    answered, shown = [], []
    with httpx.Client(base_url=WEB) as client:
        for place_number in range(count):
            number = f"L{place_number:08d}"
            place(client, number, secret=secret)
            body, headers = notices.make(number)
            began = time.perf_counter()
            answer = client.post("/callbacks/wechat-pay/main", content=body, headers=headers)
            answered.append(time.perf_counter() - began)
            assert answer.status_code == 204, answer.text
            left = UNITS - place_number - 1
            until = time.monotonic() + 5
            while left not in page.seen and time.monotonic() < until:
                time.sleep(0.0005)
            shown.append(page.seen[left] - began)
    print_latency("callback -> reserved and answered", answered)
    print_latency("callback -> seen on an SSE page  ", shown)


def print_latency(name: str, seconds: list[float]) -> None:
    """Print median and 99th percentile in milliseconds."""
    cut = statistics.quantiles(seconds, n=100)
    print(f"  {name}  p50 {cut[49] * 1000:7.1f} ms   p99 {cut[98] * 1000:7.1f} ms")


def measure_pipeline(
    database: Database, notices: Notices, secret: str, *, series: str, count: int
) -> float:
    """Return orders per second from the first payment until the warehouse has all of them."""
    numbers = [f"{series}{number:08d}" for number in range(count)]
    with httpx.Client(base_url=WEB) as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: place(client, number, secret=secret), numbers))
        made = [notices.make(number) for number in numbers]
        before = sent(database)
        began = time.perf_counter()
        list(
            pool.map(
                lambda one: client.post(
                    "/callbacks/wechat-pay/main", content=one[0], headers=one[1]
                ).raise_for_status(),
                made,
            )
        )
        paid = time.perf_counter() - began
        while sent(database) - before < count:
            time.sleep(0.05)
            if time.perf_counter() - began > 600:
                raise SystemExit(f"only {sent(database) - before} of {count} came through")
    took = time.perf_counter() - began
    print(
        f"  {count} orders: paid and reserved at {count / paid:6.1f}/s,"
        f" with the warehouse at {count / took:6.1f}/s"
    )
    return count / took


def sent(database: Database) -> int:
    """Return how many orders the warehouse has."""
    with database.read() as session:
        return int(
            session.execute(
                sa.text(
                    "SELECT count(*) FROM orders"
                    " WHERE fulfillment_status IN ('in_warehouse', 'shipped')"
                )
            ).scalar_one()
        )


def main() -> None:
    """Run the bench and print."""
    callbacks = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    orders = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    print(
        f"pipeline: {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, load before {os.getloadavg()[0]:.1f};"
        " web, workers, sandboxes and database share the machine"
    )
    with (
        tempfile.TemporaryDirectory(prefix="yinuo-bench-") as directory,
        product(Path(directory)) as (database, started, tables),
    ):
        Path(directory).chmod(0o711)
        notices, secret = Notices(tables), str(tables[f"shop.{SHOP}"]["secret"])
        measure_callbacks(notices, secret, callbacks)
        started.start("worker-1", "worker")
        while sent(database) < callbacks:  # what the callbacks left is carried out first
            time.sleep(0.1)
        print("one worker process:")
        one = measure_pipeline(database, notices, secret, series="A", count=orders)
        started.start("worker-2", "worker")
        time.sleep(5)
        print("two worker processes:")
        two = measure_pipeline(database, notices, secret, series="B", count=orders)
        print(f"  two workers against one: {two / one:.2f}x")
    print(f"load after {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
