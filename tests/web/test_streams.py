"""The ring that live streams are told from: positions, keys, and sockets that take nothing."""

from __future__ import annotations

import asyncio

from starlette.types import Message

from yinuo.web.streams import Reader, Ring, Stream, reset


def entry(ring: Ring, key: str = "k") -> None:
    ring.add([(key, lambda number: f"[{key}{number}]".encode())])


def test_reader_gets_what_lies_behind_its_position_of_its_keys() -> None:
    ring = Ring()
    for key in ("a", "b", "a"):
        entry(ring, key)
    assert ring.after(0, None) == b"[a1][b2][a3]"
    assert ring.after(1, {"a"}) == b"[a3]"
    assert ring.after(3, None) == b""


def test_returning_reader_goes_on_or_is_told_to_start_anew() -> None:
    ring = Ring(length=2)
    for _ in range(4):
        entry(ring)
    assert ring.position_of(f"{ring.epoch}-2") == 2
    assert ring.position_of(f"{ring.epoch}-4") == 4
    for gone in ("other-3", f"{ring.epoch}-1", f"{ring.epoch}-9", "", "x", None):
        assert ring.position_of(gone) is None


def test_reader_that_fell_out_of_the_ring_is_told_to_fetch_all_anew() -> None:
    async def story() -> list[bytes]:
        ring, sent = Ring(length=4), []
        entry(ring)
        stream = Stream(ring, name="test", position=1)
        gate = asyncio.Event()

        async def send(message: Message) -> None:
            sent.append(message.get("body", b""))
            if len(sent) == 2:  # the greeting went out; now this client stops reading for long
                await gate.wait()

        async def receive() -> Message:
            await asyncio.sleep(0.3)
            return {"type": "http.disconnect"}

        task = asyncio.create_task(stream({"type": "http"}, receive, send))
        await asyncio.sleep(0.05)
        for _ in range(10):
            entry(ring)
        gate.set()
        await task
        assert ring.readers == 0
        return [body for body in sent if body] + [reset(ring)]

    *_, last, expected = asyncio.run(story())
    assert last == expected


class Socket(asyncio.Transport):
    """A socket that takes nothing while it is stuck."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[bytes] = []
        self.is_stuck = False
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.taken.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 10**6 if self.is_stuck else 0

    def is_closing(self) -> bool:
        return self.is_closed


def test_who_was_left_behind_is_told_all_of_it_once_the_socket_takes_again() -> None:
    async def story() -> list[list[bytes]]:
        ring, quick, slow, lost = Ring(length=8), Socket(), Socket(), Socket()
        telling = asyncio.create_task(ring.tell_on())
        slow.is_stuck = lost.is_stuck = True
        with (
            ring.telling(Reader(quick, None, 0)),
            ring.telling(Reader(slow, frozenset({"a"}), 0)),
            ring.telling(Reader(lost, None, 0)),
        ):
            for key in ("a", "b", "a"):
                entry(ring, key)
                await asyncio.sleep(0.01)
            slow.is_stuck = False  # nothing more is said, and yet it hears what it missed
            await asyncio.sleep(0.3)
            for _ in range(6):
                entry(ring)
            await asyncio.sleep(0.01)
            lost.is_stuck = False  # what it missed is no longer in the ring
            await asyncio.sleep(0.3)
            quick.is_closed = True
            entry(ring)
            await asyncio.sleep(0.3)
        entry(ring)
        await asyncio.sleep(0.05)
        telling.cancel()
        anew = reset(ring).replace(b"-11\n", b"-9\n")
        return [quick.taken, slow.taken, lost.taken, [anew]]

    quick, slow, lost, (anew,) = asyncio.run(story())
    assert quick[:3] == [b"4\r\n[a1]\r\n", b"4\r\n[b2]\r\n", b"4\r\n[a3]\r\n"]
    assert not any(b"[k10]" in one for one in quick)  # its socket had closed
    assert slow == [b"8\r\n[a1][a3]\r\n"]
    assert lost == [b"%x\r\n%b\r\n" % (len(anew), anew), b"5\r\n[k10]\r\n"]
