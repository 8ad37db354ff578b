"""The load of `live.py`, a process of its own: payment notices at a set rate, and pages that watch.

    python bench/live_load.py plan.json

Reads a plan, does it, and writes what it measured as JSON to standard output. Sends open-loop: a
notice leaves when its time has come, whether or not earlier ones were answered, and its wait is
counted from that time.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONNECTIONS = 64
Notice = tuple[bytes, dict[str, str]]


_FIGURE = re.compile(rb'"sellable":(\d+)')


@dataclass(slots=True)
class Watcher(asyncio.Protocol):
    """One page: when it saw each number of sellable units.

    It reads no more of what it is sent than that: two thousand pages share this process's core.
    """

    sku: str
    stops_reading: bool = False
    seen: list[tuple[int, float]] = field(default_factory=list)
    _first: asyncio.Event = field(default_factory=asyncio.Event)
    _transport: asyncio.Transport | None = None
    _rest: bytes = b""

    async def open(self, host: str, port: int) -> None:
        """Open the stream and wait for its first figure."""
        await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        await self._first.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        if self.stops_reading:
            # A small buffer, so that a page that stops reading is felt by the server at once.
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._transport = transport
        target = f"/api/public/stock/stream?sku={self.sku}"
        transport.write(f"GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Note every figure; a part of a line is kept for what comes next."""
        now = time.monotonic()
        whole, mark, self._rest = (self._rest + data).rpartition(b"\n")
        for found in _FIGURE.findall(whole + mark):
            self.seen.append((int(found), now))
        if self.seen and not self._first.is_set():
            self._first.set()
            if self.stops_reading and self._transport is not None:
                self._transport.pause_reading()


class Sender:
    """Some kept connections to the web process that notices are sent through."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self._free = asyncio.Queue()

    async def open(self) -> None:
        """Open the connections."""
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await asyncio.open_connection(*self._address))

    async def send(self, notice: Notice, due: float) -> float:
        """Return how long after its time a notice was answered."""
        body, headers = notice
        reader, writer = await self._free.get()
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(
            f"POST /callbacks/wechat-pay/main HTTP/1.1\r\nHost: bench\r\n{lines}"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 204 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(head.decode())
        self._free.put_nowait((reader, writer))
        return time.monotonic() - due


async def pay(
    sender: Sender, notices: list[Notice], rate: float
) -> tuple[list[float], list[float]]:
    """Return when each notice was due and how long it waited for its answer."""
    begin = time.monotonic() + 0.2
    dues = [begin + number / rate for number in range(len(notices))]
    tasks = []
    for notice, due in zip(notices, dues, strict=True):
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.append(asyncio.create_task(sender.send(notice, due)))
    return dues, await asyncio.gather(*tasks)


async def carry_out(plan: dict[str, Any]) -> dict[str, object]:
    """Open pages, pay, and return what was measured, in seconds."""
    host, port = plan["host"], plan["port"]
    slow = int(plan["slow"])
    watchers = [
        Watcher(plan["sku"], stops_reading=number < slow) for number in range(plan["watchers"])
    ]
    began = time.monotonic()
    for start in range(0, len(watchers), 100):
        await asyncio.gather(*(one.open(host, port) for one in watchers[start : start + 100]))
    opened = time.monotonic() - began
    sender = Sender(host, port)
    await sender.open()
    notices = [(bytes.fromhex(body), headers) for body, headers in plan["notices"]]
    dues, waits = await pay(sender, notices, plan["rate"])
    await asyncio.sleep(1.5)
    # The k-th payment is seen when a page is told that k units are gone: its wait is from when
    # the k-th notice was due, which is never later than the payment that took that unit.
    seen, complete = [], 0
    for one in watchers[slow:]:
        first, place = one.seen[0][0], 0
        for sellable, at in one.seen:
            gone = first - sellable
            seen += [at - due for due in dues[place:gone]]
            place = max(place, gone)
        complete += place == len(dues)
    return {
        "waits": waits,
        "seen": seen,
        "opened": opened,
        "complete": complete,
        "reading": len(watchers) - slow,
        "took": time.monotonic() - dues[0] - 1.5,
    }


def main() -> None:
    """Do the plan of the first argument."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20_000)), hard))
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(json.dumps(asyncio.run(carry_out(plan))))


if __name__ == "__main__":
    main()
