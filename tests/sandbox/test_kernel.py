"""The frame of the sandbox: state, clock, faults and callbacks."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import httpx
import msgspec
import pytest
from starlette.routing import BaseRoute

from tests.sandbox.conftest import FakeHub, Sandbox, running, until
from yinuo.core.db import Database
from yinuo.core.errors import JsonValue
from yinuo.sandbox import app as sandbox_app
from yinuo.sandbox.exchange import Answer, Incoming, json_answer
from yinuo.sandbox.faults import BadFault, Fault, FaultBook, FaultKind
from yinuo.sandbox.kernel import Kernel, route
from yinuo.sandbox.outbound import HubAnswer, Letter, OutgoingRequest, Post
from yinuo.sandbox.settings import SandboxSettings
from yinuo.sandbox.state import State


class Tally(msgspec.Struct, frozen=True):
    number: int = 0


class Counter:
    """The smallest system: counts how often it worked, and can call the hub."""

    name = "counter"
    label = "计数器"
    operations = ("add", "tell")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._tallies = kernel.state.collection(self.name, "tallies", Tally)
        kernel.outbound.register(
            self.name,
            "tell",
            Post(
                build=self.write,
                accepted=lambda answer: answer.status == 200,
                schedule=(15, 15, 30),
                answer_within=1.0,
                settled=self.settled,
            ),
        )
        self.settlements: list[tuple[str, int | None]] = []

    def routes(self) -> list[BaseRoute]:
        kit = self._kernel.kit(self.name, failure=self.failure)
        return [
            route(kit, "/counter/add", "add", self.add),
            route(kit, "/counter/tell", "say", self.tell),
        ]

    def failure(self, _incoming: Incoming, code: str | None) -> Answer:
        return json_answer({"code": code or "BUSY"}, status=503, code=code or "BUSY")

    def add(self, incoming: Incoming) -> Answer:
        tally = self._tallies.update("all", lambda old: Tally((old or Tally()).number + 1))
        return json_answer({"number": tally.number, "said": incoming.body.decode()})

    def tell(self, incoming: Incoming) -> Answer:
        self._kernel.outbound.send(
            self.name,
            "tell",
            address=f"{self._kernel.settings.hub_address}/callbacks/counter",
            content={"text": incoming.body.decode()},
            reference=incoming.body.decode(),
        )
        return json_answer({})

    def write(self, letter: Letter, damage: str | None) -> OutgoingRequest:
        text = f"{letter.content['text']}:{letter.attempt}:{damage or 'whole'}"
        return OutgoingRequest(body=text.encode(), headers={"content-type": "text/plain"})

    def settled(self, letter: Letter, answer: HubAnswer) -> None:
        self.settlements.append((letter.content["text"], answer.status))

    def summary(self) -> dict[str, JsonValue]:
        tally = self._tallies.get("all")
        return {"number": tally.number if tally else 0}


@pytest.fixture(autouse=True)
def _only_the_counter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sandbox_app, "BUILDERS", (Counter,))
    return


def number(sandbox: Sandbox) -> int:
    state = sandbox.client.get("/control/systems/counter/state").json()["state"]
    return int(state["number"])


def add(sandbox: Sandbox, **options: float) -> httpx.Response:
    # A connection of its own: a client may send again by itself on a kept one that was closed.
    return httpx.post(f"{sandbox.address}/counter/add", content=b"x", **options)


def test_racing_updates_lose_nothing(database: Database) -> None:
    tallies = State(database).collection("t", "t", Tally)

    def work() -> None:
        for _ in range(20):
            tallies.update("one", lambda old: Tally((old or Tally()).number + 1))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tallies.get("one") == Tally(160)


def test_two_processes_may_make_the_table_at_once(database: Database) -> None:
    threads = [threading.Thread(target=State, args=(database,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tallies = State(database).collection("t", "t", Tally)
    assert tallies.insert("a", Tally(1)) is True
    assert tallies.insert("a", Tally(2)) is False
    assert tallies.get("a") == Tally(1)
    assert tallies.remove("a") is True
    assert tallies.remove("a") is False


def test_a_failed_change_changes_nothing(database: Database) -> None:
    tallies = State(database).collection("t", "t", Tally)
    tallies.put("a", Tally(7))

    def fail(_old: Tally | None) -> Tally:
        raise LookupError

    with pytest.raises(LookupError):
        tallies.update("a", fail)
    assert tallies.get("a") == Tally(7)


def test_changed_pages_without_gap_or_repeat(database: Database) -> None:
    tallies = State(database).collection("t", "t", Tally)
    for index in range(25):
        tallies.put(f"{index:02d}", Tally(index))
    seen: list[str] = []
    after = None
    while True:
        page = (
            tallies.changed(limit=10) if after is None else tallies.changed(after=after, limit=10)
        )
        if not page:
            break
        seen += [stored.key for stored in page]
        after = (page[-1].updated_at, page[-1].key)
    assert sorted(seen) == [f"{index:02d}" for index in range(25)]
    assert len(seen) == 25
    assert [stored.key for stored in tallies.newest(2)] == ["24", "23"]


def test_times_count_down_exactly_under_a_race(database: Database) -> None:
    book = FaultBook(State(database))
    book.replace("s", [Fault(kind=FaultKind.ERROR, times=10)])
    hits: list[int] = []

    def work() -> None:
        hits.extend(len(book.draw("s", "x")) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(hits) == 10
    assert book.faults("s") == []


def test_probability_and_operation_choose_what_is_hit(database: Database) -> None:
    book = FaultBook(State(database), seed=1)
    book.replace("s", [Fault(kind=FaultKind.ERROR, operation="SO/*", probability=0.3)])
    hits = sum(len(book.draw("s", "SO/Save")) for _ in range(1000))
    assert 250 < hits < 350
    assert sum(len(book.draw("s", "Token/Create")) for _ in range(100)) == 0


@pytest.mark.parametrize(
    "bad", [{"probability": 1.5}, {"times": -1}, {"seconds": -0.1}, {"seconds": 4000.0}]
)
def test_impossible_fault_is_refused_and_the_old_ones_stay(
    database: Database, bad: dict[str, float]
) -> None:
    book = FaultBook(State(database))
    kept = book.replace("s", [Fault(kind=FaultKind.DROP)])
    with pytest.raises(BadFault):
        book.replace("s", [Fault(kind=FaultKind.DROP, **bad)])
    assert book.faults("s") == kept


def test_control_api_refuses_what_it_cannot_read(sandbox: Sandbox) -> None:
    client = sandbox.client
    path = "/control/systems/counter/faults"
    assert client.put(path, content=b"{").status_code == 422
    assert client.put(path, content=b"\xff\xfe").status_code == 422
    assert client.put(path, json={"faults": [{"kind": "explode"}]}).status_code == 422
    wrong = {"kind": "drop", "probability": 2}
    assert client.put(path, json={"faults": [wrong]}).json()["error"]["code"] == "sandbox.bad_fault"
    assert client.put("/control/clock", json={"scale": 0}).status_code == 422
    for part in ("faults", "calls", "state"):
        answer = client.get(f"/control/systems/nobody/{part}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (
            404,
            "sandbox.unknown_system",
        )


def test_without_faults_the_call_is_done_and_noted(sandbox: Sandbox) -> None:
    assert add(sandbox).json() == {"number": 1, "said": "x"}
    [call] = sandbox.calls("counter")
    assert (call["operation"], call["outcome"], call["status"], call["direction"]) == (
        "add",
        "done",
        200,
        "in",
    )


def test_delay_answers_late(sandbox: Sandbox) -> None:
    sandbox.set_faults("counter", {"kind": "delay", "seconds": 0.3, "times": 1})
    started = time.monotonic()
    assert add(sandbox).status_code == 200
    assert time.monotonic() - started >= 0.3
    assert sandbox.faults("counter") == []


def test_error_answers_the_vendors_error_and_does_nothing(sandbox: Sandbox) -> None:
    sandbox.set_faults("counter", {"kind": "error", "code": "FULL", "operation": "add"})
    answer = add(sandbox)
    assert (answer.status_code, answer.json()) == (503, {"code": "FULL"})
    assert number(sandbox) == 0
    assert sandbox.calls("counter")[0]["faults"] == ["error"]


def test_duplicate_does_the_work_twice(sandbox: Sandbox) -> None:
    sandbox.set_faults("counter", {"kind": "duplicate", "times": 1})
    assert add(sandbox).json()["number"] == 2


def test_drop_breaks_the_connection_before_the_work(sandbox: Sandbox) -> None:
    sandbox.set_faults("counter", {"kind": "drop", "times": 1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        add(sandbox)
    assert number(sandbox) == 0
    assert sandbox.calls("counter")[0]["outcome"] == "lost"
    assert add(sandbox).json()["number"] == 1


def test_lost_answer_breaks_the_connection_after_the_work(sandbox: Sandbox) -> None:
    sandbox.set_faults("counter", {"kind": "lose_answer", "times": 1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        add(sandbox)
    assert number(sandbox) == 1


def test_lost_answer_with_seconds_hangs_until_the_caller_gives_up(sandbox: Sandbox) -> None:
    sandbox.set_faults("counter", {"kind": "lose_answer", "seconds": 1, "times": 1})
    with pytest.raises(httpx.ReadTimeout):
        add(sandbox, timeout=0.3)
    assert number(sandbox) == 1


def test_reorder_lets_the_next_call_pass_first(sandbox: Sandbox) -> None:
    sandbox.set_faults("counter", {"kind": "reorder", "seconds": 5, "times": 1})
    answers: list[int] = []
    held = threading.Thread(target=lambda: answers.append(add(sandbox).json()["number"]))
    held.start()
    until(lambda: sandbox.faults("counter") == [])
    assert add(sandbox).json()["number"] == 1
    held.join()
    assert answers == [2]


def tell(sandbox: Sandbox, text: str) -> None:
    assert sandbox.client.post("/counter/tell", content=text.encode()).status_code == 200


def bodies(hub: FakeHub) -> list[str]:
    return [heard.body.decode() for heard in hub.at("/callbacks/counter")]


def test_refused_callback_is_repeated_on_the_scaled_schedule(
    sandbox: Sandbox, hub: FakeHub
) -> None:
    sandbox.client.put("/control/clock", json={"scale": 60})
    hub.answer = lambda _heard: (500, b"")
    tell(sandbox, "a")
    until(lambda: len(bodies(hub)) == 4)
    times = [heard.at for heard in hub.heard]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert bodies(hub) == ["a:0:whole", "a:1:whole", "a:2:whole", "a:3:whole"]
    assert [round(gap, 1) for gap in gaps] == pytest.approx([0.25, 0.25, 0.5], abs=0.15)
    until(lambda: sandbox.kernel.systems["counter"].settlements == [("a", 500)])
    assert sandbox.kernel.outbound.pending("counter") == []


def test_late_answer_counts_as_none(sandbox: Sandbox, hub: FakeHub) -> None:
    sandbox.client.put("/control/clock", json={"scale": 1000})
    hub.delay = 1.3
    tell(sandbox, "a")
    until(lambda: len(bodies(hub)) == 2)
    hub.delay = 0
    until(lambda: sandbox.kernel.systems["counter"].settlements == [("a", 200)])


def test_callbacks_can_be_doubled_damaged_dropped_and_unheard(
    sandbox: Sandbox, hub: FakeHub
) -> None:
    sandbox.client.put("/control/clock", json={"scale": 1000})
    for kind, expected in (
        ("duplicate", ["a:0:whole", "a:0:whole"]),
        ("error", ["a:0:damaged", "a:1:whole"]),
        ("drop", ["a:1:whole"]),
        ("lose_answer", ["a:0:whole", "a:1:whole"]),
    ):
        hub.heard.clear()
        sandbox.set_faults("counter", {"kind": kind, "operation": "tell", "times": 1})
        tell(sandbox, "a")
        until(lambda wanted=expected: bodies(hub) == wanted)
        until(lambda: sandbox.kernel.outbound.pending("counter") == [])


def test_reordered_callback_is_overtaken(sandbox: Sandbox, hub: FakeHub) -> None:
    fault = {"kind": "reorder", "operation": "tell", "times": 1, "seconds": 0.5}
    sandbox.set_faults("counter", fault)
    tell(sandbox, "first")
    until(lambda: sandbox.faults("counter") == [])
    tell(sandbox, "second")
    until(lambda: bodies(hub) == ["second:0:whole", "first:0:whole"])


def test_restart_keeps_state_faults_and_waiting_callbacks(
    settings: SandboxSettings, database: Database, hub: FakeHub
) -> None:
    hub.answer = lambda _heard: (500, b"")
    with running(settings, database) as sandbox:
        add(sandbox)
        sandbox.set_faults("counter", {"kind": "error", "operation": "nothing"})
        tell(sandbox, "a")
        until(lambda: len(sandbox.kernel.outbound.pending("counter")) == 1)
        until(lambda: sandbox.kernel.outbound.pending("counter")[0].attempt == 1)
    hub.answer = lambda _heard: (200, b"")
    with running(settings, database) as sandbox:
        assert number(sandbox) == 1
        assert [fault["operation"] for fault in sandbox.faults("counter")] == ["nothing"]
        assert [letter.attempt for letter in sandbox.kernel.outbound.pending("counter")] == [1]
        sandbox.client.put("/control/clock", json={"scale": 10_000})
        until(lambda: bodies(hub) == ["a:0:whole", "a:1:whole"])


def test_clock_never_jumps_when_its_scale_changes(sandbox: Sandbox) -> None:
    scaled = sandbox.kernel.clock
    before = scaled.now()
    scaled.set_scale(3600)
    assert 0 <= scaled.now() - before < 600
    time.sleep(0.1)
    assert scaled.now() - before >= 360
    assert scaled.real_seconds_until(scaled.now() + 3600) == pytest.approx(1.0, abs=0.05)


def test_clock_goes_on_where_it_was_after_a_restart(database: Database) -> None:
    with running(SandboxSettings(clock_scale=100_000), database) as sandbox:
        until(lambda: sandbox.kernel.clock.now() - time.time() > 10_000)
        before = sandbox.kernel.clock.now()
    with running(SandboxSettings(clock_scale=100_000), database) as sandbox:
        assert sandbox.kernel.clock.now() > before
