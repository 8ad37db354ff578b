"""`yinuo demo`: the whole product with its sandboxes, a merchant's data and a stream of orders."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from yinuo.cli import demo_seed, demo_settings
from yinuo.cli.demo_catalog import demo_catalog
from yinuo.cli.up import family, interrupted_by_signals, start_product, wait_for, watch
from yinuo.core import config, migrate, postgres
from yinuo.core.db import Database, with_database

SANDBOX_DATABASE = "yinuo_sandbox"


def demo(
    rate: Annotated[
        float, typer.Option(help="Orders a minute that buyers place in the demo shop.")
    ] = 20.0,
    port: Annotated[int, typer.Option(help="Port of the console.")] = demo_settings.WEB_PORT,
    sandbox_port: Annotated[
        int, typer.Option(help="Port of the sandboxes and the demo shop.")
    ] = demo_settings.SANDBOX_PORT,
    reload: Annotated[
        bool, typer.Option("--reload", help="Restart the web process when code changes.")
    ] = False,
) -> None:
    """Start everything: embedded database, sandboxes, web, two workers, and live orders.

    A home-textile merchant with about 400 SKUs and four warehouses; the accounts are printed.
    Ctrl-C stops everything in order; a second start keeps the data.
    """
    began = time.monotonic()
    home = config.settings().data_dir.resolve() / "demo"
    home.mkdir(parents=True, exist_ok=True)
    os.environ["YINUO_DATA_DIR"] = str(home)
    os.environ["YINUO_CONFIG"] = str(home / "yinuo.toml")
    os.environ.setdefault("YINUO_LOG_LEVEL", "WARNING")
    os.environ.setdefault("YINUO_LOG_JSON", "false")
    os.environ["YINUO_PORT"] = str(port)
    os.environ["YINUO_SANDBOX__PORT"] = str(sandbox_port)
    typer.echo("==> 数据库 / database")
    with (
        interrupted_by_signals(),
        contextlib.suppress(KeyboardInterrupt),
        postgres.running(config.settings()) as url,
    ):
        _run(home, url, rate=rate, port=port, sandbox_port=sandbox_port, reload=reload, began=began)
    typer.echo("\n已停止，数据保留在 / stopped, data kept in " + str(home))


def _run(
    home: Path,
    url: str,
    *,
    rate: float,
    port: int,
    sandbox_port: int,
    reload: bool,
    began: float,
) -> None:
    web, stand_ins = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    if not (home / "yinuo.toml").exists():
        demo_settings.write_settings(
            home / "yinuo.toml",
            web_port=port,
            sandbox_port=sandbox_port,
            sandbox_url=_sandbox_database(url),
        )
    os.environ["YINUO_SANDBOX__DATABASE_URL"] = _sandbox_database(url)
    seeded = home / "seeded"
    database = Database(url, pool_size=2)
    migrate.upgrade(database)
    typer.echo("==> 商品、仓库、账号 / catalog, warehouses, accounts")
    if not seeded.exists():
        demo_seed.seed_hub(database, demo_catalog())
    passwords = demo_seed.add_accounts(database, home / "accounts.json")
    database.dispose()
    with family(url) as started:
        typer.echo("==> 沙箱、网页与工作进程 / sandboxes, web and workers")
        started.start("sandbox", "sandbox")
        start_product(started, config.settings(), *(["--reload"] if reload else []))
        wait_for(f"{stand_ins}/healthz", started)
        merchant = demo_catalog()
        if not seeded.exists():
            demo_seed.seed_sandbox(stand_ins, merchant, merchant.stock)
            demo_seed.sprinkle_faults(stand_ins)
            seeded.touch()
        wait_for(f"{web}/readyz", started)
        demo_seed.start_buyers(
            stand_ins,
            orders_per_minute=rate,
            goods=[sku.code for sku in merchant.skus if not sku.is_gift][:80],
        )
        _welcome(web, stand_ins, passwords, seconds=time.monotonic() - began)
        try:
            watch(started)
        finally:
            typer.echo("\n==> 正在停止 / stopping")


def _sandbox_database(url: str) -> str:
    """Return the address of the sandboxes' own database in the same server, made when missing.

    Where an external server does not let us make one, the sandboxes use a schema in the hub's.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        there = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (SANDBOX_DATABASE,)
        ).fetchone()
        if there is None:
            try:
                connection.execute(f"CREATE DATABASE {SANDBOX_DATABASE}")
            except psycopg.errors.InsufficientPrivilege:
                return url
    return with_database(url, SANDBOX_DATABASE)


def _welcome(web: str, shop: str, passwords: dict[str, str], *, seconds: float) -> None:
    lines = [
        "",
        f"一诺演示已就绪（{seconds:.0f} 秒）/ the demo is ready",
        "",
        f"  控制台 / console   {web}",
        f"  小程序商城 / shop  {shop}/shop/",
        "",
        "  账号 / accounts",
        *(
            f"    {username:<8} {passwords[username]}   {name}"
            for username, name, _ in demo_seed.ACCOUNTS
        ),
        "",
        "  Ctrl-C 停止 / stops; 数据会保留 / data is kept",
        "",
    ]
    typer.echo("\n".join(lines))
