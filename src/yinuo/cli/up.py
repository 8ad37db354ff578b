"""`yinuo up`: the whole product as processes of one terminal, started and stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import typer

from yinuo.core import config, migrate, postgres
from yinuo.core.db import Database
from yinuo.core.errors import OutsideUnavailable

START_SECONDS = 60.0


class DidNotStart(OutsideUnavailable):
    """A process of the product ended or did not answer while starting."""

    code = "cli.did_not_start"


@dataclass
class Family:
    """The child processes of one terminal; one that dies by itself is started again."""

    environment: dict[str, str]
    _children: dict[str, tuple[list[str], subprocess.Popen[bytes]]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> None:
        """Start `yinuo …` as a child called `name`."""
        command = [sys.executable, "-m", "yinuo.cli", *arguments]
        # A session of its own: Ctrl-C reaches us, and we stop the children in order.
        child = subprocess.Popen(command, env=self.environment, start_new_session=True)
        self._children[name] = (list(arguments), child)

    def pid(self, name: str) -> int:
        """Return the process id of a child."""
        return self._children[name][1].pid

    def keep_running(self) -> None:
        """Start again what has died; call this now and then."""
        for name, (arguments, child) in list(self._children.items()):
            if child.poll() is not None:
                typer.echo(
                    f"!! {name} 意外退出（{child.returncode}），正在重启 / restarting", err=True
                )
                self.start(name, *arguments)

    def check_alive(self) -> None:
        """Raise DidNotStart when a child has ended."""
        for name, (_, child) in self._children.items():
            if child.poll() is not None:
                raise DidNotStart(process=name, code=child.returncode or 0)

    def stop(self) -> None:
        """Stop all children, the last started first, and wait for each."""
        for _, child in reversed(self._children.values()):
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(signal.SIGTERM)
        for _, child in reversed(self._children.values()):
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


@contextlib.contextmanager
def family(url: str) -> Iterator[Family]:
    """Give a family whose children use this database; all are stopped at the end."""
    started = Family({**os.environ, "YINUO_DATABASE_URL": url})
    try:
        yield started
    finally:
        started.stop()


def wait_for(address: str, started: Family) -> None:
    """Return when an address answers 200; raises DidNotStart."""
    until = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False, timeout=2) as client:
        while time.monotonic() < until:
            started.check_alive()
            with contextlib.suppress(httpx.HTTPError):
                if client.get(address).status_code == 200:
                    return
            time.sleep(0.1)
    raise DidNotStart(process=address)


@contextlib.contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Turn SIGTERM into the same orderly end as Ctrl-C."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def watch(started: Family) -> None:
    """Keep the family running until Ctrl-C."""
    while True:
        time.sleep(1)
        started.keep_running()


def start_product(started: Family, settings: config.CoreSettings, *web: str) -> None:
    """Start the web process and the workers of the settings."""
    started.start("web", "web", *web)
    for number in range(settings.workers):
        started.start(f"worker-{number + 1}", "worker")


def up() -> None:
    """Start the product with your own settings: database, web process and workers.

    Without YINUO_DATABASE_URL a PostgreSQL of its own runs in the data directory. Ctrl-C stops
    everything in order; data stays.
    """
    settings = config.settings()
    typer.echo("==> 数据库 / database")
    with interrupted_by_signals(), postgres.running(settings) as url:
        database = Database(url, pool_size=2)
        migrate.upgrade(database)
        database.dispose()
        with family(url) as started, contextlib.suppress(KeyboardInterrupt):
            typer.echo("==> 网页与工作进程 / web and workers")
            start_product(started, settings)
            wait_for(f"http://127.0.0.1:{settings.port}/readyz", started)
            typer.echo(f"\n一诺已启动 / Yinuo is up: {settings.public_address}")
            typer.echo("还没有账号？/ No account yet?  yinuo user add --help\nCtrl-C 停止 / stops")
            watch(started)
            typer.echo("\n==> 正在停止 / stopping")
