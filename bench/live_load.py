"""The load of `live.py`, a process of its own: payment notices at a set rate, and pages that watch.

    python bench/live_load.py plan.json

Reads a plan, does it, and writes what it measured as JSON to standard output. Sends open-loop: a
notice leaves when its time has come, whether or not earlier ones were answered, and its wait is
counted from that time.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONNECTIONS = 64
Notice = tuple[bytes, dict[str, str]]


@dataclass(slots=True)
class Watcher:
    """One page: when it saw each number of sellable units, and how much it was sent."""

    sku: str
    stops_reading: bool = False
    seen: list[tuple[int, float]] = field(default_factory=list)
    writer: asyncio.StreamWriter | None = None

    async def open(self, host: str, port: int) -> None:
        """Open the stream and wait for its first figure."""
        # A small buffer, so that a page that stops reading is felt by the server at once.
        reader, self.writer = await asyncio.open_connection(host, port, limit=4096)
        self.writer.write(
            f"GET /api/public/stock/stream?sku={self.sku} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
        )
        await self._next(reader)
        if not self.stops_reading:
            asyncio.get_running_loop().create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while await self._next(reader):
            pass

    async def _next(self, reader: asyncio.StreamReader) -> bool:
        """Read until a figure was told; False when the server has gone."""
        while line := await reader.readline():
            if line.startswith(b"data: {"):
                told = json.loads(line[6:])
                if "sellable" in told:
                    self.seen.append((told["sellable"], time.monotonic()))
                    return True
        return False


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
